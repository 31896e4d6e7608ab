/* Commands that change the session itself, or ask nothing but whether the server is there. The
 * server answers them; what they mean for the session is noted as they are sent. */
#ifndef MI_ROUTE_SESSION_SESSION_COMMAND_H
#define MI_ROUTE_SESSION_SESSION_COMMAND_H

#include "base/buf.h"
#include "route/state/state.h"

#include <stdbool.h>

/* The session is READY. Each function takes the command at the front of data, which has arrived
 * whole, and returns how many bytes of data are dealt with; 0: none, because the command waits, or
 * the session was closed. */

/* COM_SET_OPTION, COM_RESET_CONNECTION. */
size_t mi_session_command_session(struct mi_route_session *session, struct mi_span data);

/* COM_CHANGE_USER: the session goes on as with a login, see mi_client_change_user. */
size_t mi_session_command_user(struct mi_route_session *session, struct mi_span data);

/* COM_PING and COM_STATISTICS leave alone what the last statement has left, and their answers tell
 * of it: they go where that ran, and command.side and kind are set so. False: nobody is there to be
 * asked, and the router answers. */
bool mi_session_command_passes(struct mi_route_session *session);

#endif
