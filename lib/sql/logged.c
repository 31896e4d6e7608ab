#include "sql/logged.h"
#include "base/buf.h"
#include "base/words.h"
#include "sql/class.h"
#include "sql/function.h"
#include "sql/lexer.h"

#include <strings.h>

/* ---- Kinds ---- */

/* By what sql/class.h says of a statement; NULL: any. Longer ones first. */
static const struct {
	enum mi_class class;
	const char *verb, *object;
	enum mi_logged_kind kind;
} phrases[] = {
    {MI_CLASS_EMPTY, NULL, NULL, MI_LOGGED_HARMLESS},
    {MI_CLASS_BEGIN, NULL, NULL, MI_LOGGED_BEGIN},
    {MI_CLASS_COMMIT, NULL, NULL, MI_LOGGED_COMMIT},
    {MI_CLASS_ROLLBACK, NULL, NULL, MI_LOGGED_ROLLBACK},
    {MI_CLASS_SAVEPOINT, "ROLLBACK", NULL, MI_LOGGED_ROLLBACK_TO},
    {MI_CLASS_SAVEPOINT, NULL, NULL, MI_LOGGED_SAVEPOINT},
    {MI_CLASS_WRITE, "XA", "START", MI_LOGGED_XA_START},
    {MI_CLASS_WRITE, "XA", "BEGIN", MI_LOGGED_XA_START},
    {MI_CLASS_WRITE, "XA", "END", MI_LOGGED_XA_END},
    {MI_CLASS_WRITE, "XA", "COMMIT", MI_LOGGED_XA_COMMIT},
    {MI_CLASS_WRITE, "XA", "ROLLBACK", MI_LOGGED_XA_ROLLBACK},
    {MI_CLASS_ACCOUNT, NULL, NULL, MI_LOGGED_HARMLESS},
    {MI_CLASS_GLOBAL, "ANALYZE", NULL, MI_LOGGED_HARMLESS},
    {MI_CLASS_GLOBAL, "OPTIMIZE", NULL, MI_LOGGED_HARMLESS},
    {MI_CLASS_GLOBAL, "CHECK", NULL, MI_LOGGED_HARMLESS},
    {MI_CLASS_GLOBAL, "FLUSH", NULL, MI_LOGGED_HARMLESS},
    {MI_CLASS_GLOBAL, NULL, "SERVER", MI_LOGGED_HARMLESS},
    {MI_CLASS_GLOBAL, "CREATE", NULL, MI_LOGGED_DEFINITION},
    {MI_CLASS_GLOBAL, "ALTER", NULL, MI_LOGGED_DEFINITION},
    {MI_CLASS_GLOBAL, "DROP", NULL, MI_LOGGED_DEFINITION},
    {MI_CLASS_DEFINITION, NULL, NULL, MI_LOGGED_DEFINITION},
};

static bool is_or_any(const char *word, const char *wanted)
{
	return !wanted || strcmp(word, wanted) == 0;
}

/* MariaDB puts a comment in the place of an event that nobody needs. */
static bool is_dummy(struct mi_span text)
{
	return text.len && *text.data == '#' && !memchr(text.data, '\n', text.len);
}

static bool is_temporary(const struct mi_class_kind *class)
{
	static const char *const kinds[] = {"TABLE", "TABLES", "SEQUENCE", NULL};

	return class->temporary && mi_word_index(mi_span_str(class->object), kinds) >= 0;
}

static enum mi_logged_kind kind_of(struct mi_span text, const struct mi_class_kind *class)
{
	if (is_dummy(text))
		return MI_LOGGED_HARMLESS;
	if (class->several || class->chain) /* AND CHAIN begins the next transaction, too */
		return MI_LOGGED_CHANGE;
	if (is_temporary(class) || class->keys)
		return MI_LOGGED_HARMLESS;
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (class->class == phrases[i].class && is_or_any(class->verb, phrases[i].verb) &&
		    is_or_any(class->object, phrases[i].object))
			return phrases[i].kind;
	return MI_LOGGED_CHANGE;
}

static struct mi_span rest_of(const struct mi_class_kind *class)
{
	struct mi_span rest = class->rest.left;

