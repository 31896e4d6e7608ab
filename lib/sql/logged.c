#include "sql/logged.h"
#include "base/buf.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

enum { HEAD_TOKENS = 64, MAX_WORDS = 3 };

/* The head of a statement without the marks of executable comments, whose contents count. */
struct head {
	struct mi_tokens tokens;
	size_t at;
};

static const struct mi_lexeme *peek(const struct head *head)
{
	return &head->tokens.items[head->at];
}

static bool take_word(struct head *head, const char *word)
{
	if (!mi_lexeme_is_word(peek(head), word))
		return false;
	head->at++;
	return true;
}

static void drop_comment_marks(struct mi_tokens *tokens)
{
	size_t kept = 0;

	for (size_t i = 0; i <= tokens->count; i++) {
		enum mi_lex_kind kind = tokens->items[i].kind;

		if (kind != MI_LEX_OPEN && kind != MI_LEX_CLOSE)
			tokens->items[kept++] = tokens->items[i];
	}
	tokens->count = kept - 1;
}

/* ---- Transactions ---- */

struct phrase {
	const char *words[MAX_WORDS];
	enum mi_statement_kind kind;
	bool whole; /* nothing may follow */
};

/* Longer ones first. */
static const struct phrase phrases[] = {
    {{"BEGIN"}, MI_STATEMENT_BEGIN, true},
    {{"START", "TRANSACTION"}, MI_STATEMENT_BEGIN, true},
    {{"COMMIT"}, MI_STATEMENT_COMMIT, true},
    {{"ROLLBACK", "TO"}, MI_STATEMENT_ROLLBACK_TO, false},
    {{"ROLLBACK"}, MI_STATEMENT_ROLLBACK, true},
    {{"SAVEPOINT"}, MI_STATEMENT_SAVEPOINT, false},
    {{"RELEASE", "SAVEPOINT"}, MI_STATEMENT_SAVEPOINT, false},
    {{"XA", "START"}, MI_STATEMENT_XA_START, false},
    {{"XA", "BEGIN"}, MI_STATEMENT_XA_START, false},
    {{"XA", "END"}, MI_STATEMENT_XA_END, false},
    {{"XA", "COMMIT"}, MI_STATEMENT_XA_COMMIT, false},
    {{"XA", "ROLLBACK"}, MI_STATEMENT_XA_ROLLBACK, false},
    /* accounts, and what looks without touching */
    {{"GRANT"}, MI_STATEMENT_HARMLESS, false},
    {{"REVOKE"}, MI_STATEMENT_HARMLESS, false},
    {{"SET", "PASSWORD"}, MI_STATEMENT_HARMLESS, false},
    {{"SET", "DEFAULT", "ROLE"}, MI_STATEMENT_HARMLESS, false},
    {{"CREATE", "USER"}, MI_STATEMENT_HARMLESS, false},
    {{"ALTER", "USER"}, MI_STATEMENT_HARMLESS, false},
    {{"DROP", "USER"}, MI_STATEMENT_HARMLESS, false},
    {{"RENAME", "USER"}, MI_STATEMENT_HARMLESS, false},
    {{"CREATE", "ROLE"}, MI_STATEMENT_HARMLESS, false},
    {{"DROP", "ROLE"}, MI_STATEMENT_HARMLESS, false},
    {{"CREATE", "SERVER"}, MI_STATEMENT_HARMLESS, false},
    {{"ALTER", "SERVER"}, MI_STATEMENT_HARMLESS, false},
    {{"DROP", "SERVER"}, MI_STATEMENT_HARMLESS, false},
    {{"CREATE", "TEMPORARY"}, MI_STATEMENT_HARMLESS, false},
    {{"DROP", "TEMPORARY"}, MI_STATEMENT_HARMLESS, false},
    {{"ANALYZE"}, MI_STATEMENT_HARMLESS, false},
    {{"OPTIMIZE"}, MI_STATEMENT_HARMLESS, false},
    {{"CHECK"}, MI_STATEMENT_HARMLESS, false},
    {{"FLUSH"}, MI_STATEMENT_HARMLESS, false},
    {{"CREATE"}, MI_STATEMENT_DEFINITION, false},
    {{"ALTER"}, MI_STATEMENT_DEFINITION, false},
    {{"DROP"}, MI_STATEMENT_DEFINITION, false},
    {{"RENAME"}, MI_STATEMENT_DEFINITION, false},
    {{"TRUNCATE"}, MI_STATEMENT_DEFINITION, false},
};

