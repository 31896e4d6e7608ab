/* The session's engine: moves bytes between its channels as long as any may move. */
#ifndef MI_ROUTE_SESSION_PUMP_H
#define MI_ROUTE_SESSION_PUMP_H

#include "route/session/state.h"

/* Reads, relays and flushes whatever may be read, relayed and flushed now. */
void mi_session_pump(struct mi_route_session *session);

#endif
