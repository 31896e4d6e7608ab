/* The client library's own connect, with what its errors mean. For the two implementations of
 * server/tls.h and for server/open.c. */
#ifndef MI_SERVER_LOG_IN_H
#define MI_SERVER_LOG_IN_H

#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

/* The plain mysql_real_connect with conn's options, its errors explained. */
MI_MUST int mi_conn_log_in(struct mi_conn *conn, const struct mi_conn_place *place,
                           struct mi_err *err);

#endif
