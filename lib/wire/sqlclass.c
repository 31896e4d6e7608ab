#include "wire/sqlclass.h"
#include "wire/sqlscan.h"
#include "wire/sqlset.h"

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

/* One statement, from its first word on. */
struct head {
	struct mi_lexer lexer; /* behind token */
	struct mi_lexeme token;
	const struct mi_class_rules *rules;
	const struct mi_scan *scan; /* of the whole text */
	struct mi_class_kind *kind;
};

static void step(struct head *head)
{
	head->token = mi_lex_next(&head->lexer);
}

static bool at_word(const struct head *head, const char *word)
{
	return mi_lexeme_is_word(&head->token, word);
}

static bool take(struct head *head, const char *word)
{
	if (!at_word(head, word))
		return false;
	step(head);
	return true;
}

static bool take_punct(struct head *head, char punct)
{
	if (!mi_lexeme_is_punct(&head->token, punct))
		return false;
	step(head);
	return true;
}

static bool at_end(const struct head *head)
{
	return head->token.kind == MI_LEX_END || mi_lexeme_is_punct(&head->token, ';');
}

/* Takes one of the words; NULL: none. */
static const char *take_any(struct head *head, const char *const *words)
{
	for (; *words; words++)
		if (take(head, *words))
			return *words;
	return NULL;
}

/* ---- Reads ---- */

static bool is_pure(const struct mi_scan *scan)
{
	return !scan->bad && !scan->several && !scan->executable && !scan->impure && !scan->call &&
	       !scan->user_var && !scan->user_lock;
}

/* Begins as a read does. */
static void read_query(struct head *head)
{
	const struct mi_scan *scan = head->scan;
	struct mi_class_kind *kind = head->kind;

	if (is_pure(scan) && scan->asks && !scan->from) {
		kind->class = MI_CLASS_DIAGNOSTICS;
		kind->diagnostics = scan->asks;
	} else if (is_pure(scan) && !scan->asks && !scan->names_other && !head->rules->system_db) {
		kind->class = MI_CLASS_READ;
	}
	kind->harmless = !scan->bad && !scan->several && !scan->executable && !scan->changes &&
	                 !scan->into && !scan->assigns && !scan->call && !scan->user_lock;
	if (scan->assigns || (scan->into && scan->user_var))
		kind->pins |= MI_CLASS_PIN_STATE;
}

/* A SELECT that may be the whole of RELEASE_ALL_LOCKS(). */
static void read_select(struct head *head)
{
	struct head ahead = *head;

	read_query(head);
	if (take(&ahead, "RELEASE_ALL_LOCKS") && take_punct(&ahead, '(') &&
	    take_punct(&ahead, ')') && at_end(&ahead))
		head->kind->unpins |= MI_CLASS_PIN_USER_LOCK;
}

/* Of SHOW little is a read: names and settings differ from server to server. */
static void read_show(struct head *head)
{
	static const char *const diagnostics[] = {"WARNINGS", "ERRORS", NULL};
	static const char *const kinds[] = {"COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS", NULL};

	head->kind->harmless = !head->scan->bad && !head->scan->several && !head->scan->executable;
	(void)take(head, "EXTENDED");
	(void)take(head, "FULL");
	if (take_any(head, kinds)) {
		read_query(head);
		return;
	}
	if (take(head, "COUNT") && take_punct(head, '(') && take_punct(head, '*'))
		(void)take_punct(head, ')');
	if (take_any(head, diagnostics) && !head->scan->several) {
		head->kind->class = MI_CLASS_DIAGNOSTICS;
		head->kind->diagnostics = MI_CLASS_ASK_LAST;
	}
}

static void read_get(struct head *head)
{
	(void)take(head, "CURRENT");
	if (!take(head, "DIAGNOSTICS"))
		return;
	head->kind->pins |= MI_CLASS_PIN_STATE;
	if (!head->scan->several) {
		head->kind->class = MI_CLASS_DIAGNOSTICS;
		head->kind->diagnostics = MI_CLASS_ASK_LAST;
	}
}

/* ---- Transactions ---- */

static void read_begin(struct head *head)
{
	(void)take(head, "WORK");
	if (at_end(head))
		head->kind->class = MI_CLASS_BEGIN;
}

