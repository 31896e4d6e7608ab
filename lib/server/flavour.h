/* Which server this is, by its own word. */
#ifndef MI_SERVER_FLAVOUR_H
#define MI_SERVER_FLAVOUR_H

#include "base/err.h"
#include "server/conn.h"

/* Fills conn's flavour, version, version_text and server_id from the server. A server older than
 * MySQL 5.7 or MariaDB 10.5, or one whose version cannot be read, is MI_CONFIG. */
MI_MUST int mi_server_detect(struct mi_conn *conn, struct mi_err *err);

/* The same from texts, without a server: @@version and @@version_comment. */
MI_MUST int mi_server_parse(const char *version, const char *comment, enum mi_flavour *flavour,
                            unsigned *number, struct mi_err *err);

#endif
