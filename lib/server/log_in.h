/* The client library's own connect, with its errors explained. For the two implementations of
 * server/tls.h alone. */
#ifndef MI_SERVER_LOG_IN_H
#define MI_SERVER_LOG_IN_H

#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

/* mysql_real_connect on conn->mysql (initialised, its options set) with user, password and database
 * of conn->options. Fails like mi_conn_explain_number; a server that asks for the password on an
 * open line (server/open_line.h), and a server-public-key-path that cannot be used, are MI_CONFIG.
 */
MI_MUST int mi_conn_log_in(struct mi_conn *conn, const struct mi_conn_place *place,
                           struct mi_err *err);

#endif