static void read_start(struct head *head)
{
	struct mi_class_kind *kind = head->kind;

	if (!take(head, "TRANSACTION")) {
		kind->class = MI_CLASS_GLOBAL; /* START REPLICA... */
		kind->verb = "START";
		return;
	}
	do {
		if (take(head, "READ")) {
			kind->read_only |= take(head, "ONLY");
			kind->read_write |= take(head, "WRITE");
		} else if (take(head, "WITH") && take(head, "CONSISTENT")) {
			kind->snapshot |= take(head, "SNAPSHOT");
		}
	} while (take_punct(head, ','));
	kind->class = MI_CLASS_BEGIN;
}

/* [AND [NO] CHAIN] [[NO] RELEASE] */
static void read_completion(struct head *head, enum mi_class class)
{
	struct mi_class_kind *kind = head->kind;
	bool no;

	(void)take(head, "WORK");
	if (take(head, "AND")) {
		no = take(head, "NO");
		kind->chain = take(head, "CHAIN") && !no;
	}
	no = take(head, "NO");
	kind->release = take(head, "RELEASE") && !no;
	if (at_end(head))
		kind->class = class;
}

static void read_commit(struct head *head)
{
	read_completion(head, MI_CLASS_COMMIT);
}

static void read_rollback(struct head *head)
{
	struct head ahead = *head;

	(void)take(&ahead, "WORK");
	if (take(&ahead, "TO"))
		head->kind->class = MI_CLASS_SAVEPOINT;
	else
		read_completion(head, MI_CLASS_ROLLBACK);
}

static void read_savepoint(struct head *head)
{
	head->kind->class = MI_CLASS_SAVEPOINT;
}

static void read_release(struct head *head)
{
	if (take(head, "SAVEPOINT"))
		head->kind->class = MI_CLASS_SAVEPOINT;
}

static void read_xa(struct head *head)
{
	static const char *const begin[] = {"START", "BEGIN", NULL};
	static const char *const end[] = {"COMMIT", "ROLLBACK", NULL};

	if (take_any(head, begin))
		head->kind->pins |= MI_CLASS_PIN_XA;
	else if (take_any(head, end))
		head->kind->unpins |= MI_CLASS_PIN_XA;
}

/* ---- What stays with the session ---- */

