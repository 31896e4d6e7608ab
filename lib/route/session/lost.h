/* What becomes of a session that loses a server: never is a write sent a second time of which a
 * byte was written. */
#ifndef MI_ROUTE_SESSION_LOST_H
#define MI_ROUTE_SESSION_LOST_H

#include "route/session/state.h"

/* A back end is lost: why is for the log. */
void mi_session_lost(struct mi_backend *back, const char *why);

#endif
