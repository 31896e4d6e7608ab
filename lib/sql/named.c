#include "sql/named.h"
#include "base/buf.h"
#include "base/words.h"
#include "sql/class.h"
#include "sql/lexer.h"

#include <string.h>

/* A definition, read from behind its object's word on. */
struct reading {
	struct mi_lexer lexer; /* behind token */
	struct mi_lexeme token;
	size_t depth;    /* of brackets around token; an opening one is inside of itself */
	const char *end; /* of the token before */
	mi_named_fn *call;
	void *user;
};

static void step(struct reading *r)
{
	r->end = r->token.text.data + r->token.text.len;
	if (mi_lexeme_is_punct(&r->token, ')') && r->depth)
		r->depth--;
	do {
		r->token = mi_lex_next(&r->lexer);
	} while (r->token.kind == MI_LEX_OPEN || r->token.kind == MI_LEX_CLOSE ||
	         r->token.kind == MI_LEX_HINT);
	if (mi_lexeme_is_punct(&r->token, '('))
		r->depth++;
}

static bool at(const struct reading *r, const char *word)
{
	return mi_lexeme_is_word(&r->token, word);
}

static bool take(struct reading *r, const char *word)
{
	if (!at(r, word))
		return false;
	step(r);
	return true;
}

static bool take_punct(struct reading *r, char punct)
{
	if (!mi_lexeme_is_punct(&r->token, punct))
		return false;
	step(r);
	return true;
}

/* Words that a server takes for what they are, never for a name; others are not asked for. */
static bool take_any(struct reading *r, const char *const *words)
{
	for (; *words; words++)
		if (take(r, *words))
			return true;
	return false;
}

/* All of the statement has been read. */
static bool is_whole(const struct reading *r)
{
	return r->token.kind == MI_LEX_END || mi_lexeme_is_punct(&r->token, ';');
}

/* Nothing more can be read. */
static bool has_ended(const struct reading *r)
{
	return is_whole(r) || r->token.kind == MI_LEX_BAD;
}

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_WORD || token->kind == MI_LEX_NAME;
}

/* ---- Names ---- */

static bool take_name(struct reading *r, const char *kind, enum mi_named_role role,
                      struct mi_named *named)
{
	const char *begin = r->token.text.data;

	if (!is_name(&r->token))
		return false;
	*named = (struct mi_named){
	    .kind = kind, .role = role, .db = {.kind = MI_LEX_END}, .name = r->token};
	step(r);
	if (take_punct(r, '.')) {
		if (!is_name(&r->token))
			return false;
		named->db = named->name;
		named->name = r->token;
		step(r);
	}
	named->text = mi_span(begin, (size_t)(r->end - begin));
	return true;
}

static bool name_one(struct reading *r, const char *kind, enum mi_named_role role)
{
	struct mi_named named;

	if (!take_name(r, kind, role, &named))
		return false;
	r->call(r->user, &named);
	return true;
}

static void take_if_exists(struct reading *r)
{
	if (!take(r, "IF"))
		return;
	(void)take(r, "NOT");
	(void)take(r, "EXISTS");
}

/* MariaDB's WAIT n and NOWAIT. */
static void take_wait(struct reading *r)
{
	if (take(r, "NOWAIT"))
		return;
	if (take(r, "WAIT"))
		step(r);
}

static bool name_list(struct reading *r, const char *kind, enum mi_named_role role)
{
	do {
		if (!name_one(r, kind, role))
			return false;
	} while (take_punct(r, ','));
	return true;
}

/* ---- Statements ---- */

static bool read_drop(struct reading *r, const char *kind)
{
	static const char *const behind[] = {"RESTRICT", "CASCADE", NULL};

	if (!name_list(r, kind, MI_NAMED_DROPPED))
		return false;
	take_wait(r);
	(void)take_any(r, behind);
	return is_whole(r);
}

static bool read_rename(struct reading *r, const char *kind)
{
	do {
		take_if_exists(r);
		if (!name_one(r, kind, MI_NAMED_FROM))
			return false;
		take_wait(r);
		if (!take(r, "TO") || !name_one(r, kind, MI_NAMED_TO))
			return false;
	} while (take_punct(r, ','));
	return is_whole(r);
}

/* A foreign key's parent without a database is in that of the child. */
static bool name_parent(struct reading *r, const struct mi_named *child)
{
	struct mi_named parent;

	if (!take_name(r, "table", MI_NAMED_REFERENCED, &parent))
		return false;
	if (parent.db.kind == MI_LEX_END)
		parent.db = child->db;
	r->call(r->user, &parent);
	return true;
}

/* UNION = (a, b), of a MERGE table. True: it was none, or all of it was read. */
static bool name_merged(struct reading *r)
{
	bool equals = take_punct(r, '=');

	if (!take_punct(r, '('))
		return !equals;
	return take_punct(r, ')') || name_list(r, "table", MI_NAMED_REFERENCED);
}

