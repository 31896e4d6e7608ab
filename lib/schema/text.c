#include "schema/text.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/object.h"
#include "sql/literal.h"
#include "sql/tokens.h"
#include "table/dbmap.h"

#include <stdlib.h>
#include <strings.h>

enum { HEAD_TOKENS = 32 }; /* among so many tokens a CREATE statement says what it makes */

/* True when the token at i may be a database's name, as in `db`.`table` or db.table. */
static bool is_qualifier(const struct mi_tokens *tokens, size_t i)
{
	return (tokens->items[i].kind == MI_LEX_NAME || tokens->items[i].kind == MI_LEX_WORD) &&
	       mi_lexeme_is_punct(&tokens->items[i + 1], '.') &&
	       (i == 0 || !mi_lexeme_is_punct(&tokens->items[i - 1], '.'));
}

static bool is_after_dot(const struct mi_tokens *tokens, size_t i)
{
	return i > 0 && mi_lexeme_is_punct(&tokens->items[i - 1], '.');
}

static int fail_unclear(const char *name, struct mi_err *err)
{
	return mi_fail(err, MI_DATA,
	               "cannot tell whether `%s` means the database that --map-db renames, or "
	               "something else",
	               name);
}

/* True for name in a trigger's NEW.name and OLD.name, which is a column. */
static bool is_column_of_row(const struct mi_tokens *tokens, size_t i)
{
	return i > 1 && is_after_dot(tokens, i) &&
	       (mi_lexeme_is_word(&tokens->items[i - 2], "NEW") ||
	        mi_lexeme_is_word(&tokens->items[i - 2], "OLD"));
}

/* True for NEW and OLD in a trigger, which are its rows, whatever databases are called so. */
static bool is_row(const struct mi_tokens *tokens, size_t i)
{
	if (!mi_lexeme_is_word(&tokens->items[i], "NEW") &&
	    !mi_lexeme_is_word(&tokens->items[i], "OLD"))
		return false;
	for (size_t k = 0; k < tokens->count && k < HEAD_TOKENS; k++)
		if (mi_lexeme_is_word(&tokens->items[k], "TRIGGER"))
			return true;
	return false;
}

/* True when the text has this name without a dot after it, too: a table or an alias, which the name
 * followed by a dot may mean. */
static bool names_something_else(const struct mi_tokens *tokens, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < tokens->count && !found; i++) {
		const struct mi_lexeme *token = &tokens->items[i];
		char *name;

		if ((token->kind != MI_LEX_NAME && token->kind != MI_LEX_WORD) ||
		    mi_lexeme_is_punct(&tokens->items[i + 1], '.') || is_column_of_row(tokens, i))
			continue;
		name = mi_token_name(token);
		found = strcasecmp(name, word) == 0;
		free(name);
	}
	return found;
}

/* True when a mapped database has this name, or differs from it by case alone; whether names that
 * differ by case are two databases is the server's setting. */
static bool differs_by_case(const struct mi_map *map, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < map->pairs.count; i++)
		if (strncasecmp(map->pairs.items[i], word, len) == 0 &&
		    map->pairs.items[i][len] == '=')
			return true;
	return false;
}

/* A name without quotes and with a dot after it, as people write in routines. */
static int rename_word(const struct mi_tokens *tokens, size_t i, const struct mi_map *map,
                       struct mi_buf *out, struct mi_err *err)
{
	char *word = mi_token_name(&tokens->items[i]);
	const char *new = mi_map_db(map, word);
	int ret = 0;

	if (new == word && !differs_by_case(map, word))
		mi_buf_add_span(out, tokens->items[i].text);
	else if (new == word || is_row(tokens, i) || names_something_else(tokens, word))
		ret = fail_unclear(word, err);
	else
		mi_sql_ident(out, new);
	free(word);
	return ret;
}

/* True when the text has this name before a dot. */
static bool names_before_dot(const struct mi_tokens *tokens, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < tokens->count && !found; i++) {
		char *name;

		if (!is_qualifier(tokens, i))
			continue;
		name = mi_token_name(&tokens->items[i]);
		found = strcasecmp(name, word) == 0;
		free(name);
	}
	return found;
}