static bool begins_with(struct head *head, const struct phrase *phrase)
{
	head->at = 0;
	for (int i = 0; i < MAX_WORDS && phrase->words[i]; i++)
		if (!take_word(head, phrase->words[i]))
			return false;
	return !phrase->whole || peek(head)->kind == MI_LEX_END;
}

static const struct phrase *find_phrase(struct head *head)
{
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (begins_with(head, &phrases[i]))
			return &phrases[i];
	return NULL;
}

static struct mi_span rest_of(const struct head *head, struct mi_span text)
{
	const char *from =
	    peek(head)->kind == MI_LEX_END ? text.data + text.len : peek(head)->text.data;
	const char *to = text.data + text.len;

	while (to > from && (to[-1] == ' ' || to[-1] == ';' || to[-1] == '\n'))
		to--;
	return mi_span(from, (size_t)(to - from));
}

/* ---- Definitions ---- */

static const char *const objects[][2] = {
    {"TABLE", "table"},       {"VIEW", "view"},         {"TRIGGER", "trigger"},
    {"EVENT", "event"},       {"INDEX", "index"},       {"DATABASE", "database"},
    {"SCHEMA", "database"},   {"SEQUENCE", "sequence"}, {"FUNCTION", "routine"},
    {"PROCEDURE", "routine"},
};

/* Between the verb and the object stand only words such as OR REPLACE, UNIQUE, DEFINER = `a`@`b`.
 */
static const char *find_object(struct head *head)
{
	for (; peek(head)->kind != MI_LEX_END; head->at++) {
		if (mi_lexeme_is_punct(peek(head), '('))
			break;
		for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
			if (mi_lexeme_is_word(peek(head), objects[i][0])) {
				head->at++;
				return objects[i][1];
			}
		}
	}
	return "";
}

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_WORD || token->kind == MI_LEX_NAME;
}

/* One table's name, perhaps with its database's before it. */
static bool take_our_name(struct head *head)
{
	bool ours;
	char *name;

	if (!is_name(peek(head)))
		return false;
	if (mi_lexeme_is_punct(peek(head) + 1, '.'))
		head->at += 2;
	if (!is_name(peek(head)))
		return false;
	name = mi_token_name(peek(head));
	ours = mi_table_is_ours(name);
	free(name);
	head->at++;
	return ours;
}

static bool is_bookkeeping(struct head *head, const char *verb)
{
	(void)take_word(head, "IF");
	(void)take_word(head, "NOT");
	(void)take_word(head, "EXISTS");
	if (!take_our_name(head))
		return false;
	if (strcasecmp(verb, "CREATE") == 0 || strcasecmp(verb, "TRUNCATE") == 0)
		return true;
	while (mi_lexeme_is_punct(peek(head), ',')) {
		head->at++;
		if (!take_our_name(head))
			return false;
	}
	return strcasecmp(verb, "DROP") == 0;
}

static void read_definition(struct head *head, const struct phrase *phrase,
                            struct mi_statement *statement)
{
	size_t before = head->at;

	statement->verb = phrase->words[0];
	statement->object = find_object(head);
	if (!*statement->object && strcmp(statement->verb, "TRUNCATE") == 0) {
		head->at = before; /* the word TABLE may be left out */
		statement->object = "table";
	}
	if (strcmp(statement->object, "table") == 0)
		statement->bookkeeping = is_bookkeeping(head, statement->verb);
}

void mi_statement_read(struct mi_span text, struct mi_statement *statement)
{
	struct head head = {0};
	const struct phrase *phrase;

	*statement = (struct mi_statement){.kind = MI_STATEMENT_CHANGE, .object = "", .verb = ""};
	mi_tokens_read_head(&head.tokens, text, HEAD_TOKENS);
	drop_comment_marks(&head.tokens);
	phrase = find_phrase(&head);
	if (phrase) {
		statement->kind = phrase->kind;
		statement->xid = rest_of(&head, text);
	} else if (head.tokens.count == 0 && (text.len == 0 || text.data[0] == '#')) {
		/* MariaDB puts a comment in the place of an event that nobody needs */
		statement->kind = MI_STATEMENT_HARMLESS;
	}
	if (phrase && phrase->kind == MI_STATEMENT_DEFINITION)
		read_definition(&head, phrase, statement);
	mi_tokens_release(&head.tokens);
}

/* Other bytes may stand for the same name: in another character set, or doubled in quotes. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name >= 0x80 || *name == '`' || *name == '"')
			return false;
	return true;
}

bool mi_statement_may_name(struct mi_span text, const char *db)
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
    {NULL, NULL},
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