	for (; rest.len; rest.len--) {
		char last = rest.data[rest.len - 1];

		if (last != ' ' && last != ';' && last != '\n')
			break;
	}
	return rest;
}

/* ---- Definitions ---- */

/* Short, for the table and its exceptions. */
#define DEFINES MI_LOGGED_EFFECT_DEFINES
#define ACTIVE MI_LOGGED_EFFECT_ACTIVE
#define MOVES MI_LOGGED_EFFECT_MOVES
#define NO MI_LOGGED_EFFECT_REFUSED

/* What CREATE, ALTER and DROP of each object do. */
static const struct definition {
	const char *object; /* in sql/class.h's words */
	const char *word;   /* in a stream's */
	enum mi_logged_effect create, alter, drop;
} definitions[] = {
    {"TABLE", "table", DEFINES, DEFINES, MOVES},
    {"TABLES", "table", NO, NO, MOVES},
    {"DATABASE", "database", DEFINES, DEFINES, MOVES},
    {"SCHEMA", "database", DEFINES, DEFINES, MOVES},
    {"INDEX", "index", DEFINES, NO, DEFINES},
    {"VIEW", "view", DEFINES, DEFINES, DEFINES},
    {"PROCEDURE", "routine", DEFINES, DEFINES, DEFINES},
    {"FUNCTION", "routine", DEFINES, DEFINES, DEFINES},
    {"PACKAGE", "routine", DEFINES, NO, DEFINES},
    {"TRIGGER", "trigger", ACTIVE, NO, ACTIVE},
    {"EVENT", "event", ACTIVE, ACTIVE, ACTIVE},
    {"SEQUENCE", "sequence", NO, NO, NO},
    {NULL, "", NO, NO, NO},
};

static const struct definition *find_definition(const char *object)
{
	const struct definition *definition = definitions;

	while (definition->object && strcmp(definition->object, object) != 0)
		definition++;
	return definition;
}

/* A walk through a statement's words, brackets counted. */
struct walk {
	struct mi_lexer lexer; /* behind token */
	struct mi_lexeme token;
	size_t depth;
};

/* False at the end, and at what cannot be read. */
static bool walk_on(struct walk *walk)
{
	walk->token = mi_lex_next(&walk->lexer);
	if (mi_lexeme_is_punct(&walk->token, '('))
		walk->depth++;
	else if (mi_lexeme_is_punct(&walk->token, ')') && walk->depth)
		walk->depth--;
	return walk->token.kind != MI_LEX_END && walk->token.kind != MI_LEX_BAD;
}

/* CREATE TABLE, behind the name: rows may come from a query, anywhere, or (TABLE u, VALUES ROW(1))
 * outside of brackets; a transaction around such a statement is logged with it. */
static enum mi_logged_effect effect_of_create(struct walk walk)
{
	static const char *const anywhere[] = {"SELECT", "START", NULL};
	static const char *const outside[] = {"TABLE", "VALUES", NULL};

	while (walk_on(&walk))
		if (mi_lexeme_is_one_of(&walk.token, anywhere) ||
		    (walk.depth == 0 && mi_lexeme_is_one_of(&walk.token, outside)))
			return NO;
	return walk.token.kind == MI_LEX_END ? DEFINES : NO;
}

/* What a word of ALTER TABLE outside of brackets does, by the word after it. */
static enum mi_logged_effect effect_of_word(const struct walk *walk)
{
	static const char *const never[] = {"EXCHANGE", "IMPORT", "DISCARD", NULL};
	static const char *const takes[] = {"DROP", "TRUNCATE", NULL};
	static const char *const inside[] = {"COLUMN", "INDEX", "KEY", NULL};
	static const char *const partition[] = {"PARTITION", "TABLE", NULL};
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme next = mi_lex_next(&ahead);

	if (mi_lexeme_is_one_of(&walk->token, never) ||
	    (mi_lexeme_is_word(&walk->token, "CONVERT") && mi_lexeme_is_one_of(&next, partition)))
		return NO;
	if ((mi_lexeme_is_word(&walk->token, "RENAME") && !mi_lexeme_is_one_of(&next, inside)) ||
	    (mi_lexeme_is_one_of(&walk->token, takes) && mi_lexeme_is_word(&next, "PARTITION")))
		return MOVES;
	return DEFINES;
}

