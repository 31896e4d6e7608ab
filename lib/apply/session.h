/* The session in which a statement of the log runs on the target: as it ran at the source. */
#ifndef MI_APPLY_SESSION_H
#define MI_APPLY_SESSION_H

#include "base/err.h"
#include "server/conn.h"
#include "stream/parse.h"

/* Gives conn's session the settings of ddl and its default database. Only what differs is set: some
 * settings need a privilege. A setting that the server does not know is left out where it changes
 * no definition; else MI_DATA, or the server's own error. The session is good for nothing else
 * afterwards. Where the default database is not on this server, no name without a database means
 * anything. */
MI_MUST int mi_session_set(const struct mi_ddl *ddl, struct mi_conn *conn, struct mi_err *err);

#endif
