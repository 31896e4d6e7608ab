/* Opening a connection: login, flavour, the session's settings. */
#ifndef MI_SERVER_OPEN_H
#define MI_SERVER_OPEN_H

#include "base/err.h"
#include "server/conn.h"

/* Connects, logs in, asks the server for flavour and version, sets the session's variables and
 * reads each back: one that did not take is MI_CONFIG. A server that cannot be reached is
 * MI_UNAVAILABLE, a refused login MI_DENIED. options must outlive the connection. *conn is filled
 * on success only; end it with mi_conn_close. */
MI_MUST int mi_conn_open(struct mi_conn *conn, const struct mi_conn_options *options,
                         enum mi_role role, struct mi_err *err);

/* Whether conn's server has this identity (a server_id of struct mi_conn); MI_AGAIN: it is another. An
 * address may lead to another server at any time, and what several connections of one run say must
 * be of one server. */
MI_MUST int mi_conn_same_server(const struct mi_conn *conn, const char *identity,
                                struct mi_err *err);

#endif
