/* Commands from the client: finds them in the bytes, and calls what answers or sends each. */
#ifndef MI_ROUTE_SESSION_COMMAND_H
#define MI_ROUTE_SESSION_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

/* READY: takes bytes from the client, command after command. What cannot be worked on yet goes back
 * into the client's channel. The session may be CHANGE_USER, LOGIN_BACK or CLOSED after the call.
 */
void mi_command_feed(struct mi_route_session *session, struct mi_span data);

#endif
