/* What servers are called in messages. */
#ifndef MI_SERVER_NAME_H
#define MI_SERVER_NAME_H

#include "server/conn.h"

/* "mysql 9.7.4 at 127.0.0.1:3306": for messages. Returns text inside a static per-thread buffer. */
const char *mi_conn_name(const struct mi_conn *conn);

/* "127.0.0.1:3306" or the socket's path, in a static per-thread buffer. */
const char *mi_conn_place_text(const struct mi_conn_options *options);

const char *mi_flavour_name(enum mi_flavour flavour); /* "mysql", "mariadb", "vitess" */

#endif
