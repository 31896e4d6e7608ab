/* SQL text as tokens: what SHOW CREATE prints, taken apart without ever looking at lines. Assumes
 * the session that server/settings.h sets up: backslash escapes, double quotes are strings. */
#ifndef MI_SQL_TOKENS_H
#define MI_SQL_TOKENS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum mi_token_kind {
	MI_TOKEN_WORD,   /* keyword, unquoted name, number; _charset introducers too */
	MI_TOKEN_NAME,   /* `quoted` */
	MI_TOKEN_STRING, /* 'quoted' or "quoted", with the N, B or X before it */
	MI_TOKEN_PUNCT,  /* one character */
	MI_TOKEN_OPEN,   /* start of an executable comment: slash star ! and digits, or with M! */
	MI_TOKEN_CLOSE,  /* its end */
	MI_TOKEN_END,    /* after the last token; text is empty */
};

struct mi_token {
	enum mi_token_kind kind;
	struct mi_span text; /* points into the text that was taken apart */
};

/* Plain comments and white space lie between tokens. The last element is MI_TOKEN_END. */
struct mi_tokens {
	struct mi_token *items;
	size_t count; /* without MI_TOKEN_END */
};

/* Takes text apart; it must outlive the tokens. MI_DATA: a quote or comment without end, an
 * executable comment inside another, brackets that do not pair. */
MI_MUST int mi_tokens_read(struct mi_tokens *tokens, struct mi_span text, struct mi_err *err);

/* The first tokens only, at most `limit`, and those before whatever cannot be taken apart: never
 * fails. For the head of a statement whose body may follow other rules. */
void mi_tokens_read_head(struct mi_tokens *tokens, struct mi_span text, size_t limit);
void mi_tokens_release(struct mi_tokens *tokens);

/* Words compare without case; names and strings never are words. */
bool mi_token_is_word(const struct mi_token *token, const char *word);
bool mi_token_is_punct(const struct mi_token *token, char punct);

/* A quoted name's own text, or a word's. */
char *mi_token_name(const struct mi_token *token);

/* A string's own text, escapes resolved; introducers and prefixes are not for this. */
void mi_token_string(const struct mi_token *token, struct mi_buf *text);

/* Index of the bracket that closes the one at `open`. */
size_t mi_tokens_match(const struct mi_tokens *tokens, size_t open);

/* The text from the token at `from` up to, without, the one at `to`; trailing space cut off. */
struct mi_span mi_tokens_span(const struct mi_tokens *tokens, size_t from, size_t to);

#endif
