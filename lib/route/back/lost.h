/* What becomes of a session that loses a server: never is a write sent a second time of which a
 * byte was written. */
#ifndef MI_ROUTE_BACK_LOST_H
#define MI_ROUTE_BACK_LOST_H

#include "route/state/state.h"

/* back is lost; why is for the log, and for the client where it matters. Any state but NONE. The
 * session goes on without it, repeats a read, answers that an outcome is unknown, waits for the
 * server, or ends: after the call the session may be CLOSED. */
void mi_session_lost(struct mi_backend *back, const char *why);

/* The same when back answers to the client's command what is no answer: as if it had gone in the
 * middle. */
void mi_session_lost_in_answer(struct mi_backend *back, const char *why);

#endif
