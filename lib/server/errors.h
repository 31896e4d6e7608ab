/* From the error numbers of servers and client libraries to MI's error codes and hints. */
#ifndef MI_SERVER_ERRORS_H
#define MI_SERVER_ERRORS_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

#include <stdbool.h>

/* Fills err, with a hint, for a connection that could not be opened: number and text are the
 * server's or the client library's. A server that cannot be reached or is full is MI_UNAVAILABLE, a
 * refused login MI_DENIED, a wrong setting (database, TLS, plugin) MI_CONFIG. Returns -1. */
int mi_conn_explain_number(const struct mi_conn_options *options, const struct mi_conn_place *place,
                           unsigned number, const char *text, struct mi_err *err);

/* Like mi_conn_fail, for a number and a text that did not come through the client library. */
int mi_conn_fail_number(const struct mi_conn *conn, struct mi_err *err, const char *what,
                        unsigned number, const char *text);

/* Like mi_conn_fail; `what` is the beginning of the statement, up to 120 bytes. */
int mi_conn_fail_statement(const struct mi_conn *conn, struct mi_err *err, struct mi_span sql);

/* Fills err from conn's last error; `what` says what was being done. A lost connection, a server
 * that shuts down and one that is full are MI_UNAVAILABLE; deadlocks, lock waits, killed and
 * timed-out statements MI_AGAIN; missing privileges MI_DENIED; a server option that forbids the
 * statement (read_only) MI_CONFIG; everything else MI_DATA. Returns -1. */
int mi_conn_fail(const struct mi_conn *conn, struct mi_err *err, const char *what);

/* True for server or client errors after which the transaction may be tried again: deadlock, lock
 * wait timeout, lost connection, server shutting down. */
bool mi_conn_is_transient(unsigned mysql_errno);

#endif
