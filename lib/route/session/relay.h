/* Answers from a back end to the client. */
#ifndef MI_ROUTE_SESSION_RELAY_H
#define MI_ROUTE_SESSION_RELAY_H

#include "base/buf.h"
#include "route/state/state.h"

/* back is in RELAY: takes bytes of the answer to the client's command. What cannot be worked on yet
 * goes back into the back end's channel. At the answer's end back is IDLE and the command over. The
 * session may be CLOSED after the call, and back NONE. */
void mi_relay_feed(struct mi_backend *back, struct mi_span data);

#endif
