/* A session's life: it begins when a client connects; the sweep of its loop ends it when a time is
 * over. */
#ifndef MI_ROUTE_SESSION_SESSION_H
#define MI_ROUTE_SESSION_SESSION_H

#include "route/back/sessions.h"
#include "route/shared/shared.h"

#include <stdbool.h>

/* Sessions of one loop. */
struct mi_route_sessions *mi_route_sessions_new(struct mi_route *route, struct mi_loop *loop);
void mi_route_sessions_free(struct mi_route_sessions *sessions); /* ends them all */

/* A client has connected: takes over fd and greets. */
void mi_session_open(struct mi_route_sessions *sessions, int fd, bool local, const char *peer);

#endif
