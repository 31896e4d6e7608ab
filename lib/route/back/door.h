/* Sessions that have not logged in stand at their loop's door: they take no place from those that
 * have, and when too many stand there, or too many from one address, the one that has stood longest
 * is to go, because a login takes no longer than a client makes it. */
#ifndef MI_ROUTE_BACK_DOOR_H
#define MI_ROUTE_BACK_DOOR_H

#include "route/state/state.h"

#include <stdbool.h>

/* HELLO: the session comes to the door; session->caller is set. */
void mi_door_come(struct mi_route_session *session);
/* It has logged in, or is being closed. Harmless when it does not stand there. */
void mi_door_leave(struct mi_route_session *session);

/* Who is to go, after session has come; NULL: there is room for all. */
struct mi_route_session *mi_door_too_many(const struct mi_route_session *session);

/* Have as many sessions logged in as may? */
bool mi_door_is_full(const struct mi_route *route);

/* How many may stand at all doors. */
uint64_t mi_door_room(const struct mi_route *route);

#endif
