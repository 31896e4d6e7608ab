/* What becomes of a session that loses a server. A write of which a byte was sent is never sent a
 * second time. */
#ifndef MI_ROUTE_BACK_LOST_H
#define MI_ROUTE_BACK_LOST_H

#include "base/buf.h"
#include "route/state/state.h"

/* back is lost; why is for the log, and for the client where it matters. Any state; NONE when the
 * connection could not even be begun. The session goes on without back, repeats a read, answers
 * that an outcome is unknown, waits for the server, or ends: after the call the session may be
 * CLOSED. */
void mi_session_lost(struct mi_backend *back, const char *why);

/* back, IDLE, sends something although nothing was asked: data. A server does so, or not, when it
 * closes the connection. As if back had been lost; an ERR is passed on to the client if the session
 * ends. */
void mi_session_lost_saying(struct mi_backend *back, struct mi_span data);

/* back, in RELAY, has sent something that is no answer to the client's command: as if back had been
 * lost within the answer. */
void mi_session_lost_in_answer(struct mi_backend *back, const char *why);

#endif
