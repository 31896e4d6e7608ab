#include "sql/class_scan.h"
#include "base/buf.h"
#include "sql/class.h"
#include "sql/function.h"
#include "sql/lexer.h"

#include <strings.h>

/* ---- Names ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Does a name begin with text (or equal it, whole)? Doubled quotes count as one. */
static bool begins(const struct mi_lexeme *token, struct mi_span text, bool whole)
{
	bool quoted = token->kind == MI_LEX_NAME;
	size_t at = quoted, end = token->text.len - quoted, got = 0;

	if (token->kind != MI_LEX_NAME && token->kind != MI_LEX_WORD)
		return false;
	for (; at < end && got < text.len; at++, got++) {
		if (lower(token->text.data[at]) != lower(text.data[got]))
			return false;
		if (quoted && token->text.data[at] == *token->text.data)
			at++;
	}
	return got == text.len && (!whole || at == end);
}

bool mi_scan_says(const struct mi_lexeme *token, struct mi_span text)
{
	return begins(token, text, true);
}

static const char *const system_dbs[] = {"information_schema", "mysql", "performance_schema", "sys",
                                         NULL};

bool mi_class_is_system(struct mi_span db)
{
	for (size_t i = 0; system_dbs[i]; i++)
		if (db.len == strlen(system_dbs[i]) &&
		    strncasecmp(db.data, system_dbs[i], db.len) == 0)
			return true;
	return false;
}

static bool names_system(const struct mi_lexeme *token)
{
	for (size_t i = 0; system_dbs[i]; i++)
		if (mi_scan_says(token, mi_span_str(system_dbs[i])))
			return true;
	return false;
}

/* ---- Words ---- */

/* INSERT and REPLACE are functions too. */
static bool is_verb(const struct mi_lexeme *token, struct mi_lexer after)
{
	struct mi_lexeme next;

	if (!mi_lexeme_is_word(token, "INSERT") && !mi_lexeme_is_word(token, "REPLACE"))
		return false;
	next = mi_lex_next(&after);
	return !mi_lexeme_is_punct(&next, '(');
}

/* NEXT VALUE FOR a sequence: it moves. */
static bool is_next_value(const struct mi_lexeme *token, struct mi_lexer after)
{
	static const char *const then[] = {"VALUE", "FOR", NULL};
	struct mi_lexeme next = *token;

	if (!mi_lexeme_is_word(token, "NEXT"))
		return false;
	for (const char *const *word = then; *word; word++) {
		next = mi_lex_next(&after);
		if (!mi_lexeme_is_word(&next, *word))
			return false;
	}
	return true;
}

static void note_word(struct mi_scan *scan, const struct mi_lexeme *token,
                      const struct mi_lexer *after)
{
	static const char *const changing[] = {"UPDATE", "DELETE", "PROCEDURE", "ANALYZE", NULL};
	static const char *const never[] = {"FOR",          "LOCK",         "SQL_CALC_FOUND_ROWS",
	                                    "CURRENT_USER", "CURRENT_ROLE", NULL};

	if (mi_lexeme_is_word(token, "INTO"))
		scan->into = scan->impure = true;
	else if (mi_lexeme_is_word(token, "FROM"))
		scan->from = true;
	else if (mi_lexeme_is_word(token, "SELECT"))
		scan->select = true;
	else if (mi_lexeme_is_one_of(token, changing) || is_verb(token, *after) ||
	         is_next_value(token, *after))
		scan->changes = scan->impure = true;
	else if (mi_lexeme_is_one_of(token, never))
		scan->impure = true;
}

static void note_name(struct mi_scan *scan, const struct mi_lexeme *token,
                      const struct mi_class_rules *rules)
{
	if (names_system(token) || begins(token, mi_span_str("_mi_"), false))
		scan->impure = true;
	if (rules->other_db.len && mi_scan_says(token, rules->other_db))
		scan->names_other = true;
}

/* ---- Calls ---- */

