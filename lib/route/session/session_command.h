/* Commands that change the session itself. The router answers them, once the writer's back end has
 * been brought into the new state by commands of the router's own; the other side's follows when it
 * is next used. */
#ifndef MI_ROUTE_SESSION_SESSION_COMMAND_H
#define MI_ROUTE_SESSION_SESSION_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

/* The session is READY. Each function takes the command at the front of data, which has arrived
 * whole, and returns how many bytes of data are dealt with; 0: none, because the command waits, or
 * the session was closed. */

/* COM_INIT_DB, COM_SET_OPTION, COM_RESET_CONNECTION. */
size_t mi_session_command_session(struct mi_route_session *session, struct mi_span data);

/* A USE statement with this name: does what COM_INIT_DB does, because the database may have another
 * name at the server. */
size_t mi_session_command_database(struct mi_route_session *session, struct mi_span data,
                                   struct mi_span name);

/* COM_CHANGE_USER: the session goes on as with a login, see mi_client_change_user. */
size_t mi_session_command_user(struct mi_route_session *session, struct mi_span data);

#endif
