/* A command that has come far enough to be decided on: where it goes, whether the back end is
 * ready, and its bytes. */
#ifndef MI_ROUTE_SESSION_COMMAND_SEND_H
#define MI_ROUTE_SESSION_COMMAND_SEND_H

#include "base/buf.h"
#include "route/session/state.h"

#include <stdbool.h>

bool mi_command_write(struct mi_route_session *session, struct mi_span data);

/* Asks mi_route_choose and notes what it says. False: it waits (*taken is 0) or was answered. */
bool mi_command_choose(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                       size_t *taken);

/* Is the side that was chosen ready for it? */
bool mi_command_is_ready(struct mi_route_session *session);

/* Sends the command to command.side, which is ready: head instead of the first taken bytes. */
size_t mi_command_send(struct mi_route_session *session, struct mi_span data, struct mi_span head,
                       size_t taken);

#endif