/* The functions that ask for what an earlier statement left. With arguments LAST_INSERT_ID sets. */
static unsigned asked_by(const struct mi_lexeme *name, struct mi_lexer after)
{
	struct mi_lexeme next = mi_lex_next(&after);

	if (!mi_lexeme_is_punct(&next, ')'))
		return 0;
	if (mi_lexeme_is_word(name, "LAST_INSERT_ID"))
		return MI_CLASS_ASK_INSERT_ID;
	if (mi_lexeme_is_word(name, "FOUND_ROWS"))
		return MI_CLASS_ASK_FOUND_ROWS;
	return mi_lexeme_is_word(name, "ROW_COUNT") ? MI_CLASS_ASK_LAST : 0;
}

static bool is_pure(const struct mi_lexeme *name, const struct mi_lexeme *bracket,
                    const struct mi_class_rules *rules)
{
	const struct mi_function *function = mi_function_find(name->text);

	if (!function || !mi_function_is_in(function, rules->mariadb, rules->version))
		return false;
	return function->form != MI_FUNCTION_TIGHT || !bracket->spaced ||
	       rules->modes & MI_LEX_IGNORE_SPACE;
}

/* An opening parenthesis after the token `name`, which follows `before`; lexer is behind it. */
static void note_call(struct mi_scan *scan, const struct mi_lexeme *before,
                      const struct mi_lexeme *name, const struct mi_lexeme *bracket,
                      const struct mi_lexer *lexer, const struct mi_class_rules *rules)
{
	static const char *const locks[] = {"GET_LOCK", "SERVICE_GET_READ_LOCKS",
	                                    "SERVICE_GET_WRITE_LOCKS", NULL};
	static const char *const asking[] = {
	    "DATABASE",       "SCHEMA",  "USER",    "CURRENT_USER", "SESSION_USER",
	    "SYSTEM_USER",    "VERSION", "CHARSET", "COLLATION",    "CONNECTION_ID",
	    "LAST_INSERT_ID", "SLEEP",   NULL};
	bool member = mi_lexeme_is_punct(before, '.');
	unsigned asks;

	if (name->kind == MI_LEX_NAME || name->kind == MI_LEX_STRING || name->kind == MI_LEX_HINT)
		scan->call = scan->program = true;
	if (name->kind != MI_LEX_WORD)
		return;
	if (mi_lexeme_is_one_of(name, locks))
		scan->user_lock = true;
	asks = member ? 0 : asked_by(name, *lexer);
	scan->asks |= asks;
	if (asks || (!member && is_pure(name, bracket, rules)))
		return;
	scan->call = true;
	scan->sets_id |= mi_lexeme_is_word(name, "LAST_INSERT_ID");
	scan->program |= member || bracket->spaced || !mi_lexeme_is_one_of(name, asking);
}

/* ---- Variables ---- */

/* Behind the first @. */
static void note_variable(struct mi_scan *scan, struct mi_lexer lexer)
{
	struct mi_lexeme token = mi_lex_next(&lexer);

	if (!mi_lexeme_is_punct(&token, '@') || token.spaced) {
		scan->user_var = true;
		return;
	}
	token = mi_lex_next(&lexer);
	if (mi_lexeme_is_word(&token, "SESSION") || mi_lexeme_is_word(&token, "LOCAL")) {
		(void)mi_lex_next(&lexer);
		token = mi_lex_next(&lexer);
	}
	if (mi_lexeme_is_word(&token, "WARNING_COUNT") || mi_lexeme_is_word(&token, "ERROR_COUNT"))
		scan->asks |= MI_CLASS_ASK_LAST;
	else if (mi_lexeme_is_word(&token, "IDENTITY") ||
	         mi_lexeme_is_word(&token, "LAST_INSERT_ID"))
		scan->asks |= MI_CLASS_ASK_INSERT_ID;
	else
		scan->impure = true;
}

/* ---- Everything ---- */

bool mi_scan_has(struct mi_span text, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < text.len && text.len - i >= len; i++)
		if (strncasecmp(text.data + i, word, len) == 0)
			return true;
	return false;
}