/* A name in quotes. */
static int rename_name(const struct mi_tokens *tokens, size_t i, const struct mi_map *map,
                       bool alone, struct mi_buf *out, struct mi_err *err)
{
	char *old = mi_token_name(&tokens->items[i]);
	const char *new = mi_map_db(map, old);
	int ret = 0;

	if (new == old)
		mi_buf_add_span(out, tokens->items[i].text);
	else if (alone || is_qualifier(tokens, i))
		mi_sql_ident(out, new);
	else if (!names_before_dot(tokens, old))
		mi_buf_add_span(out, tokens->items[i].text);
	else
		ret = fail_unclear(old, err);
	free(old);
	return ret;
}

/* Appends one token to out, renamed if it is a mapped database. */
static int rename_token(const struct mi_tokens *tokens, size_t i, const struct mi_map *map,
                        bool alone, struct mi_buf *out, struct mi_err *err)
{
	const struct mi_lexeme *token = &tokens->items[i];

	if (token->kind == MI_LEX_NAME && !is_after_dot(tokens, i))
		return rename_name(tokens, i, map, alone, out, err);
	if (token->kind == MI_LEX_WORD && is_qualifier(tokens, i))
		return rename_word(tokens, i, map, out, err);
	mi_buf_add_span(out, token->text);
	return 0;
}

int mi_ddltext_rename(const char *text, const struct mi_map *map, bool alone, struct mi_buf *out,
                      struct mi_err *err)
{
	struct mi_tokens tokens = {0};
	const char *at = text;
	int ret = -1;

	if (map->pairs.count == 0) {
		mi_buf_add_str(out, text);
		return 0;
	}
	if (mi_tokens_read(&tokens, mi_span_str(text), err) != 0)
		return -1;
	for (size_t i = 0; i < tokens.count; i++) {
		struct mi_span token = tokens.items[i].text;

		mi_buf_add(out, at, (size_t)(token.data - at));
		if (rename_token(&tokens, i, map, alone, out, err) != 0)
			goto out;
		at = token.data + token.len;
	}
	mi_buf_add_str(out, at);
	ret = 0;
out:
	mi_tokens_release(&tokens);
	return ret;
}

/* Index after "name ." when that stands at i and name is db or into; else i. */
static size_t skip_qualifier(const struct mi_tokens *tokens, size_t i, const char *db,
                             const char *into)
{
	char *name;
	bool skip;

	if (!is_qualifier(tokens, i))
		return i;
	name = mi_token_name(&tokens->items[i]);
	skip = strcmp(name, db) == 0 || strcmp(name, into) == 0;
	free(name);
	return skip ? i + 2 : i;
}

void mi_ddltext_normalise(const char *text, const char *db, const char *into, struct mi_buf *out)
{
	struct mi_tokens tokens = {0};
	struct mi_buf stripped = {0};
	struct mi_err ignored = {0};
	size_t next;

	mi_buf_add_str(&stripped, text);
	mi_ddl_strip_definer(&stripped);
	if (mi_tokens_read(&tokens, mi_buf_span(&stripped), &ignored) != 0)
		mi_buf_add_span(out, mi_buf_span(&stripped));
	for (size_t i = 0; i < tokens.count; i = next) {
		next = skip_qualifier(&tokens, i, db, into);
		if (next > i)
			continue;
		next = i + 1;
		if (next == tokens.count && mi_lexeme_is_punct(&tokens.items[i], ';'))
			break;
		mi_buf_add_span(out, tokens.items[i].text);
		mi_buf_add_char(out, ' ');
	}
	mi_tokens_release(&tokens);
	mi_buf_release(&stripped);
}

const char *mi_ddltext_routine(const char *text)
{
	static const char *const words[] = {"PROCEDURE", "FUNCTION", "PACKAGE"};
	enum { WORDS = sizeof words / sizeof *words };
	struct mi_tokens tokens;
	const char *type = NULL;

	mi_tokens_read_head(&tokens, mi_span_str(text), HEAD_TOKENS);
	for (size_t i = 0; i < tokens.count && !type; i++)
		for (size_t k = 0; k < WORDS; k++)
			if (mi_lexeme_is_word(&tokens.items[i], words[k]))
				type = k == WORDS - 1 && i + 1 < tokens.count &&
				               mi_lexeme_is_word(&tokens.items[i + 1], "BODY")
				           ? "PACKAGE BODY"
				           : words[k];
	mi_tokens_release(&tokens);
	return type;
}