/* CREATE TABLE t LIKE u, or (LIKE u) */
static bool read_create_table(struct reading *r)
{
	struct mi_named table;
	struct reading inside;

	if (!take_name(r, "table", MI_NAMED_CREATED, &table))
		return false;
	r->call(r->user, &table);
	inside = *r;
	if (take_punct(&inside, '(') && at(&inside, "LIKE"))
		*r = inside;
	if (take(r, "LIKE"))
		return name_one(r, "table", MI_NAMED_LIKE);
	while (!has_ended(r)) {
		if (at(r, "SELECT"))
			return true; /* behind it stands only what is read */
		if (take(r, "REFERENCES")) {
			if (!name_parent(r, &table))
				return false;
		} else if (r->depth == 0 && take(r, "UNION")) {
			if (!name_merged(r))
				return false;
		} else {
			step(r);
		}
	}
	return is_whole(r);
}

/* RENAME [TO] u, among the changes of ALTER TABLE; its columns and indexes are renamed likewise. */
static bool take_rename(struct reading *r)
{
	static const char *const inside[] = {"COLUMN", "INDEX", "KEY", NULL};
	static const char *const behind[] = {"TO", "AS", NULL};

	if (!take(r, "RENAME") || take_any(r, inside))
		return false;
	if (!take_any(r, behind))
		(void)take_punct(r, '=');
	return true;
}

/* Is the table renamed by one of the changes that follow? */
static bool is_renamed(struct reading ahead)
{
	while (!has_ended(&ahead)) {
		if (ahead.depth == 0 && at(&ahead, "RENAME")) {
			if (take_rename(&ahead))
				return true;
		} else {
			step(&ahead);
		}
	}
	return false;
}

/* MariaDB: CONVERT PARTITION p TO TABLE u, CONVERT TABLE u TO PARTITION ...; CONVERT TO CHARACTER
 * SET names nothing. */
static bool read_convert(struct reading *r)
{
	if (take(r, "TABLE"))
		return name_one(r, "table", MI_NAMED_DROPPED);
	if (!take(r, "PARTITION"))
		return true;
	if (!is_name(&r->token))
		return false;
	step(r);
	return take(r, "TO") && take(r, "TABLE") && name_one(r, "table", MI_NAMED_CREATED);
}

/* EXCHANGE PARTITION p WITH TABLE u */
static bool read_exchange(struct reading *r)
{
	if (!take(r, "PARTITION"))
		return true;
	if (!is_name(&r->token))
		return false;
	step(r);
	return take(r, "WITH") && take(r, "TABLE") && name_one(r, "table", MI_NAMED_EXCHANGED);
}

/* One word among the changes, and the names that belong to it; *to: the table's new name. */
static bool read_change(struct reading *r, struct mi_named *table, struct mi_named *to)
{
	if (take(r, "REFERENCES"))
		return name_parent(r, table);
	if (r->depth > 0) {
		step(r);
		return true;
	}
	if (take(r, "EXCHANGE"))
		return read_exchange(r);
	if (take(r, "CONVERT"))
		return read_convert(r);
	if (take(r, "UNION"))
		return name_merged(r);
	if (!at(r, "RENAME"))
		step(r);
	else if (take_rename(r))
		return take_name(r, "table", MI_NAMED_TO, to);
	return true;
}

static bool read_alter_table(struct reading *r)
{
	struct mi_named table, to = {.name = {.kind = MI_LEX_END}};
	bool ok = true;

	if (!take_name(r, "table", MI_NAMED_ALTERED, &table))
		return false;
	if (is_renamed(*r))
		table.role = MI_NAMED_FROM;
	else
		r->call(r->user, &table);
	while (ok && !has_ended(r))
		ok = read_change(r, &table, &to);
	if (table.role == MI_NAMED_FROM) {
		r->call(r->user, &table);
		if (to.name.kind != MI_LEX_END)
			r->call(r->user, &to);
	}
	return ok && is_whole(r);
}

/* ALTER EVENT e ... RENAME TO f ... DO body */
static bool read_alter_event(struct reading *r)
{
	struct mi_named event, to;

	if (!take_name(r, "event", MI_NAMED_ALTERED, &event))
		return false;
	while (!at(r, "DO") && !has_ended(r)) {
		if (r->depth > 0 || !take(r, "RENAME")) {
			step(r);
			continue;
		}
		if (!take(r, "TO") || !take_name(r, "event", MI_NAMED_TO, &to))
			return false;
		event.role = MI_NAMED_FROM;
	}
	r->call(r->user, &event);
	if (event.role == MI_NAMED_FROM)
		r->call(r->user, &to);
	return at(r, "DO") || is_whole(r);
}

/* The table behind ON. */
static bool name_on(struct reading *r, enum mi_named_role role)
{
	while (!has_ended(r)) {
		if (take(r, "ON"))
			return name_one(r, "table", role);
		step(r);
	}
	return false;
}

