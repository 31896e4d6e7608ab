/* The sessions of one loop, as a list, and ways to look at those of all loops. */
#ifndef MI_ROUTE_BACK_SESSIONS_H
#define MI_ROUTE_BACK_SESSIONS_H

#include "route/auth/callers.h"
#include "route/net/loop.h"
#include "route/state/state.h"
#include "route/shared/shared.h"

#include <stdbool.h>

struct mi_route_sessions {
	struct mi_route *route;
	struct mi_loop *loop;
	struct mi_route_session *first;
	struct mi_callers *callers;
	/* door.c: those that have not logged in, by when they came */
	struct mi_route_session *eldest, *newest;
	unsigned at_door;
	struct mi_route_session *dead; /* linked by next; to be freed at the end of the turn */
	struct mi_timer sweep;
	struct mi_task bury;
};

/* Calls fn for every session of every loop, whose lock it holds meanwhile. From the first loop's
 * thread. */
void mi_route_each_session(struct mi_route *route,
                           void (*fn)(struct mi_route_session *session, void *arg), void *arg);

/* Calls fn for all sessions, those of other loops too, until fn returns true: found. May be called
 * in session's own loop, whichever that is. False: not found, and a loop that is at work could not
 * be looked at: call again later. */
bool mi_route_search_sessions(struct mi_route_session *session,
                              bool (*fn)(struct mi_route_session *session, void *arg), void *arg);

#endif
