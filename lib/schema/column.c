#include "schema/column.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "schema/edit.h"
#include "sql/literal.h"
#include "sql/tokens.h"
#include "table/table.h"

/* True when text has characters of four bytes, which utf8mb3 has not. */
static bool is_beyond(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0xf0)
			return true;
	return false;
}

int mi_ddl_column_set_members(struct mi_table_element *element, const struct mi_column *column,
                              struct mi_err *err)
{
	struct mi_edit edit;

	if (!is_beyond(column->type_text))
		return 0;
	if (mi_edit_open(&edit, &element->text, err) != 0)
		return -1;
	if ((mi_edit_is(&edit, 1, "enum") || mi_edit_is(&edit, 1, "set")) &&
	    mi_edit_is_punct(&edit, 2, '('))
		mi_edit_replace(&edit, 1, mi_tokens_match(&edit.tokens, 2) + 1, column->type_text);
	mi_edit_close(&edit);
	return 0;
}

/* Index of DEFAULT's value when it is one string in single quotes; 0: it is something else. */
static size_t default_at(const struct mi_tokens *tokens)
{
	for (size_t at = 1; at + 1 < tokens->count; at++) {
		const struct mi_lexeme *value = &tokens->items[at + 1];

		if (mi_lexeme_is_punct(&tokens->items[at], '('))
			at = mi_tokens_match(tokens, at);
		else if (mi_lexeme_is_word(&tokens->items[at], "DEFAULT"))
			return value->kind == MI_LEX_STRING && *value->text.data == '\'' ? at + 1
			                                                                 : 0;
	}
	return 0;
}

bool mi_ddl_column_default(const struct mi_table_element *element, struct mi_buf *value)
{
	struct mi_tokens tokens;
	size_t at;

	mi_tokens_read_head(&tokens, mi_buf_span(&element->text), SIZE_MAX);
	at = default_at(&tokens);
	if (at)
		mi_token_string(&tokens.items[at], value);
	mi_tokens_release(&tokens);
	return at && memchr(value->data ? value->data : "", '?', value->len);
}

int mi_ddl_column_set_default(struct mi_table_element *element, struct mi_span value,
                              struct mi_err *err)
{
	struct mi_edit edit;
	struct mi_buf literal = {0};
	size_t at;

	if (mi_edit_open(&edit, &element->text, err) != 0)
		return -1;
	at = default_at(&edit.tokens);
	mi_sql_string_span(&literal, value);
	if (at)
		mi_edit_replace(&edit, at, at + 1, mi_buf_cstr(&literal));
	mi_buf_release(&literal);
	mi_edit_close(&edit);
	return 0;
}
