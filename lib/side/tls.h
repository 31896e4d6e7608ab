/* TLS: what the modes ask for beyond what a client library does by itself. */
#ifndef MI_SIDE_TLS_H
#define MI_SIDE_TLS_H

#include "side/conn.h"
#include "side/conn_options.h"

/* Sets conn->mysql's TLS options for mode, so that mysql_real_connect cannot log in to a server
 * that the mode forbids. A combination that this client library cannot keep is MI_CONFIG. */
MI_MUST int mi_tls_prepare(struct mi_conn *conn, enum mi_tls mode,
                           const struct mi_conn_place *place, struct mi_err *err);

#endif
