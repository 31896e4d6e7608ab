/* The commands about prepared statements; the session is READY. Each function takes the command at
 * the front of data, which has arrived at least up to its command byte, and returns how many bytes
 * of data are dealt with; 0: the command waits, more of it is needed, or the session was closed. */
#ifndef MI_ROUTE_SESSION_STMT_COMMAND_H
#define MI_ROUTE_SESSION_STMT_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

enum {
	MI_PREPARE_MAX = 1 << 20
}; /* bytes; longer ones are relayed as they come, and the statement stays at the writer */

size_t mi_stmt_prepare(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_execute(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_bulk_execute(struct mi_route_session *session, struct mi_span data); /* MariaDB */
size_t mi_stmt_fetch(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_reset(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_close(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_long_data(struct mi_route_session *session, struct mi_span data);

#endif