/* Something that depends on more than a row and the clock that the log has: the random numbers, the
 * session, a sequence. */
static bool is_arbitrary(const struct walk *walk)
{
	static const char *const words[] = {"SYSDATE", "CURRENT_USER", "CURRENT_ROLE", "NEXT",
	                                    NULL};
	static const char *const random[] = {"RAND", "RANDOM_BYTES", "UUID", NULL};
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme next = mi_lex_next(&ahead);

	if (walk->token.kind != MI_LEX_WORD)
		return false;
	return mi_lexeme_is_one_of(&walk->token, words) ||
	       (mi_lexeme_is_punct(&next, '(') &&
	        (mi_lexeme_is_one_of(&walk->token, random) || !mi_function_find(walk->token.text)));
}

/* Behind DEFAULT: an expression in brackets, a function, or a value. The rows that are there get
 * it. */
static bool fills_arbitrarily(struct walk walk)
{
	size_t depth = walk.depth;
	struct mi_lexer ahead;
	struct mi_lexeme next;

	if (!walk_on(&walk) || is_arbitrary(&walk))
		return walk.token.kind == MI_LEX_WORD;
	ahead = walk.lexer;
	next = mi_lex_next(&ahead);
	if (walk.token.kind == MI_LEX_WORD && mi_lexeme_is_punct(&next, '('))
		(void)walk_on(&walk);
	while (walk.depth > depth && walk_on(&walk))
		if (is_arbitrary(&walk))
			return true;
	return false;
}

/* ALTER TABLE, behind the name: the worst of its words. */
static enum mi_logged_effect effect_of_alter(struct walk walk)
{
	enum mi_logged_effect worst = DEFINES, effect;

	while (walk_on(&walk)) {
		if (mi_lexeme_is_word(&walk.token, "DEFAULT") && fills_arbitrarily(walk))
			return NO;
		effect = walk.depth ? DEFINES : effect_of_word(&walk);
		if (effect > worst)
			worst = effect;
	}
	return walk.token.kind == MI_LEX_END ? worst : NO;
}

/* A mark whose comment every server that is supported runs: MySQL from 5.7 on, and MariaDB, which
 * knows MySQL's versions up to that. */
static bool is_run_by_all(struct mi_span mark)
{
	unsigned version = 0;

	if (mark.data[2] != '!')
		return false;
	for (size_t i = 3; i < mark.len && version <= 50700; i++)
		version = version * 10 + (unsigned)(mark.data[i] - '0');
	return version <= 50700;
}

/* Does what a statement says, up to the names, depend on the version of the server that runs it? */
static bool is_conditional(struct mi_span text, const struct mi_class_kind *class)
{
	struct walk walk = {.lexer = mi_lexer(text, class->rest.modes, class->rest.charset)};

	while (walk_on(&walk) && walk.token.text.data < class->rest.left.data)
		if (walk.token.kind == MI_LEX_OPEN && !is_run_by_all(walk.token.text))
			return true;
	return false;
}

static enum mi_logged_effect effect_of(const struct mi_class_kind *class,
                                       const struct definition *definition)
{
	bool table = strcmp(class->object, "TABLE") == 0;
	struct walk walk = {.lexer = class->rest};

	if (strcmp(class->verb, "TRUNCATE") == 0)
		return class->name_count ? MI_LOGGED_EFFECT_TRUNCATES : NO;
	if (strcmp(class->verb, "DROP") == 0)
		return definition->drop;
	if (strcmp(class->verb, "RENAME") == 0)
		return strcmp(definition->word, "table") == 0 ? MOVES : NO;
	if (table && class->name_count == 0)
		return NO;
	if (strcmp(class->verb, "ALTER") == 0)
		return table ? effect_of_alter(walk) : definition->alter;
	if (table && effect_of_create(walk) == NO)
		return NO;
	/* OR REPLACE drops first */
	return class->replaces && definition->drop == MOVES ? MOVES : definition->create;
}

