/* The session's engine: moves bytes between its channels as long as any may move. */
#ifndef MI_ROUTE_SESSION_PUMP_H
#define MI_ROUTE_SESSION_PUMP_H

#include "route/state/state.h"

/* Any phase: reads, relays and flushes whatever may be read, relayed and flushed now. The session
 * may be CLOSED after it. */
void mi_session_pump(struct mi_route_session *session);

#endif
