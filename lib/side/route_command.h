/* Commands from the client: finding them in the bytes, and sending them where they belong. */
#ifndef MI_SIDE_ROUTE_COMMAND_H
#define MI_SIDE_ROUTE_COMMAND_H

#include "side/route_session.h"

/* Takes bytes of a session that is logged in. What cannot be worked on yet goes back into the
 * client's leg. */
void mi_command_feed(struct mi_route_session *session, struct mi_span data);

/* Sends the bytes of a command (its kept copy) to side once more. */
void mi_command_repeat(struct mi_route_session *session, enum mi_route_side side);

#endif
