/* A session's connections to the servers: opening, logging in, and the commands of the router's own
 * that bring them into the state that the client's next command needs. */
#ifndef MI_ROUTE_SESSION_BACK_EVENT_H
#define MI_ROUTE_SESSION_BACK_EVENT_H

#include "route/net/loop.h"

#include <stdint.h>

enum mi_back_ready {
	MI_BACK_READY,
	MI_BACK_SOON,   /* something was begun: mi_session_resume follows */
	MI_BACK_FAILED, /* the session has been told (refused or closed) */
};

/* The channel's watch.ready. */
void mi_back_event(struct mi_watch *watch, uint32_t events);

#endif
