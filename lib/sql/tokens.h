/* SQL text as an array of tokens: what SHOW CREATE prints, taken apart without ever looking at
 * lines. Assumes the session that server/settings.h sets up: UTF-8, backslash escapes, double
 * quotes are strings.
 *
 * The tokens are sql/lexer.h's under MI_LEX_DEFINITION, except that a number is a WORD and that
 * optimizer hints are left out, like all comments that are not executable. */
#ifndef MI_SQL_TOKENS_H
#define MI_SQL_TOKENS_H

#include "base/buf.h"
#include "base/err.h"
#include "sql/lexer.h"

/* The last element is MI_LEX_END. */
struct mi_tokens {
	struct mi_lexeme *items; /* point into the text that was taken apart */
	size_t count;            /* without MI_LEX_END */
};

/* Takes text apart; it must outlive the tokens. MI_DATA: a quote or comment without end, an
 * executable comment inside another, brackets that do not pair, a byte that no SQL has outside of
 * quotes (NUL, what is not UTF-8). */
MI_MUST int mi_tokens_read(struct mi_tokens *tokens, struct mi_span text, struct mi_err *err);
/* The same of a text that was written in another session: modes, enum mi_lex_mode. */
MI_MUST int mi_tokens_read_under(struct mi_tokens *tokens, struct mi_span text, unsigned modes,
                                 struct mi_err *err);

/* The first tokens only, at most `limit`, and those before whatever cannot be taken apart: never
 * fails. For the head of a statement whose body may follow other rules. */
void mi_tokens_read_head(struct mi_tokens *tokens, struct mi_span text, size_t limit);
void mi_tokens_release(struct mi_tokens *tokens);

/* A quoted name's own text; any other token as it stands. The caller frees it. */
char *mi_token_name(const struct mi_lexeme *token);

/* Appends a string's own text, escapes resolved; introducers and prefixes are not for this. */
void mi_token_string(const struct mi_lexeme *token, struct mi_buf *text);

/* Index of the bracket that closes the one at `open`; count when nothing does. */
size_t mi_tokens_match(const struct mi_tokens *tokens, size_t open);

/* The text from the token at `from` up to, without, the one at `to`; trailing space cut off. */
struct mi_span mi_tokens_span(const struct mi_tokens *tokens, size_t from, size_t to);

#endif
