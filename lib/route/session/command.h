/* Commands from the client: finding them in the bytes, and sending them where they belong. */
#ifndef MI_ROUTE_SESSION_COMMAND_H
#define MI_ROUTE_SESSION_COMMAND_H

#include "route/session/session.h"

/* Takes bytes of a session that is logged in. What cannot be worked on yet goes back into the
 * client's leg. */
void mi_command_feed(struct mi_route_session *session, struct mi_span data);

/* The command that waits in the client's leg is answered with an ERR instead of being sent. */
void mi_command_withdraw(struct mi_route_session *session, unsigned code, const char *state,
                         const char *text);

/* The command in hand was not answered by the server that it was sent to, and may be sent again: it
 * is chosen anew, elsewhere: for the writer's side. */
void mi_command_repeat(struct mi_route_session *session, bool elsewhere);

/* The statement of the command in hand, from the bytes that are kept to repeat it; empty: none are
 * kept. */
struct mi_span mi_route_command_text(struct mi_route_session *session);

#endif
