/* The commands about prepared statements; the session is READY. Each takes the command at the front
 * of data (header included, the command byte is there) and returns how many bytes of it are dealt
 * with; 0: it waits, or more of it is needed. */
#ifndef MI_ROUTE_SESSION_STMT_COMMAND_H
#define MI_ROUTE_SESSION_STMT_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

enum { MI_PREPARE_MAX = 1 << 20 }; /* longer texts are relayed, and stay at the writer */

size_t mi_stmt_prepare(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_execute(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_fetch(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_reset(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_close(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_long_data(struct mi_route_session *session, struct mi_span data);

#endif
