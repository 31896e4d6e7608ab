/* Commands that change the session itself. The router answers them: the writer's session is brought
 * into the new state first, by commands of the router's own, the other side's when it is used. */
#ifndef MI_ROUTE_SESSION_SESSION_COMMAND_H
#define MI_ROUTE_SESSION_SESSION_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

/* The session is READY. Each takes the command at the front of data, which is here whole, and
 * returns how many bytes of it are dealt with; 0: not now (it waits). */

/* COM_INIT_DB, COM_SET_OPTION, COM_RESET_CONNECTION. */
size_t mi_session_command_session(struct mi_route_session *session, struct mi_span data);

/* USE as a statement: what COM_INIT_DB does, since the name may be another one at the server. */
size_t mi_session_command_database(struct mi_route_session *session, struct mi_span data,
                                   struct mi_span name);

/* COM_CHANGE_USER, which goes on as a login. */
size_t mi_session_command_user(struct mi_route_session *session, struct mi_span data);

#endif
