#include "wire/ddltext.h"
#include "wire/ddl_object.h"
#include "wire/ddl_token.h"
#include "wire/sql.h"

#include <stdlib.h>

enum { HEAD_TOKENS = 32 }; /* of a CREATE statement: what it makes stands among them */

/* Is the token at i a database's name, as in `db`.`table`? */
static bool is_qualifier(const struct mi_tokens *tokens, size_t i)
{
	return tokens->items[i].kind == MI_TOKEN_NAME &&
	       mi_token_is_punct(&tokens->items[i + 1], '.') &&
	       (i == 0 || !mi_token_is_punct(&tokens->items[i - 1], '.'));
}

static bool is_after_dot(const struct mi_tokens *tokens, size_t i)
{
	return i > 0 && mi_token_is_punct(&tokens->items[i - 1], '.');
}

/* One token into out, renamed if it has to be. */
static int rename_token(const struct mi_tokens *tokens, size_t i, const struct mi_map *map,
                        bool alone, struct mi_buf *out, struct mi_err *err)
{
	const struct mi_token *token = &tokens->items[i];
	const char *new;
	char *old;
	int ret = 0;

	if (token->kind != MI_TOKEN_NAME || is_after_dot(tokens, i)) {
		mi_buf_add_span(out, token->text);
		return 0;
	}
	old = mi_token_name(token);
	new = mi_map_db(map, old);
	if (new == old)
		mi_buf_add_span(out, token->text);
	else if (alone || is_qualifier(tokens, i))
		mi_sql_ident(out, new);
	else
		ret = mi_fail(err, MI_DATA,
		              "cannot tell whether `%s` means the database that --map-db "
		              "renames, or something else",
		              old);
	free(old);
	return ret;
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

/* Index behind "name ." when that stands at i and is one of the two; else i. */
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
		if (next == tokens.count && mi_token_is_punct(&tokens.items[i], ';'))
			break;
		mi_buf_add_span(out, tokens.items[i].text);
		mi_buf_add_char(out, ' ');
	}
	mi_tokens_release(&tokens);
	mi_buf_release(&stripped);
}

bool mi_ddltext_makes(const char *text, const char *word)
{
	struct mi_tokens tokens;
	bool makes = false;

	mi_tokens_read_head(&tokens, mi_span_str(text), HEAD_TOKENS);
	for (size_t i = 0; i < tokens.count; i++) {
		if (!mi_token_is_word(&tokens.items[i], "PROCEDURE") &&
		    !mi_token_is_word(&tokens.items[i], "FUNCTION"))
			continue;
		makes = mi_token_is_word(&tokens.items[i], word);
		break;
	}
	mi_tokens_release(&tokens);
	return makes;
}
