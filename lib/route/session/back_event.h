/* A back end's channel has something to say: the one place where its bytes go to whom its state
 * says. */
#ifndef MI_ROUTE_SESSION_BACK_EVENT_H
#define MI_ROUTE_SESSION_BACK_EVENT_H

#include "route/net/loop.h"

#include <stdint.h>

/* The channel's watch.ready. */
void mi_back_event(struct mi_watch *watch, uint32_t events);

#endif
