/* What the target lacks for one statement, by what both servers say of it (server/ask.h). Nothing
 * is run. */
#ifndef MI_ROUTE_REPLICA_LACKING_ASK_H
#define MI_ROUTE_REPLICA_LACKING_ASK_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/known.h"
#include "sql/lexer.h"

#include <stdbool.h>

/* A client's statement and how its session reads it. */
struct mi_lacking_text {
	struct mi_span text;
	unsigned modes; /* enum mi_lex_mode */
	enum mi_lex_charset charset;
};

/* Is such a statement asked about, and with which text? Appends that to asked: bytes above ASCII
 * are an x each, which changes no token, and needs no character set. False: several statements;
 * texts in a language or character set that is not known here; and statements that only one server
 * is meant to get, of accounts and of the server, in which there may be passwords. */
bool mi_lacking_is_asked(const struct mi_lacking_text *text, struct mi_buf *asked);

/* Appends a sql_mode under which a server reads texts as the session does. */
void mi_lacking_sql_mode(unsigned modes, struct mi_buf *mode);

/* Tells of something that the target lacks: the error that it gives, and the function or word that
 * it does not know; empty: not known. */
typedef void mi_lacking_fn(void *user, unsigned error, struct mi_span what);

/* Calls fn for each thing that the target lacks and the source has: the syntax, a word, a collation
 * or a variable, once; functions, each; a stored function at the target stands in for one. asked is
 * from mi_lacking_is_asked. The connections' default databases change. -1: a server is lost, or
 * cannot be asked about this statement. */
MI_MUST int mi_lacking_ask(struct mi_conn *source, struct mi_conn *target, struct mi_knowns *knowns,
                           struct mi_span asked, unsigned modes, mi_lacking_fn *fn, void *user,
                           struct mi_err *err);

#endif
