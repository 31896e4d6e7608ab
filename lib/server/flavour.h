/* Flavour, version and identity of a server, as the server itself states them. */
#ifndef MI_SERVER_FLAVOUR_H
#define MI_SERVER_FLAVOUR_H

#include "base/err.h"
#include "server/conn.h"

/* Asks conn's server and fills flavour, version, version_text and server_id. A server older than
 * MySQL 5.7 or MariaDB 10.5, or whose version text cannot be read, is MI_CONFIG; one that answers
 * without a version MI_PROTOCOL. */
MI_MUST int mi_server_detect(struct mi_conn *conn, struct mi_err *err);

#endif
