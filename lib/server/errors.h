/* What the errors of servers and client libraries mean, and what to do about them. */
#ifndef MI_SERVER_ERRORS_H
#define MI_SERVER_ERRORS_H

#include "server/conn.h"
#include "server/options.h"

/* Fills err for a connection that could not be opened: number and text are the server's or the
 * client library's. Returns -1. */
int mi_conn_explain_number(const struct mi_conn_options *options, const struct mi_conn_place *place,
                           unsigned number, const char *text, struct mi_err *err);

/* mi_conn_fail, for an error that the client library has not seen. */
int mi_conn_fail_number(const struct mi_conn *conn, struct mi_err *err, const char *what,
                        unsigned number, const char *text);

/* mi_conn_fail, with the beginning of the statement for `what`. */
int mi_conn_fail_statement(const struct mi_conn *conn, struct mi_err *err, struct mi_span sql);

/* "127.0.0.1:3306" or the socket's path, in a static per-thread buffer. */
const char *mi_conn_place_text(const struct mi_conn_options *options);

#endif
