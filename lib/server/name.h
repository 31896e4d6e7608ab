/* What servers are called in messages. Texts lie in static buffers, one per function and thread,
 * good until the thread's next call of the function. */
#ifndef MI_SERVER_NAME_H
#define MI_SERVER_NAME_H

#include "server/conn.h"

/* "mysql 9.7.4 at 127.0.0.1:3306"; without the version before that is known. Calls
 * mi_conn_place_text. */
const char *mi_conn_name(const struct mi_conn *conn);

/* "127.0.0.1:3306" or the socket's path. */
const char *mi_conn_place_text(const struct mi_conn_options *options);

const char *mi_flavour_name(enum mi_flavour flavour); /* "mysql", "mariadb", "vitess" */

#endif