/* ALTER DATABASE [d] ...: options that could be a database's name are taken for neither. */
static bool read_alter_database(struct reading *r)
{
	static const char *const options[] = {"DEFAULT", "CHARACTER", "CHAR",
	                                      "COLLATE", "READ",      NULL};
	static const char *const doubtful[] = {"CHARSET", "ENCRYPTION", "COMMENT", "UPGRADE", NULL};
	static const char upgrade[] = "UPGRADE"; /* names a second database by the first's */
	struct mi_named current = {.kind = "database",
	                           .role = MI_NAMED_ALTERED,
	                           .db = {.kind = MI_LEX_END},
	                           .name = {.kind = MI_LEX_END}};

	for (size_t i = 0; doubtful[i]; i++)
		if (at(r, doubtful[i]))
			return false;
	for (size_t i = 0; options[i]; i++)
		if (at(r, options[i])) {
			r->call(r->user, &current);
			return true;
		}
	if (!name_one(r, "database", MI_NAMED_ALTERED) || at(r, upgrade))
		return false;
	while (!has_ended(r))
		step(r);
	return is_whole(r);
}

static bool read_package(struct reading *r, enum mi_named_role role)
{
	struct reading behind = *r;

	if (take(&behind, "BODY")) {
		take_if_exists(&behind);
		if (is_name(&behind.token) && !at(&behind, "AS") && !at(&behind, "IS"))
			*r = behind;
	}
	return name_one(r, "routine", role);
}

/* Objects that are named by their name alone, at the head. */
static const char *simple_kind(const char *object)
{
	static const char *const objects[] = {"VIEW",     "PROCEDURE", "FUNCTION", "EVENT",
	                                      "SEQUENCE", "DATABASE",  "SCHEMA",   "TABLE",
	                                      "TABLES",   "TRIGGER",   NULL};
	static const char *const kinds[] = {"view",     "routine",  "routine", "event", "sequence",
	                                    "database", "database", "table",   "table", "trigger"};
	int index = mi_word_index(mi_span_str(object), objects);

	return index < 0 ? NULL : kinds[index];
}

static bool read_create(struct reading *r, const char *object, const char *kind)
{
	if (strcmp(kind, "table") == 0)
		return read_create_table(r);
	if (!name_one(r, kind, MI_NAMED_CREATED))
		return false;
	return strcmp(object, "TRIGGER") != 0 || name_on(r, MI_NAMED_ON);
}

static bool read_alter(struct reading *r, const char *kind)
{
	if (strcmp(kind, "table") == 0)
		return read_alter_table(r);
	if (strcmp(kind, "event") == 0)
		return read_alter_event(r);
	if (strcmp(kind, "database") == 0)
		return read_alter_database(r);
	return name_one(r, kind, MI_NAMED_ALTERED);
}

static bool read_statement(struct reading *r, const char *verb, const char *object)
{
	static const enum mi_named_role roles[] = {MI_NAMED_CREATED, MI_NAMED_ALTERED,
	                                           MI_NAMED_DROPPED};
	static const char *const verbs[] = {"CREATE", "ALTER", "DROP", NULL};
	const char *kind = simple_kind(object);
	int index = mi_word_index(mi_span_str(verb), verbs);

	if (strcmp(object, "INDEX") == 0)
		return name_on(r, MI_NAMED_ALTERED);
	take_if_exists(r);
	if (strcmp(object, "PACKAGE") == 0 && index >= 0)
		return read_package(r, roles[index]);
	if (!kind)
		return false;
	if (strcmp(verb, "TRUNCATE") == 0)
		return name_one(r, kind, MI_NAMED_TRUNCATED);
	if (strcmp(verb, "RENAME") == 0)
		return strcmp(kind, "table") == 0 && read_rename(r, kind);
	if (index < 0)
		return false;
	if (index == 2)
		return read_drop(r, kind);
	return index == 0 ? read_create(r, object, kind) : read_alter(r, kind);
}

bool mi_named_read(struct mi_span text, unsigned modes, mi_named_fn *call, void *user)
{
	/* of other languages (ORACLE) the heads are the same */
	const struct mi_class_rules rules = {.modes = modes & ~(unsigned)MI_LEX_UNKNOWN_MODE,
	                                     .charset = MI_LEX_LETTERS,
	                                     .executes = true};
	struct reading r = {.call = call, .user = user};
	struct mi_class_kind class;

	mi_class_read(text, &rules, &class);
	if (class.class != MI_CLASS_DEFINITION || class.several)
		return false;
	r.lexer = class.names_at;
	r.token = (struct mi_lexeme){.kind = MI_LEX_END, .text = mi_span(r.lexer.left.data, 0)};
	step(&r);
	return read_statement(&r, class.verb, class.object);
}
