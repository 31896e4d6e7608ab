#include "sql/class.h"
#include "base/buf.h"
#include "sql/class_define.h"
#include "sql/class_head.h"
#include "sql/class_scan.h"
#include "sql/class_set.h"
#include "sql/kill.h"
#include "sql/lexer.h"
#include "sql/program.h"

#include <strings.h>

const char *const mi_class_names[MI_CLASSES] = {
    [MI_CLASS_EMPTY] = "empty",
    [MI_CLASS_READ] = "read",
    [MI_CLASS_DIAGNOSTICS] = "diagnostics",
    [MI_CLASS_BEGIN] = "begin",
    [MI_CLASS_COMMIT] = "commit",
    [MI_CLASS_ROLLBACK] = "rollback",
    [MI_CLASS_SAVEPOINT] = "savepoint",
    [MI_CLASS_SET] = "set",
    [MI_CLASS_USE] = "use",
    [MI_CLASS_LOAD_LOCAL] = "load local",
    [MI_CLASS_KILL] = "kill",
    [MI_CLASS_DEFINITION] = "definition",
    [MI_CLASS_ACCOUNT] = "account",
    [MI_CLASS_GLOBAL] = "global",
    [MI_CLASS_WRITE] = "write",
};

/* ---- Reads ---- */

static bool is_pure(const struct mi_scan *scan)
{
	return !scan->bad && !scan->several && !scan->executable && !scan->impure && !scan->call &&
	       !scan->user_var && !scan->user_lock;
}

/* Begins as a read does. */
static void read_query(struct mi_head *head)
{
	const struct mi_scan *scan = head->scan;
	struct mi_class_kind *kind = head->kind;

	if (is_pure(scan) && scan->asks && !scan->from) {
		kind->class = MI_CLASS_DIAGNOSTICS;
	} else if (is_pure(scan) && !scan->asks && !scan->names_other && !head->rules->system_db) {
		kind->class = MI_CLASS_READ;
	}
	kind->harmless = !scan->bad && !scan->several && !scan->executable && !scan->changes &&
	                 !scan->into && !scan->assigns && !scan->call && !scan->user_lock;
	if (scan->assigns || (scan->into && scan->user_var))
		kind->pins |= MI_CLASS_PIN_STATE;
}

/* The whole of a SELECT or DO may be RELEASE_ALL_LOCKS(). */
static void read_release_all(struct mi_head head)
{
	if (mi_head_take(&head, "RELEASE_ALL_LOCKS") && mi_head_take_punct(&head, '(') &&
	    mi_head_take_punct(&head, ')') && mi_head_ends(&head))
		head.kind->unpins |= MI_CLASS_PIN_USER_LOCK;
}

static void read_select(struct mi_head *head)
{
	struct mi_head ahead = *head;

	read_query(head);
	read_release_all(ahead);
}

/* Of SHOW little is a read: names and settings differ from server to server. */
static void read_show(struct mi_head *head)
{
	static const char *const diagnostics[] = {"WARNINGS", "ERRORS", NULL};
	static const char *const kinds[] = {"COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS", NULL};

	head->kind->harmless = !head->scan->bad && !head->scan->several &&
	                       !head->scan->executable && !head->scan->call;
	(void)mi_head_take(head, "EXTENDED");
	(void)mi_head_take(head, "FULL");
	if (mi_head_take_any(head, kinds)) {
		read_query(head);
		return;
	}
	if (mi_head_take(head, "COUNT") && mi_head_take_punct(head, '(') &&
	    mi_head_take_punct(head, '*'))
		(void)mi_head_take_punct(head, ')');
	if (!mi_head_take_any(head, diagnostics))
		return;
	head->kind->asks |= MI_CLASS_ASK_LAST;
	if (!head->scan->several)
		head->kind->class = MI_CLASS_DIAGNOSTICS;
}

static void read_get(struct mi_head *head)
{
	(void)mi_head_take(head, "CURRENT");
	if (!mi_head_take(head, "DIAGNOSTICS"))
		return;
	head->kind->pins |= MI_CLASS_PIN_STATE;
	head->kind->asks |= MI_CLASS_ASK_LAST;
	if (!head->scan->several)
		head->kind->class = MI_CLASS_DIAGNOSTICS;
}

