/* Commands of the router's own on a back-end session: one at a time, until it is in the state that
 * is wanted. Their answers go nowhere. */
#ifndef MI_ROUTE_SESSION_PREPARE_H
#define MI_ROUTE_SESSION_PREPARE_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/session/back_event.h"
#include "route/session/state.h"

#include <stdbool.h>

/* back is idle: sends the next command that is wanted, or tells the session that it is ready. */
void mi_prepare_next(struct mi_backend *back);

/* Is anything wanted before the session's command may go to back? */
bool mi_prepare_is_needed(const struct mi_backend *back);
/* Does it lack settings that it can be given before there is a command for it? */
bool mi_prepare_is_behind(const struct mi_backend *back);

/* Takes bytes of an answer. */
void mi_prepare_feed(struct mi_backend *back, struct mi_span data);

/* The session's default database, under the name that it has at this side. */
struct mi_span mi_route_database(const struct mi_route_session *session, enum mi_route_side side);

/* Brings back into the state for the session's command (a login's last step is one): open,
 * baseline, database, READ ONLY where writes are not allowed, tracked variables, and its prepared
 * statement. After MI_BACK_SOON session->wait is set. */
enum mi_back_ready mi_back_prepare(struct mi_backend *back);

#endif
