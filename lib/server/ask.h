/* What a server's own parser says of functions and statements. Nothing is run: PREPARE alone reads
 * a statement and resolves its functions, and what is prepared is thrown away. Both flavours do so
 * for every statement: where one is "not supported in the prepared statement protocol" they say
 * that after they have read all of it (tried on MySQL 5.7, 8.0, 9.7 and MariaDB 10.5, 10.11, 11.8).
 *
 * The default database of the connection changes. Functions are asked for in information_schema,
 * which has no stored ones: a server that looks for one there has no built-in of that name. */
#ifndef MI_SERVER_ASK_H
#define MI_SERVER_ASK_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stddef.h>

enum mi_asked {
	MI_ASKED_ABSENT,  /* no such function */
	MI_ASKED_PRESENT, /* there is one, which takes so many arguments */
	MI_ASKED_OTHER,   /* there is one, which takes another number of them */
	MI_ASKED_LOADED,  /* a loadable one, from a plugin or component */
	MI_ASKED_GRAMMAR, /* a word of the grammar, which may have arguments of its own kind */
};

/* Has the server a function of that name (as in a statement, quotes included)? It is asked with
 * placeholders, so that there is nothing to be computed. */
MI_MUST int mi_ask_function(struct mi_conn *conn, struct mi_span name, size_t arguments,
                            enum mi_asked *asked, struct mi_err *err);

/* Is it a loadable function, which no expression of a table may call? For a name that is PRESENT.
 */
MI_MUST int mi_ask_loadable(struct mi_conn *conn, struct mi_span name, bool *loadable,
                            struct mi_err *err);

/* Would the server read `word` as an unquoted name? */
MI_MUST int mi_ask_name(struct mi_conn *conn, const char *word, bool *taken, struct mi_err *err);

struct mi_ask_refusal {
	unsigned number; /* the server's error; 0: none */
	char why[400];
	char word[80]; /* where the server stopped reading, when that is a word; else "" */
};

/* To be called before mi_ask_statement, and again after questions about functions: takes a default
 * database other than information_schema, where names of tables are looked up while a body is still
 * being read. */
MI_MUST int mi_ask_statements(struct mi_conn *conn, struct mi_err *err);

/* Would the server read all of these, under the session's own sql_mode? body: statements, each with
 * a semicolon after it. One question for many, so "no" may be wrong: ask for each, then. */
MI_MUST int mi_ask_together(struct mi_conn *conn, struct mi_span body, bool *taken,
                            struct mi_err *err);

/* Would the server read the statement under that sql_mode? NULL: the session's own. What it says
 * of things that are not there, of privileges and of PREPARE itself is no refusal. */
MI_MUST int mi_ask_statement(struct mi_conn *conn, struct mi_span statement, const char *sql_mode,
                             struct mi_ask_refusal *refusal, struct mi_err *err);

/* Is the refusal about the text alone, whatever tables there are: a syntax, a collation or a system
 * variable that the server does not know? */
bool mi_ask_is_of_the_text(const struct mi_ask_refusal *refusal);

#endif