/* ---- Transactions ---- */

static void read_begin(struct mi_head *head)
{
	(void)mi_head_take(head, "WORK");
	if (mi_head_ends(head))
		head->kind->class = MI_CLASS_BEGIN;
}

static void read_start(struct mi_head *head)
{
	struct mi_class_kind *kind = head->kind;

	if (!mi_head_take(head, "TRANSACTION")) {
		kind->class = MI_CLASS_GLOBAL; /* START REPLICA... */
		kind->verb = "START";
		return;
	}
	do {
		if (mi_head_take(head, "READ")) {
			kind->read_only |= mi_head_take(head, "ONLY");
			kind->read_write |= mi_head_take(head, "WRITE");
		} else if (mi_head_take(head, "WITH") && mi_head_take(head, "CONSISTENT")) {
			kind->snapshot |= mi_head_take(head, "SNAPSHOT");
		}
	} while (mi_head_take_punct(head, ','));
	kind->class = MI_CLASS_BEGIN;
}

/* [WORK] [AND [NO] CHAIN] [[NO] RELEASE], and the end; else false. */
static bool take_completion(struct mi_head *head, bool *chain, bool *release)
{
	bool no;

	*chain = false;
	(void)mi_head_take(head, "WORK");
	if (mi_head_take(head, "AND")) {
		no = mi_head_take(head, "NO");
		*chain = mi_head_take(head, "CHAIN") && !no;
	}
	no = mi_head_take(head, "NO");
	*release = mi_head_take(head, "RELEASE") && !no;
	return mi_head_ends(head);
}

static void read_completion(struct mi_head *head, enum mi_class class)
{
	struct mi_class_kind *kind = head->kind;

	if (take_completion(head, &kind->chain, &kind->release))
		kind->class = class;
}

static void read_commit(struct mi_head *head)
{
	read_completion(head, MI_CLASS_COMMIT);
}

static void read_rollback(struct mi_head *head)
{
	struct mi_head ahead = *head;

	(void)mi_head_take(&ahead, "WORK");
	if (mi_head_take(&ahead, "TO"))
		head->kind->class = MI_CLASS_SAVEPOINT;
	else
		read_completion(head, MI_CLASS_ROLLBACK);
}

static void read_savepoint(struct mi_head *head)
{
	head->kind->class = MI_CLASS_SAVEPOINT;
}

static void read_release(struct mi_head *head)
{
	if (mi_head_take(head, "SAVEPOINT"))
		head->kind->class = MI_CLASS_SAVEPOINT;
}

static void read_xa(struct mi_head *head)
{
	static const struct {
		const char *word;
		unsigned pins, unpins;
	} steps[] = {{"START", MI_CLASS_PIN_XA, 0},
	             {"BEGIN", MI_CLASS_PIN_XA, 0},
	             {"COMMIT", 0, MI_CLASS_PIN_XA},
	             {"ROLLBACK", 0, MI_CLASS_PIN_XA},
	             {"END", 0, 0},
	             {"PREPARE", 0, 0}};
	struct mi_class_kind *kind = head->kind;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (mi_head_take(head, steps[i].word)) {
			kind->object = steps[i].word;
			kind->pins |= steps[i].pins;
			kind->unpins |= steps[i].unpins;
			kind->rest = mi_lexer_before(&head->lexer, &head->token);
			return;
		}
}

/* ---- What stays with the session ---- */

