/* A session's beginning, when a client connects, and its time limits: a sweep of its loop ends
 * logins, openings and idle sessions that take too long. */
#ifndef MI_ROUTE_SESSION_SESSION_H
#define MI_ROUTE_SESSION_SESSION_H

#include "route/back/sessions.h"
#include "route/shared/shared.h"

#include <stdbool.h>

/* The list of one loop's sessions; to be freed by the caller. */
struct mi_route_sessions *mi_route_sessions_new(struct mi_route *route, struct mi_loop *loop);
/* Closes them all; harmless on NULL. */
void mi_route_sessions_free(struct mi_route_sessions *sessions);

/* A client has connected: takes over fd and greets. local: by a Unix socket. peer: the client's
 * address, for messages; copied. caller: that address, as sessions->callers knows it. When as many
 * have logged in as may, the client is refused with 1040; when too many have not
 * (route/back/door.h), one of those is. */
void mi_session_open(struct mi_route_sessions *sessions, int fd, bool local, const char *peer,
                     uint64_t caller);

#endif
