#include "route/back/sessions.h"
#include "route/net/loop.h"
#include "route/state/state.h"
#include "route/shared/shared.h"

void mi_route_each_session(struct mi_route *route,
                           void (*fn)(struct mi_route_session *session, void *arg), void *arg)
{
	for (unsigned i = 0; i < route->loop_count; i++) {
		struct mi_route_session *next;

		if (i > 0) /* the caller's own thread holds the first loop */
			mi_loop_lock(route->loops[i]);
		for (struct mi_route_session *at = route->sessions[i]->first; at; at = next) {
			next = at->next;
			fn(at, arg);
		}
		if (i > 0) {
			mi_loop_unlock(route->loops[i]);
			mi_loop_wake(route->loops[i]);
		}
	}
}

/* Locks are only tried: two loops that waited for each other's lock would wait for ever. */
bool mi_route_search_sessions(struct mi_route_session *session,
                              bool (*fn)(struct mi_route_session *session, void *arg), void *arg)
{
	struct mi_route *route = session->route;
	bool all = true, found = false;

	for (unsigned i = 0; i < route->loop_count && !found; i++) {
		bool own = route->loops[i] == session->client.loop;

		if (!own && !mi_loop_try_lock(route->loops[i])) {
			all = false;
			continue;
		}
		for (struct mi_route_session *at = route->sessions[i]->first; at && !found;
		     at = at->next)
			found = fn(at, arg);
		if (!own) {
			mi_loop_unlock(route->loops[i]);
			mi_loop_wake(route->loops[i]);
		}
	}
	return all || found;
}
