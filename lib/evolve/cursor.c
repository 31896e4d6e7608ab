#include "evolve/cursor.h"
#include "base/buf.h"
#include "sql/lexer.h"
#include "sql/tokens.h"

const struct mi_lexeme *mi_cursor_token(const struct mi_cursor *cursor, size_t ahead)
{
	size_t at = cursor->at + ahead;

	/* the last token is MI_LEX_END, which is no word, name or punctuation */
	return &cursor->tokens->items[at < cursor->end ? at : cursor->tokens->count];
}

bool mi_cursor_is(const struct mi_cursor *cursor, const char *word)
{
	return mi_lexeme_is_word(mi_cursor_token(cursor, 0), word);
}

bool mi_cursor_is_punct(const struct mi_cursor *cursor, char punct)
{
	return mi_lexeme_is_punct(mi_cursor_token(cursor, 0), punct);
}

bool mi_cursor_at_end(const struct mi_cursor *cursor)
{
	return cursor->at >= cursor->end;
}

bool mi_cursor_take(struct mi_cursor *cursor, const char *word)
{
	bool is = mi_cursor_is(cursor, word);

	cursor->at += is;
	return is;
}

bool mi_cursor_take_punct(struct mi_cursor *cursor, char punct)
{
	bool is = mi_cursor_is_punct(cursor, punct);

	cursor->at += is;
	return is;
}

bool mi_cursor_take_either(struct mi_cursor *cursor, const char *a, const char *b)
{
	return mi_cursor_take(cursor, a) || mi_cursor_take(cursor, b);
}

bool mi_cursor_take_all(struct mi_cursor *cursor, const char *const *words)
{
	size_t count = 0;

	for (; words[count]; count++)
		if (!mi_lexeme_is_word(mi_cursor_token(cursor, count), words[count]))
			return false;
	cursor->at += count;
	return true;
}

bool mi_cursor_fail(struct mi_cursor *cursor, const char *why)
{
	if (!cursor->why)
		cursor->why = why;
	return false;
}

char *mi_cursor_name(struct mi_cursor *cursor)
{
	const struct mi_lexeme *token = mi_cursor_token(cursor, 0);
	struct mi_buf value = {0};
	char *name;

	if (token->kind != MI_LEX_WORD && token->kind != MI_LEX_NAME)
		return NULL;
	mi_lexeme_value(token, cursor->modes, &value);
	name = mi_strdup(mi_buf_cstr(&value));
	mi_buf_release(&value);
	cursor->at++;
	return name;
}

bool mi_cursor_skip_brackets(struct mi_cursor *cursor)
{
	if (!mi_cursor_is_punct(cursor, '('))
		return false;
	cursor->at = mi_tokens_match(cursor->tokens, cursor->at) + 1;
	return true;
}

void mi_cursor_skip_item(struct mi_cursor *cursor)
{
	while (!mi_cursor_at_end(cursor) && !mi_cursor_is_punct(cursor, ',') &&
	       !mi_cursor_is_punct(cursor, ')'))
		if (!mi_cursor_skip_brackets(cursor))
			cursor->at++;
}