static void read_lock(struct mi_head *head)
{
	static const char *const tables[] = {"TABLES", "TABLE", NULL};

	head->kind->pins |=
	    mi_head_take_any(head, tables) ? MI_CLASS_PIN_LOCK_TABLES : MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_unlock(struct mi_head *head)
{
	static const char *const tables[] = {"TABLES", "TABLE", NULL};

	if (mi_head_take_any(head, tables))
		head->kind->unpins |= MI_CLASS_PIN_LOCK_TABLES | MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_flush(struct mi_head *head)
{
	bool holds = false;

	while (!mi_head_ends(head) && head->token.kind != MI_LEX_BAD) {
		holds |= mi_head_at(head, "WITH") || mi_head_at(head, "FOR");
		mi_head_step(head);
	}
	head->kind->class = MI_CLASS_GLOBAL;
	head->kind->verb = "FLUSH";
	if (holds)
		head->kind->pins |= MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_backup(struct mi_head *head)
{
	head->kind->class = MI_CLASS_GLOBAL;
	head->kind->verb = "BACKUP";
	head->kind->pins |= MI_CLASS_PIN_FLUSH_LOCK;
}

/* HANDLER table OPEN [[AS] alias]; HANDLER name CLOSE */
static void read_handler(struct mi_head *head)
{
	struct mi_class_kind *kind = head->kind;

	kind->more_names = !mi_head_add_name(head);
	if (mi_head_take(head, "CLOSE")) {
		kind->releases |= MI_CLASS_PIN_HANDLER;
	} else if (mi_head_take(head, "OPEN")) {
		kind->pins |= MI_CLASS_PIN_HANDLER;
		(void)mi_head_take(head, "AS");
		if (mi_head_ends(head))
			return;
		kind->name_count = 0; /* the alias instead */
		kind->more_names = !mi_head_add_name(head);
	}
}

/* What a text in it, or the statements within it, do. */
static void read_inner(struct mi_head *head, const struct mi_lexer *begin)
{
	struct mi_class_kind *kind = head->kind;
	struct mi_program_facts facts = {0};

	mi_program_read(*begin, &facts);
	kind->pins |= facts.pins;
	kind->defines |= facts.defines;
	kind->redefines |= facts.defines || facts.hidden;
	kind->hidden |= facts.hidden;
	kind->prepares |= facts.prepares;
}

/* PREPARE and EXECUTE: head is behind the word. */
static void read_state(struct mi_head *head)
{
	struct mi_lexer begin = head->first;

	head->kind->pins |= MI_CLASS_PIN_STATE;
	read_inner(head, &begin);
}

/* OUT parameters, EXECUTE ... USING aside: a variable in what is not a query is likely set. */
static void read_sets_variables(struct mi_head *head)
{
	if (head->scan->user_var)
		head->kind->pins |= MI_CLASS_PIN_STATE;
}

static void read_do(struct mi_head *head)
{
	read_sets_variables(head);
	read_release_all(*head);
}

static void read_load(struct mi_head *head)
{
	static const char *const kinds[] = {"DATA", "XML", NULL};
	static const char *const priorities[] = {"LOW_PRIORITY", "CONCURRENT", NULL};

	if (!mi_head_take_any(head, kinds))
		return;
	(void)mi_head_take_any(head, priorities);
	if (mi_head_take(head, "LOCAL"))
		head->kind->class = MI_CLASS_LOAD_LOCAL;
	read_sets_variables(head);
}

/* ---- Names, numbers ---- */

static void read_use(struct mi_head *head)
{
	if (mi_head_add_name(head) && mi_head_ends(head) &&
	    head->kind->names[0].db.kind == MI_LEX_END)
		head->kind->class = MI_CLASS_USE;
}

static void read_kill(struct mi_head *head)
{
	struct mi_class_kind *kind = head->kind;

	kind->kill_id = mi_head_kill(head, &kind->kill_query);
	kind->class = kind->kill_id ? MI_CLASS_KILL : MI_CLASS_GLOBAL;
	kind->verb = "KILL";
}

/* ---- The server ---- */

static void read_account(struct mi_head *head)
{
	head->kind->class = MI_CLASS_ACCOUNT;
	head->kind->verb = "GRANT";
}

static void read_global(struct mi_head *head)
{
	head->kind->class = MI_CLASS_GLOBAL;
}

/* ANALYZE, CHECK, OPTIMIZE, REPAIR of tables; MariaDB's ANALYZE runs any statement. */
static void read_care(struct mi_head *head)
{
	static const char *const words[] = {"NO_WRITE_TO_BINLOG", "LOCAL", NULL};
	static const char *const tables[] = {"TABLE", "TABLES", "VIEW", NULL};

	(void)mi_head_take_any(head, words);
	if (mi_head_take_any(head, tables))
		head->kind->class = MI_CLASS_GLOBAL;
}

static void read_head(struct mi_head *head);

/* MariaDB's SET STATEMENT setting=value, ... FOR statement: its class is WRITE, and it leaves what
 * the statement leaves. */
static void read_set_statement(struct mi_head *head)
{
	static const char *const plain[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};
	struct mi_class_kind one = {.class = MI_CLASS_WRITE, .verb = "", .object = ""};
	struct mi_class_kind *kind = head->kind;
	const struct mi_scan *scan = head->scan;
	struct mi_head inner;
	unsigned depth = 0;

	while (!mi_head_ends(head) && head->token.kind != MI_LEX_BAD &&
	       (depth > 0 || !mi_head_at(head, "FOR"))) {
		depth += mi_lexeme_is_punct(&head->token, '(');
		depth -= depth > 0 && mi_lexeme_is_punct(&head->token, ')');
		mi_head_step(head);
	}
	inner = *head;
	inner.kind = &one;
	if (mi_head_take(&inner, "FOR"))
		read_head(&inner);
	kind->verb = "SET";
	kind->pins |= one.pins;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		kind->for_itself |= strcmp(one.verb, plain[i]) == 0;
	/* before the parenthesis of INSERT INTO t (column) stands no function */
	kind->for_itself &= !(scan->program && strcmp(one.verb, "SELECT") == 0) && !scan->several &&
	                    !scan->executable && !scan->bad;
	if (!kind->for_itself)
		kind->pins |= MI_CLASS_PIN_STATE;
}

static void read_set(struct mi_head *head)
{
	struct mi_set_facts facts;
	struct mi_class_kind *kind = head->kind;
	struct mi_lexer settings = mi_lexer_before(&head->lexer, &head->token);

	if (mi_head_take(head, "STATEMENT")) {
		read_set_statement(head);
		return;
	}
	mi_set_read(settings, head->rules, &facts);
	kind->settings = settings;
	kind->class = facts.class;
	kind->pins |= facts.pins;
	kind->next_only = facts.next_only;
	kind->trackers = facts.trackers;
	kind->verb = "SET";
}

/* ---- By the first word ---- */

static const struct {
	const char *word;
	void (*read)(struct mi_head *head);
} first_words[] = {
    {"SELECT", read_select},
    {"SET", read_set},
    {"INSERT", read_sets_variables},
    {"UPDATE", read_sets_variables},
    {"DELETE", read_sets_variables},
    {"COMMIT", read_commit},
    {"BEGIN", read_begin},
    {"ROLLBACK", read_rollback},
    {"START", read_start},
    {"WITH", read_query},
    {"SHOW", read_show},
    {"USE", read_use},
    {"CALL", read_sets_variables},
    {"EXECUTE", read_state},
    {"PREPARE", read_state},
    {"TABLE", read_query},
    {"VALUES", read_query},
    {"DESC", read_query},
    {"DESCRIBE", read_query},
    {"EXPLAIN", read_query},
    {"SAVEPOINT", read_savepoint},
    {"RELEASE", read_release},
    {"LOAD", read_load},
    {"KILL", read_kill},
    {"CREATE", mi_define_create},
    {"ALTER", mi_define_alter},
    {"DROP", mi_define_drop},
    {"RENAME", mi_define_rename},
    {"TRUNCATE", mi_define_truncate},
    {"LOCK", read_lock},
    {"UNLOCK", read_unlock},
    {"FLUSH", read_flush},
    {"HANDLER", read_handler},
    {"XA", read_xa},
    {"GET", read_get},
    {"GRANT", read_account},
    {"REVOKE", read_account},
    {"BACKUP", read_backup},
    {"DO", read_do},
    {"ANALYZE", read_care},
    {"CHECK", read_care},
    {"OPTIMIZE", read_care},
    {"REPAIR", read_care},
    {"PURGE", read_global},
    {"RESET", read_global},
    {"CHANGE", read_global},
    {"STOP", read_global},
    {"INSTALL", read_global},
    {"UNINSTALL", read_global},
    {"SHUTDOWN", read_global},
    {"RESTART", read_global},
    {"CLONE", read_global},
    {"BINLOG", read_global},
    {"CACHE", read_global},
};

/* A compound statement, which MariaDB takes from clients. */
static bool is_compound(const struct mi_head *head)
{
	static const char *const words[] = {"BEGIN",  "IF",  "CASE",    "LOOP", "WHILE",
	                                    "REPEAT", "FOR", "DECLARE", NULL};
	struct mi_lexer ahead = head->first;
	struct mi_lexeme first = mi_lex_next(&ahead), colon = mi_lex_next(&ahead);

	return mi_lexeme_is_one_of(&first, words) ||
	       ((first.kind == MI_LEX_WORD || first.kind == MI_LEX_NAME) &&
	        mi_lexeme_is_punct(&colon, ':'));
}

static void read_head(struct mi_head *head)
{
	struct mi_class_kind *kind = head->kind;

	while (mi_head_take_punct(head, '('))
		;
	head->first = mi_lexer_before(&head->lexer, &head->token);
	for (size_t i = 0; i < sizeof first_words / sizeof *first_words; i++) {
		if (!mi_head_take(head, first_words[i].word))
			continue;
		kind->verb = first_words[i].word;
		first_words[i].read(head);
		break;
	}
	kind->compound = kind->class == MI_CLASS_WRITE && is_compound(head);
	if (kind->compound)
		read_inner(head, &head->first);
}

/* What a command is when one of its statements is. */
static void note_statement(struct mi_class_kind *all, const struct mi_class_kind *one,
                           const struct mi_scan *scan)
{
	static const char *const programs[] = {"CALL", "EXECUTE", "DO", "BEGIN"};
	static const char *const queries[] = {"SELECT", "WITH", "TABLE", "VALUES", "SHOW"};

	all->defines |=
	    (one->class == MI_CLASS_DEFINITION && !one->temporary && !one->keys) || one->defines;
	all->redefines |= mi_define_redefines(one) || one->redefines;
	all->hidden |= one->hidden;
	all->prepares |= one->prepares;
	all->sets |= strcmp(one->verb, "SET") == 0 || strcmp(one->verb, "USE") == 0;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		all->runs_program |=
		    one->class == MI_CLASS_WRITE && strcmp(one->verb, programs[i]) == 0;
	all->runs_program |= one->compound;
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		if (strcmp(one->verb, queries[i]) != 0)
			continue;
		all->runs_program |= scan->program;
		all->makes_no_id = !scan->program && !scan->sets_id && !scan->several &&
		                   !scan->executable && !scan->bad;
	}
}

static bool next_statement(struct mi_head *head)
{
	while (head->token.kind != MI_LEX_END && head->token.kind != MI_LEX_BAD) {
		if (!mi_head_take_punct(head, ';'))
			mi_head_step(head);
		else if (!mi_head_ends(head))
			return true;
	}
	return false;
}

/* The others of several: what they leave behind is the command's. */
static void read_others(struct mi_head *head)
{
	struct mi_class_kind *all = head->kind;
	bool local = all->class == MI_CLASS_LOAD_LOCAL;

	while (next_statement(head)) {
		struct mi_class_kind one = {.class = MI_CLASS_WRITE, .verb = "", .object = ""};
		struct mi_head other = *head;

		other.kind = &one;
		read_head(&other);
		all->pins |= one.pins;
		all->unpins &= one.unpins;
		local |= one.class == MI_CLASS_LOAD_LOCAL;
		note_statement(all, &one, head->scan);
		if (mi_define_has_body(&one))
			break;
	}
	all->several = true;
	all->class = local ? MI_CLASS_LOAD_LOCAL : MI_CLASS_WRITE;
}

/* Of text that cannot be taken apart. */
static bool may_be_anything(struct mi_span text, const struct mi_class_rules *rules)
{
	return mi_scan_has(text, ";") || !mi_class_is_of_rows(text, rules);
}

/* A query that no lexer understands (some client asks SELECT $$ at its login), but in which nothing
 * can be called, stored or follow. */
static bool is_bare_query(struct mi_span text, const struct mi_class_kind *kind)
{
	static const char *const more[] = {"(", ";", "@", "/*", "INTO", "NEXT"};

	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (mi_scan_has(text, more[i]))
			return false;
	return strcmp(kind->verb, "SELECT") == 0;
}

void mi_class_read(struct mi_span text, const struct mi_class_rules *rules,
                   struct mi_class_kind *kind)
{
	struct mi_lexer lexer = mi_lexer_for(text, rules->modes, rules->charset, rules->mariadb,
	                                     rules->executes ? 0 : rules->version);
	struct mi_lexer all = lexer;
	struct mi_scan scan;
	struct mi_head head = {.lexer = lexer, .rules = rules, .scan = &scan, .kind = kind};

	*kind = (struct mi_class_kind){.class = MI_CLASS_WRITE, .verb = "", .object = ""};
	mi_scan_read(&all, rules, false, &scan);
	mi_head_step(&head);
	while (mi_head_take_punct(&head, ';'))
		;
	if (head.token.kind == MI_LEX_END) {
		kind->class = MI_CLASS_EMPTY;
		return;
	}
	read_head(&head);
	note_statement(kind, kind, &scan);
	if (scan.several && !mi_define_has_body(kind))
		read_others(&head);
	kind->renames_db = scan.names_other;
	kind->selects = scan.select;
	if (!mi_define_has_body(kind)) /* a body asks when it is run */
		kind->asks |= scan.asks_first;
	if (scan.bad) {
		kind->hidden |= may_be_anything(text, rules);
		kind->pins |= mi_scan_feared_pins(text);
		kind->asks |= mi_scan_feared_asks(text);
		kind->harmless = is_bare_query(text, kind);
	}
	if (scan.user_lock)
		kind->pins |= MI_CLASS_PIN_USER_LOCK;
	/* in a SET it may be a plain assignment: sql/class_set.c has looked at the values */
	if (scan.assigns && kind->class != MI_CLASS_SET && kind->class != MI_CLASS_GLOBAL)
		kind->pins |= MI_CLASS_PIN_STATE;
}

/* ---- Without a class ---- */

enum mi_class mi_class_end(struct mi_span text)
{
	struct mi_head head = {.lexer = mi_lexer(text, 0, MI_LEX_UTF8)};
	enum mi_class class = MI_CLASS_WRITE;
	bool chain, release;

	if (!mi_head_may_begin(text, 'C') && !mi_head_may_begin(text, 'R'))
		return MI_CLASS_WRITE;
	mi_head_step(&head);
	if (mi_head_take(&head, "COMMIT"))
		class = MI_CLASS_COMMIT;
	else if (mi_head_take(&head, "ROLLBACK"))
		class = MI_CLASS_ROLLBACK;
	if (class == MI_CLASS_WRITE || !take_completion(&head, &chain, &release) || chain ||
	    release || !mi_head_is_last(&head))
		return MI_CLASS_WRITE;
	return class;
}

/* Oracle's mode makes other statements of the words, but not other words. */
bool mi_class_is_of_rows(struct mi_span text, const struct mi_class_rules *rules)
{
	static const char *const words[] = {"SELECT", "INSERT", "UPDATE",   "DELETE", "REPLACE",
	                                    "WITH",   "SHOW",   "EXPLAIN",  "SET",    "LOAD",
	                                    "COMMIT", "DO",     "ROLLBACK", "USE",    NULL};
	struct mi_head head = {.lexer =
	                           mi_lexer_for(text, rules->modes & ~(unsigned)MI_LEX_UNKNOWN_MODE,
	                                        rules->charset, rules->mariadb, rules->version)};

	mi_head_step(&head);
	while (mi_head_take_punct(&head, '('))
		;
	return mi_head_take_any(&head, words);
}

bool mi_class_is_plain(struct mi_span text)
{
	static const char *const often[] = {"SELECT ", "INSERT ", "UPDATE ", "DELETE ", "COMMIT"};
	bool plain = false;

	for (size_t i = 0; i < sizeof often / sizeof *often && !plain; i++)
		plain = text.len >= strlen(often[i]) &&
		        strncasecmp(text.data, often[i], strlen(often[i])) == 0;
	for (size_t i = 0; i < text.len && plain; i++) {
		char c = text.data[i];

		plain = c != '@' && c != ';';
		if ((c | 0x20) == 'l' && text.len - i >= 3 && (text.data[i + 1] | 0x20) == 'o' &&
		    (text.data[i + 2] | 0x20) == 'c')
			plain = false; /* LOCK, LOCAL */
	}
	return plain;
}
