/* A text and its tokens, rewritten from front to back: what is not mentioned stays as it is. */
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
	size_t done; /* bytes of the old text that are dealt with */
};

MI_MUST int mi_edit_open(struct mi_edit *edit, struct mi_buf *text, struct mi_err *err);

/* Puts the rest after what has been written, and all of it into the caller's text. */
void mi_edit_close(struct mi_edit *edit);

/* The token at index `at`; behind the last one MI_LEX_END, whatever `at`. */
const struct mi_lexeme *mi_edit_token(const struct mi_edit *edit, size_t at);
bool mi_edit_is(const struct mi_edit *edit, size_t at, const char *word);
bool mi_edit_is_punct(const struct mi_edit *edit, size_t at, char punct);

/* These must be called with growing places. Tokens from `from` up to, without, `to`. */
void mi_edit_replace(struct mi_edit *edit, size_t from, size_t to, const char *with);
void mi_edit_drop(struct mi_edit *edit, size_t from, size_t to); /* and the space before them */
void mi_edit_insert(struct mi_edit *edit, size_t before, const char *text);

#endif