static void read_lock(struct head *head)
{
	static const char *const tables[] = {"TABLES", "TABLE", NULL};

	head->kind->pins |=
	    take_any(head, tables) ? MI_CLASS_PIN_LOCK_TABLES : MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_unlock(struct head *head)
{
	static const char *const tables[] = {"TABLES", "TABLE", NULL};

	if (take_any(head, tables))
		head->kind->unpins |= MI_CLASS_PIN_LOCK_TABLES | MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_flush(struct head *head)
{
	bool holds = false;

	while (!at_end(head) && head->token.kind != MI_LEX_BAD) {
		holds |= at_word(head, "WITH") || at_word(head, "FOR");
		step(head);
	}
	head->kind->class = MI_CLASS_GLOBAL;
	head->kind->verb = "FLUSH";
	if (holds)
		head->kind->pins |= MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_backup(struct head *head)
{
	head->kind->class = MI_CLASS_GLOBAL;
	head->kind->verb = "BACKUP";
	head->kind->pins |= MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_handler(struct head *head)
{
	while (!at_end(head) && head->token.kind != MI_LEX_BAD) {
		if (take(head, "OPEN"))
			head->kind->pins |= MI_CLASS_PIN_HANDLER;
		else
			step(head);
	}
}

static void read_state(struct head *head)
{
	head->kind->pins |= MI_CLASS_PIN_STATE;
}

/* OUT parameters, EXECUTE ... USING aside: a variable in what is not a query is likely set. */
static void read_sets_variables(struct head *head)
{
	if (head->scan->user_var)
		head->kind->pins |= MI_CLASS_PIN_STATE;
}

static void read_load(struct head *head)
{
	static const char *const kinds[] = {"DATA", "XML", NULL};
	static const char *const priorities[] = {"LOW_PRIORITY", "CONCURRENT", NULL};

	if (!take_any(head, kinds))
		return;
	(void)take_any(head, priorities);
	if (take(head, "LOCAL"))
		head->kind->class = MI_CLASS_LOAD_LOCAL;
	read_sets_variables(head);
}

/* ---- Names, numbers ---- */

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_WORD || token->kind == MI_LEX_NAME;
}

static bool take_name(struct head *head, struct mi_class_name *name)
{
	struct mi_lexeme nothing = {.kind = MI_LEX_END};

	if (!is_name(&head->token))
		return false;
	*name = (struct mi_class_name){nothing, head->token};
	step(head);
	if (!take_punct(head, '.'))
		return true;
	if (!is_name(&head->token))
		return false;
	name->db = name->name;
	name->name = head->token;
	step(head);
	return true;
}

static bool add_name(struct head *head)
{
	struct mi_class_name name;
	struct mi_class_kind *kind = head->kind;

	if (!take_name(head, &name))
		return false;
	if (kind->name_count == MI_CLASS_NAMES)
		kind->more_names = true;
	else
		kind->names[kind->name_count++] = name;
	return true;
}

static void read_use(struct head *head)
{
	if (add_name(head) && at_end(head) && head->kind->names[0].db.kind == MI_LEX_END)
		head->kind->class = MI_CLASS_USE;
}

static uint64_t whole_number(struct mi_span text)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.data[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	return value;
}

static void read_kill(struct head *head)
{
	struct mi_class_kind *kind = head->kind;

	kind->kill_query = take(head, "QUERY");
	if (!kind->kill_query)
		(void)take(head, "CONNECTION");
	kind->kill_id = head->token.kind == MI_LEX_NUMBER ? whole_number(head->token.text) : 0;
	step(head);
	if (!at_end(head))
		kind->kill_id = 0;
	kind->class = kind->kill_id ? MI_CLASS_KILL : MI_CLASS_GLOBAL;
	kind->verb = "KILL";
}

/* ---- Definitions ---- */

static const char *const objects[] = {
    "TABLE",   "TABLES",     "VIEW",     "TRIGGER",   "EVENT",    "INDEX", "DATABASE",
    "SCHEMA",  "SEQUENCE",   "FUNCTION", "PROCEDURE", "PACKAGE",  "USER",  "ROLE",
    "SERVER",  "TABLESPACE", "LOGFILE",  "RESOURCE",  "INSTANCE", "UNDO",  "SPATIAL_REFERENCE",
    "PREPARE", "LIBRARY",    NULL};

static bool is_among(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* Between the verb and its object stand words such as OR REPLACE, UNIQUE, DEFINER = a@b. */
static const char *find_object(struct head *head)
{
	static const char *const spatial[] = {"SPATIAL", NULL};

	while (!at_end(head) && head->token.kind != MI_LEX_BAD &&
	       !mi_lexeme_is_punct(&head->token, '(')) {
		const char *object;

		if (take_any(head, spatial)) /* REFERENCE SYSTEM, or INDEX */
			object = take(head, "REFERENCE") ? "SPATIAL_REFERENCE" : NULL;
		else
			object = take_any(head, objects);
		if (object)
			return object;
		head->kind->temporary |= at_word(head, "TEMPORARY");
		step(head);
	}
	return "";
}

static void take_if_exists(struct head *head)
{
	if (!take(head, "IF"))
		return;
	(void)take(head, "NOT");
	(void)take(head, "EXISTS");
}

/* The table after ON, of an index or a trigger. */
static void find_on(struct head *head)
{
	struct mi_class_kind *kind = head->kind;

	while (!at_end(head) && head->token.kind != MI_LEX_BAD)
		if (take(head, "ON")) {
			kind->more_names = !add_name(head);
			return;
		} else {
			step(head);
		}
	kind->more_names = true; /* DROP TRIGGER: of which table is not said */
}

static void find_names(struct head *head, const char *verb, const char *object)
{
	static const char *const indirect[] = {"INDEX", "TRIGGER", NULL};
	bool several = strcmp(verb, "DROP") == 0 || strcmp(verb, "RENAME") == 0;

	if (is_among(object, indirect)) {
		find_on(head);
		return;
	}
	take_if_exists(head);
	do {
		if (!add_name(head)) {
			head->kind->more_names = true;
			return;
		}
	} while (several && (take_punct(head, ',') || take(head, "TO")));
}

static void read_definition(struct head *head, const char *verb)
{
	static const char *const accounts[] = {"USER", "ROLE", NULL};
	static const char *const server[] = {
	    "SERVER",   "TABLESPACE", "LOGFILE",           "RESOURCE",
	    "INSTANCE", "UNDO",       "SPATIAL_REFERENCE", NULL};
	struct mi_class_kind *kind = head->kind;

	kind->verb = verb;
	kind->object = find_object(head);
	if (strcmp(kind->object, "PREPARE") == 0)
		return; /* DROP PREPARE: only what this session made */
	if (is_among(kind->object, accounts)) {
		kind->class = MI_CLASS_ACCOUNT;
		return;
	}
	if (is_among(kind->object, server)) {
		kind->class = MI_CLASS_GLOBAL;
		return;
	}
	kind->class = MI_CLASS_DEFINITION;
	find_names(head, verb, kind->object);
	if (kind->temporary && strcmp(verb, "CREATE") == 0)
		kind->pins |= MI_CLASS_PIN_TEMPORARY;
}

static void read_create(struct head *head)
{
	read_definition(head, "CREATE");
}

static void read_alter(struct head *head)
{
	read_definition(head, "ALTER");
}

static void read_drop(struct head *head)
{
	read_definition(head, "DROP");
}

static void read_rename(struct head *head)
{
	read_definition(head, "RENAME");
}

static void read_truncate(struct head *head)
{
	struct mi_class_kind *kind = head->kind;

	(void)take(head, "TABLE");
	kind->class = MI_CLASS_DEFINITION;
	kind->verb = "TRUNCATE";
	kind->object = "TABLE";
	kind->more_names = !add_name(head);
}

/* ---- The server ---- */

static void read_account(struct head *head)
{
	head->kind->class = MI_CLASS_ACCOUNT;
	head->kind->verb = "GRANT";
}

static void read_global(struct head *head)
{
	head->kind->class = MI_CLASS_GLOBAL;
}

/* ANALYZE, CHECK, OPTIMIZE, REPAIR of tables; MariaDB's ANALYZE runs any statement. */
static void read_care(struct head *head)
{
	static const char *const words[] = {"NO_WRITE_TO_BINLOG", "LOCAL", NULL};
	static const char *const tables[] = {"TABLE", "TABLES", "VIEW", NULL};

	(void)take_any(head, words);
	if (take_any(head, tables))
		head->kind->class = MI_CLASS_GLOBAL;
}

static void read_set(struct head *head)
{
	struct mi_set_facts facts;
	struct mi_class_kind *kind = head->kind;
	/* before the token that is already taken */
	struct mi_lexer settings = head->lexer;

	settings.left.len += (size_t)(settings.left.data - head->token.text.data);
	settings.left.data = head->token.text.data;
	mi_set_read(settings, head->rules, &facts);
	kind->settings = settings;
	kind->class = facts.class;
	kind->pins |= facts.pins;
	kind->trackers = facts.trackers;
	kind->trackers_only = facts.trackers && !facts.others;
	kind->verb = "SET";
}

/* ---- By the first word ---- */

static const struct {
	const char *word;
	void (*read)(struct head *head);
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
    {"CREATE", read_create},
    {"ALTER", read_alter},
    {"DROP", read_drop},
    {"RENAME", read_rename},
    {"TRUNCATE", read_truncate},
    {"LOCK", read_lock},
    {"UNLOCK", read_unlock},
    {"FLUSH", read_flush},
    {"HANDLER", read_handler},
    {"XA", read_xa},
    {"GET", read_get},
    {"GRANT", read_account},
    {"REVOKE", read_account},
    {"BACKUP", read_backup},
    {"DO", read_sets_variables},
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

static void read_head(struct head *head)
{
	struct mi_class_kind *kind = head->kind;

	while (take_punct(head, '('))
		;
	for (size_t i = 0; i < sizeof first_words / sizeof *first_words; i++) {
		if (!take(head, first_words[i].word))
			continue;
		kind->verb = first_words[i].word;
		first_words[i].read(head);
		return;
	}
}

/* A body of statements follows, with semicolons of its own. */
static bool has_body(const struct mi_class_kind *kind)
{
	static const char *const programs[] = {"TRIGGER",   "EVENT",   "FUNCTION",
	                                       "PROCEDURE", "PACKAGE", NULL};

	return kind->class == MI_CLASS_DEFINITION && is_among(kind->object, programs);
}

static bool next_statement(struct head *head)
{
	while (head->token.kind != MI_LEX_END && head->token.kind != MI_LEX_BAD) {
		if (!take_punct(head, ';'))
			step(head);
		else if (!at_end(head))
			return true;
	}
	return false;
}

/* The others of several: what they leave behind is the command's. */
static void read_others(struct head *head)
{
	struct mi_class_kind *all = head->kind, one;
	bool local = all->class == MI_CLASS_LOAD_LOCAL;

	while (next_statement(head)) {
		one = (struct mi_class_kind){.class = MI_CLASS_WRITE, .verb = "", .object = ""};
		head->kind = &one;
		read_head(head);
		all->pins |= one.pins;
		all->unpins &= one.unpins;
		local |= one.class == MI_CLASS_LOAD_LOCAL;
	}
	all->several = true;
	all->class = local ? MI_CLASS_LOAD_LOCAL : MI_CLASS_WRITE;
}

/* Of text that cannot be taken apart (sjis, ORACLE mode, a quote without end) only its words are
 * known: what might pin, pins. */
static unsigned feared_pins(struct mi_span text)
{
	static const struct {
		const char *word;
		unsigned pin;
	} words[] = {
	    {"GET_LOCK", MI_CLASS_PIN_USER_LOCK},   {"TEMPORARY", MI_CLASS_PIN_TEMPORARY},
	    {"TABLES", MI_CLASS_PIN_LOCK_TABLES},   {"HANDLER", MI_CLASS_PIN_HANDLER},
	    {"PREPARE", MI_CLASS_PIN_STATE},        {"EXECUTE", MI_CLASS_PIN_STATE},
	    {"BACKUP", MI_CLASS_PIN_FLUSH_LOCK},    {"INSTANCE", MI_CLASS_PIN_FLUSH_LOCK},
	    {"STATEMENT", MI_CLASS_PIN_STATE},      {"XA", MI_CLASS_PIN_XA},
	    {"WITH READ", MI_CLASS_PIN_FLUSH_LOCK}, {"@", MI_CLASS_PIN_STATE},
	};
	unsigned pins = 0;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mi_scan_has(text, words[i].word))
			pins |= words[i].pin;
	return pins;
}

/* A query that no lexer understands (some client asks SELECT $$ at its login), but in which nothing
 * can be called, stored or follow. */
static bool is_bare_query(struct mi_span text, const struct mi_class_kind *kind)
{
	static const char *const more[] = {"(", ";", "@", "/*", "INTO"};

	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (mi_scan_has(text, more[i]))
			return false;
	return strcmp(kind->verb, "SELECT") == 0;
}

void mi_class_read(struct mi_span text, const struct mi_class_rules *rules,
                   struct mi_class_kind *kind)
{
	struct mi_lexer lexer = mi_lexer(text, rules->modes, rules->charset);
	struct mi_lexer all = lexer;
	struct mi_scan scan;
	struct head head = {.lexer = lexer, .rules = rules, .scan = &scan, .kind = kind};

	*kind = (struct mi_class_kind){.class = MI_CLASS_WRITE, .verb = "", .object = ""};
	mi_scan_read(&all, rules, false, &scan);
	step(&head);
	while (take_punct(&head, ';'))
		;
	if (head.token.kind == MI_LEX_END) {
		kind->class = MI_CLASS_EMPTY;
		return;
	}
	read_head(&head);
	if (scan.several && !has_body(kind))
		read_others(&head);
	kind->renames_db = scan.names_other;
	if (scan.bad) {
		kind->pins |= feared_pins(text);
		kind->harmless = is_bare_query(text, kind);
	}
	if (scan.user_lock)
		kind->pins |= MI_CLASS_PIN_USER_LOCK;
	/* in a SET it may be a plain assignment: sqlset.c has looked at the values */
	if (scan.assigns && kind->class != MI_CLASS_SET && kind->class != MI_CLASS_GLOBAL)
		kind->pins |= MI_CLASS_PIN_STATE;
}
