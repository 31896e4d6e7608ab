/* Events of a back end's socket: each goes, by the back end's state, to login, prepare_answer,
 * relay or lost. */
#ifndef MI_ROUTE_SESSION_BACK_EVENT_H
#define MI_ROUTE_SESSION_BACK_EVENT_H

#include "route/net/loop.h"

#include <stdint.h>

/* The watch.ready of a back end's channel. Any state. The session may be CLOSED after the call. */
void mi_back_event(struct mi_watch *watch, uint32_t events);

#endif
