/* Answers from a back end to the client. */
#ifndef MI_ROUTE_SESSION_RELAY_H
#define MI_ROUTE_SESSION_RELAY_H

#include "base/buf.h"
#include "route/state/state.h"

/* RELAY: takes bytes of the answer to the client's command. What cannot be worked on yet goes back
 * into the back end's channel. */
void mi_relay_feed(struct mi_backend *back, struct mi_span data);

#endif
