/* Opening a connection: login, flavour, the session's settings. */
#ifndef MI_SERVER_OPEN_H
#define MI_SERVER_OPEN_H

#include "base/err.h"
#include "server/conn.h"

/* Connects, detects flavour and version from the server itself, sets the session and reads every
 * setting back: one that did not take is MI_CONFIG. Unreachable is MI_UNAVAILABLE, a refused login
 * MI_DENIED. *conn is filled on success only. */
MI_MUST int mi_conn_open(struct mi_conn *conn, const struct mi_conn_options *options,
                         enum mi_role role, struct mi_err *err);

#endif
