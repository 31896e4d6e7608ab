/* The command in hand and its bytes in the client's channel. Functions that return size_t say how
 * many bytes of data are dealt with. All of it is called in the thread of the session's loop. */
#ifndef MI_ROUTE_SESSION_COMMAND_BYTES_H
#define MI_ROUTE_SESSION_COMMAND_BYTES_H

#include "base/buf.h"
#include "route/session/state.h"

#include <stdbool.h>
#include <stdint.h>

/* The command that waits in the client's channel is answered with an ERR instead of being sent. */
void mi_command_withdraw(struct mi_route_session *session, unsigned code, const char *state,
                         const char *text);

/* The command in hand was not answered by the server that it was sent to, and may be sent again: it
 * is chosen anew, elsewhere: for the writer's side. */
void mi_command_repeat(struct mi_route_session *session, bool elsewhere);

/* The statement of the command in hand, from the bytes that are kept to repeat it; empty: none are
 * kept. */
struct mi_span mi_route_command_text(struct mi_route_session *session);

uint32_t mi_command_payload_len(struct mi_span data);

/* Is the packet here whole? And what of its payload is. */
bool mi_command_is_whole(struct mi_span data);
struct mi_span mi_command_payload(struct mi_span data);

/* Takes it out of the stream; what is to come of it goes nowhere. The second also answers it. */
size_t mi_command_drop(struct mi_route_session *session, struct mi_span data);
size_t mi_command_refuse(struct mi_route_session *session, struct mi_span data, unsigned code,
                         const char *state, const char *text);

/* The same with 1047, for a command that is not for a router; it is logged. */
size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data);

#endif