/* Of indexes and triggers the table is named, not how many there are: one each. */
static bool is_of_several(const struct mi_class_kind *class)
{
	bool renames = strcmp(class->verb, "RENAME") == 0;
	bool one = strcmp(class->object, "INDEX") == 0 || strcmp(class->object, "TRIGGER") == 0;

	if (one || (!renames && strcmp(class->verb, "DROP") != 0))
		return false;
	return class->more_names || class->name_count > (renames ? 2U : 1U);
}

static void read_definition(struct mi_span text, const struct mi_class_kind *class,
                            struct mi_logged *logged)
{
	const struct definition *definition = find_definition(class->object);

	logged->verb = class->verb;
	logged->object = definition->word;
	if (!is_conditional(text, class))
		logged->effect = effect_of(class, definition);
	logged->several = is_of_several(class);
	if (logged->effect == MI_LOGGED_EFFECT_TRUNCATES)
		logged->name = class->names[0];
	logged->bookkeeping = class->ours && strcmp(definition->word, "table") == 0 &&
	                      strcmp(class->verb, "ALTER") != 0 &&
	                      strcmp(class->verb, "RENAME") != 0;
}

/* MariaDB's SET STATEMENT setting=value, ... FOR statement: the statement. Empty: it is none. */
static struct mi_span statement_with_settings(struct mi_span text, unsigned modes)
{
	struct mi_lexer lexer = mi_lexer(text, modes, MI_LEX_LETTERS);
	struct mi_lexeme token = mi_lex_next(&lexer);
	size_t depth = 0;

	if (!mi_lexeme_is_word(&token, "SET"))
		return (struct mi_span){0};
	token = mi_lex_next(&lexer);
	if (!mi_lexeme_is_word(&token, "STATEMENT"))
		return (struct mi_span){0};
	do {
		token = mi_lex_next(&lexer);
		if (mi_lexeme_is_punct(&token, '('))
			depth++;
		else if (mi_lexeme_is_punct(&token, ')') && depth > 0)
			depth--;
		if (token.kind == MI_LEX_END || token.kind == MI_LEX_BAD)
			return (struct mi_span){0};
	} while (depth > 0 || !mi_lexeme_is_word(&token, "FOR"));
	return lexer.left;
}

/* Is it a SET STATEMENT for what is harmless by itself? No setting makes that change a row. */
static bool is_harmless_with_settings(struct mi_span text, const struct mi_class_rules *rules)
{
	struct mi_span inner = statement_with_settings(text, rules->modes);
	struct mi_class_kind class;

	if (inner.len == 0)
		return false;
	mi_class_read(inner, rules, &class);
	return class.class != MI_CLASS_EMPTY && kind_of(inner, &class) == MI_LOGGED_HARMLESS;
}

void mi_logged_read(struct mi_span text, unsigned modes, struct mi_logged *logged)
{
	/* of other languages (ORACLE) the heads are the same */
	const struct mi_class_rules rules = {.modes = modes & ~(unsigned)MI_LEX_UNKNOWN_MODE,
	                                     .charset = MI_LEX_LETTERS,
	                                     .executes = true};
	struct mi_lexeme nothing = {.kind = MI_LEX_END};
	struct mi_class_kind class;

	mi_class_read(text, &rules, &class);
	*logged = (struct mi_logged){.kind = kind_of(text, &class),
	                             .effect = MI_LOGGED_EFFECT_REFUSED,
	                             .object = "",
	                             .verb = "",
	                             .name = {nothing, nothing}};
	if (logged->kind == MI_LOGGED_CHANGE && is_harmless_with_settings(text, &rules))
		logged->kind = MI_LOGGED_HARMLESS;
	if (logged->kind == MI_LOGGED_HARMLESS && class.class != MI_CLASS_EMPTY)
		logged->effect = MI_LOGGED_EFFECT_HARMLESS;
	else if (logged->kind == MI_LOGGED_DEFINITION)
		read_definition(text, &class, logged);
	else if (logged->kind >= MI_LOGGED_XA_START && logged->kind <= MI_LOGGED_XA_ROLLBACK)
		logged->xid = rest_of(&class);
}

bool mi_logged_is_conditional(struct mi_span text, unsigned modes)
{
	struct walk walk = {.lexer = mi_lexer(text, modes, MI_LEX_LETTERS)};

	while (walk_on(&walk))
		if (walk.token.kind == MI_LEX_OPEN && !is_run_by_all(walk.token.text))
			return true;
	return false;
}

