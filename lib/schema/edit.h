/* Rewriting a text by its tokens, from front to back: whatever no call names stays as it is. */
#ifndef MI_SCHEMA_EDIT_H
#define MI_SCHEMA_EDIT_H

#include "base/buf.h"
#include "base/err.h"
#include "sql/tokens.h"

#include <stdbool.h>

struct mi_edit {
	struct mi_tokens tokens;
	struct mi_buf *text; /* the caller's; holds the old text until mi_edit_close */
	struct mi_buf out;
	size_t done; /* bytes of the old text that have been copied, replaced or dropped */
};

/* text is the caller's, and not to be touched until mi_edit_close. MI_DATA: it cannot be taken
 * apart (mi_tokens_read); nothing is to be closed then. */
MI_MUST int mi_edit_open(struct mi_edit *edit, struct mi_buf *text, struct mi_err *err);

/* Replaces the caller's text by the new one: what has been written, and the rest of the old
 * text. */
void mi_edit_close(struct mi_edit *edit);

/* The token of the old text at index `at`; MI_LEX_END for each index behind the last. */
const struct mi_lexeme *mi_edit_token(const struct mi_edit *edit, size_t at);
bool mi_edit_is(const struct mi_edit *edit, size_t at, const char *word);
bool mi_edit_is_punct(const struct mi_edit *edit, size_t at, char punct);

/* These must be called in the order of the places that they change. They replace or drop the tokens
 * from `from` up to, without, `to`; the insertion goes behind the token before `before`. */
void mi_edit_replace(struct mi_edit *edit, size_t from, size_t to, const char *with);
void mi_edit_drop(struct mi_edit *edit, size_t from, size_t to); /* and the space before them */
void mi_edit_insert(struct mi_edit *edit, size_t before, const char *text);

#endif
