/* Commands from the client: finding them in the bytes, and sending them where they belong. */
#ifndef MI_ROUTE_SESSION_COMMAND_H
#define MI_ROUTE_SESSION_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

/* READY: takes bytes from the client, command after command. What cannot be worked on yet goes back
 * into the client's channel. */
void mi_command_feed(struct mi_route_session *session, struct mi_span data);

#endif