/* A quote in it might end the hint elsewhere than the comment. */
static bool is_harmless_hint(struct mi_span text)
{
	return !mi_scan_has(text, "SET_VAR") && !mi_scan_has(text, "RESOURCE_GROUP") &&
	       !mi_scan_has(text, "'") && !mi_scan_has(text, "\"") && !mi_scan_has(text, "`");
}

struct walk {
	struct mi_lexeme before, last, token;
	size_t depth;
	bool semicolon;
	bool at; /* last is the first or second @ of a variable */
};

static void note_punct(struct mi_scan *scan, struct walk *walk, const struct mi_lexer *lexer,
                       const struct mi_class_rules *rules)
{
	char c = *walk->token.text.data;

	if (c == '(') {
		walk->depth++;
		note_call(scan, &walk->before, &walk->last, &walk->token, lexer, rules);
	} else if (c == ')') {
		walk->depth -= walk->depth > 0;
	} else if (c == '=') {
		scan->assigns |= mi_lexeme_is_punct(&walk->last, ':') && !walk->token.spaced;
	} else if (c == ':' || c == '{' || c == '}' || c == '\\') {
		scan->impure = true;
	} else if (c == '@' && !walk->at) {
		note_variable(scan, *lexer);
	}
	walk->at = c == '@' && !walk->at;
}

static void note(struct mi_scan *scan, struct walk *walk, const struct mi_lexer *lexer,
                 const struct mi_class_rules *rules)
{
	switch (walk->token.kind) {
	case MI_LEX_PUNCT:
		note_punct(scan, walk, lexer, rules);
		return;
	case MI_LEX_WORD:
		note_word(scan, &walk->token, lexer);
		note_name(scan, &walk->token, rules);
		break;
	case MI_LEX_NAME:
		note_name(scan, &walk->token, rules);
		break;
	case MI_LEX_OPEN:
	case MI_LEX_CLOSE:
		scan->executable = true;
		break;
	case MI_LEX_HINT:
		scan->impure |= !is_harmless_hint(walk->token.text);
		break;
	default:
		break;
	}
	walk->at = false;
}

void mi_scan_read(struct mi_lexer *lexer, const struct mi_class_rules *rules, bool until_comma,
                  struct mi_scan *scan)
{
	struct walk walk = {.last = {.kind = MI_LEX_END}, .before = {.kind = MI_LEX_END}};

	*scan = (struct mi_scan){0};
	for (;;) {
		struct mi_lexer here = *lexer;

		walk.token = mi_lex_next(lexer);
		scan->executable |= lexer->met_executable;
		scan->bad = walk.token.kind == MI_LEX_BAD;
		if (walk.token.kind == MI_LEX_END || scan->bad)
			return;
		if (until_comma && walk.depth == 0 &&
		    (mi_lexeme_is_punct(&walk.token, ',') ||
		     mi_lexeme_is_punct(&walk.token, ';'))) {
			*lexer = here;
			return;
		}
		if (mi_lexeme_is_punct(&walk.token, ';'))
			walk.semicolon = true;
		else if (walk.semicolon)
			scan->several = true;
		note(scan, &walk, lexer, rules);
		if (!scan->several)
			scan->asks_first = scan->asks;
		walk.before = walk.last;
		walk.last = walk.token;
	}
}

/* ---- What cannot be taken apart ---- */

unsigned mi_scan_feared_pins(struct mi_span text)
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

unsigned mi_scan_feared_asks(struct mi_span text)
{
	static const char *const last[] = {"ROW_COUNT", "WARNING", "ERROR", "DIAGNOSTICS"};
	unsigned asks = mi_scan_has(text, "FOUND_ROWS") ? MI_CLASS_ASK_FOUND_ROWS : 0;

	for (size_t i = 0; i < sizeof last / sizeof *last; i++)
		if (mi_scan_has(text, last[i]))
			asks |= MI_CLASS_ASK_LAST;
	return asks;
}
