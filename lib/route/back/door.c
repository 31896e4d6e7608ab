#include "route/back/door.h"
#include "route/auth/callers.h"
#include "route/back/sessions.h"
#include "route/shared/shared.h"

enum { ROOM_LEAST = 64 };

void mi_door_come(struct mi_route_session *session)
{
	struct mi_route_sessions *of = session->of;
	struct mi_door_place *place = &session->door;

	place->stands = true;
	place->before = of->newest;
	if (of->newest)
		of->newest->door.after = session;
	else
		of->eldest = session;
	of->newest = session;
	of->at_door++;
	place->from_there = mi_callers_come(of->callers, session->caller);
	atomic_fetch_add(&session->route->at_door, 1);
}

void mi_door_leave(struct mi_route_session *session)
{
	struct mi_route_sessions *of = session->of;
	struct mi_door_place *place = &session->door;

	if (!place->stands)
		return;
	if (place->before)
		place->before->door.after = place->after;
	else
		of->eldest = place->after;
	if (place->after)
		place->after->door.before = place->before;
	else
		of->newest = place->before;
	*place = (struct mi_door_place){0};
	of->at_door--;
	mi_callers_go(of->callers, session->caller);
	atomic_fetch_sub(&session->route->at_door, 1);
}

uint64_t mi_door_room(const struct mi_route *route)
{
	return route->limits.sessions < ROOM_LEAST ? ROOM_LEAST : route->limits.sessions;
}

struct mi_route_session *mi_door_too_many(const struct mi_route_session *session)
{
	const struct mi_route_sessions *of = session->of;
	uint64_t room = mi_door_room(session->route) / session->route->loop_count;
	struct mi_route_session *at = of->eldest;

	if (session->door.from_there > room / 2)
		while (at && at->caller != session->caller)
			at = at->door.after;
	else if (of->at_door <= room)
		return NULL;
	return at;
}

bool mi_door_is_full(const struct mi_route *route)
{
	int in = atomic_load(&route->count) - atomic_load(&route->at_door);

	return in >= 0 && (uint64_t)in >= route->limits.sessions;
}