struct mi_span mi_logged_create(struct mi_span text, unsigned modes)
{
	struct walk walk = {.lexer = mi_lexer(text, modes, MI_LEX_LETTERS)};
	struct mi_lexeme before = {.kind = MI_LEX_END}, last = before;

	if (!walk_on(&walk) || !mi_lexeme_is_word(&walk.token, "CREATE"))
		return text;
	while (walk_on(&walk)) {
		before = last;
		last = walk.token;
	}
	if (walk.token.kind != MI_LEX_END || walk.depth > 0 ||
	    !mi_lexeme_is_word(&before, "START") || !mi_lexeme_is_word(&last, "TRANSACTION"))
		return text;
	return mi_span(text.data, (size_t)(before.text.data - text.data));
}

/* ---- Databases ---- */

/* Other bytes may stand for the same name: in another character set, or doubled in quotes. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name >= 0x80 || *name == '`' || *name == '"')
			return false;
	return true;
}

bool mi_logged_may_name(struct mi_span text, const char *db)
{
	size_t len = strlen(db);

	if (!is_plain(db) || len == 0)
		return true;
	for (size_t i = 0; i < text.len && text.len - i >= len; i++)
		if (strncasecmp(text.data + i, db, len) == 0)
			return true;
	return false;
}

/* ---- sql_mode ---- */

/* By bit: MODE_... in sql/system_variables.h of MySQL and sql/sql_class.h of MariaDB. Those that
 * are sets of others, and those of old versions that nothing sets any more, have no name. */
static const struct {
	const char *mysql, *mariadb;
} modes[] = {
    {"REAL_AS_FLOAT", "REAL_AS_FLOAT"},
    {"PIPES_AS_CONCAT", "PIPES_AS_CONCAT"},
    {"ANSI_QUOTES", "ANSI_QUOTES"},
    {"IGNORE_SPACE", "IGNORE_SPACE"},
    {NULL, "IGNORE_BAD_TABLE_OPTIONS"},
    {"ONLY_FULL_GROUP_BY", "ONLY_FULL_GROUP_BY"},
    {"NO_UNSIGNED_SUBTRACTION", "NO_UNSIGNED_SUBTRACTION"},
    {"NO_DIR_IN_CREATE", "NO_DIR_IN_CREATE"},
    {NULL, NULL},
    {NULL, "ORACLE"},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {NULL, NULL},
    {"NO_AUTO_VALUE_ON_ZERO", "NO_AUTO_VALUE_ON_ZERO"},
    {"NO_BACKSLASH_ESCAPES", "NO_BACKSLASH_ESCAPES"},
    {"STRICT_TRANS_TABLES", "STRICT_TRANS_TABLES"},
    {"STRICT_ALL_TABLES", "STRICT_ALL_TABLES"},
    {"NO_ZERO_IN_DATE", "NO_ZERO_IN_DATE"},
    {"NO_ZERO_DATE", "NO_ZERO_DATE"},
    {"ALLOW_INVALID_DATES", "ALLOW_INVALID_DATES"},
    {"ERROR_FOR_DIVISION_BY_ZERO", "ERROR_FOR_DIVISION_BY_ZERO"},
    {NULL, NULL},
    {NULL, "NO_AUTO_CREATE_USER"},
    {"HIGH_NOT_PRECEDENCE", "HIGH_NOT_PRECEDENCE"},
    {"NO_ENGINE_SUBSTITUTION", "NO_ENGINE_SUBSTITUTION"},
    {"PAD_CHAR_TO_FULL_LENGTH", "PAD_CHAR_TO_FULL_LENGTH"},
    {"TIME_TRUNCATE_FRACTIONAL", "EMPTY_STRING_IS_NULL"},
    {NULL, "SIMULTANEOUS_ASSIGNMENT"},
    {NULL, "TIME_ROUND_FRACTIONAL"},
};

void mi_sql_mode_print(uint64_t bits, bool mariadb, struct mi_buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		const char *name = mariadb ? modes[i].mariadb : modes[i].mysql;

		if (!(bits >> i & 1) || !name)
			continue;
		mi_buf_addf(out, "%s%s", comma, name);
		comma = ",";
	}
}
