/* A walk over the tokens of a statement, for whoever reads a grammar from front to back. */
#ifndef MI_EVOLVE_CURSOR_H
#define MI_EVOLVE_CURSOR_H

#include "base/buf.h"
#include "sql/tokens.h"

#include <stdbool.h>

struct mi_cursor {
	const struct mi_tokens *tokens;
	size_t at, end;  /* the next token, and where to stop */
	unsigned modes;  /* enum mi_lex_mode: how a string's value is to be read */
	const char *why; /* the first thing that was not understood; NULL: none. Static text */
};

/* The token at hand or `ahead` of it; of kind MI_LEX_END from cursor->end on. */
const struct mi_lexeme *mi_cursor_token(const struct mi_cursor *cursor, size_t ahead);
bool mi_cursor_is(const struct mi_cursor *cursor, const char *word);
bool mi_cursor_is_punct(const struct mi_cursor *cursor, char punct);
bool mi_cursor_at_end(const struct mi_cursor *cursor);

/* Take the token at hand if it is this; false: it is not, and nothing is taken. _either: one of two
 * words, _all: words that follow each other, ended by NULL. */
bool mi_cursor_take(struct mi_cursor *cursor, const char *word);
bool mi_cursor_take_punct(struct mi_cursor *cursor, char punct);
bool mi_cursor_take_either(struct mi_cursor *cursor, const char *a, const char *b);
bool mi_cursor_take_all(struct mi_cursor *cursor, const char *const *words);

/* Sets why unless it is set. Returns false. */
bool mi_cursor_fail(struct mi_cursor *cursor, const char *why);

/* Takes a name, quoted or not. NULL: there is none. The caller frees it. */
char *mi_cursor_name(struct mi_cursor *cursor);

/* Takes "(...)" with all that is in it. False: no bracket stands here. */
bool mi_cursor_skip_brackets(struct mi_cursor *cursor);

/* Takes what stands before the next comma outside of brackets, or before a bracket that closes. */
void mi_cursor_skip_item(struct mi_cursor *cursor);

#endif
