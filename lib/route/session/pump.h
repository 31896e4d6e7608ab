/* The session's engine: moves bytes between its channels as long as any may move. */
#ifndef MI_ROUTE_SESSION_PUMP_H
#define MI_ROUTE_SESSION_PUMP_H

#include "route/state/state.h"

/* Any phase: reads and relays whatever may be read and relayed now; does nothing in CLOSED. The
 * session may be CLOSED after the call. */
void mi_session_pump(struct mi_route_session *session);

#endif
