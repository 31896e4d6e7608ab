/* What the errors of servers and client libraries mean, and what to do about them. */
#ifndef MI_SERVER_ERRORS_H
#define MI_SERVER_ERRORS_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

#include <stdbool.h>

/* Fills err for a connection that could not be opened: number and text are the server's or the
 * client library's. Returns -1. */
int mi_conn_explain_number(const struct mi_conn_options *options, const struct mi_conn_place *place,
                           unsigned number, const char *text, struct mi_err *err);

/* mi_conn_fail, for an error that the client library has not seen. */
int mi_conn_fail_number(const struct mi_conn *conn, struct mi_err *err, const char *what,
                        unsigned number, const char *text);

/* mi_conn_fail, with the beginning of the statement for `what`. */
int mi_conn_fail_statement(const struct mi_conn *conn, struct mi_err *err, struct mi_span sql);

/* Fills err from mysql_error: lost connections and refused ones are MI_UNAVAILABLE, deadlocks and
 * lock waits MI_AGAIN, missing privileges MI_DENIED, everything else MI_DATA. Returns -1. what says
 * what was being done. */
int mi_conn_fail(const struct mi_conn *conn, struct mi_err *err, const char *what);

/* True for server or client errors after which the same transaction may be tried again: deadlock,
 * lock wait timeout, lost connection, server shutting down. */
bool mi_conn_is_transient(unsigned mysql_errno);

#endif
