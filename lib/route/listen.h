/* Where clients come in: TCP and Unix sockets. */
#ifndef MI_ROUTE_LISTEN_H
#define MI_ROUTE_LISTEN_H

#include "base/err.h"
#include "route/shared/shared.h"

struct mi_route_listeners;

/* Listens at each place, once for each loop: HOST:PORT, :PORT (all addresses) or /path (a socket
 * that is made anew, for every user of the machine). MI_UNAVAILABLE or MI_CONFIG: a place cannot be
 * listened at. */
MI_MUST int mi_route_listen(struct mi_route *route, const char *const *places, size_t count,
                            struct mi_err *err);

/* Takes no more clients, and removes the Unix sockets. */
void mi_route_listen_stop(struct mi_route *route);
void mi_route_listeners_free(struct mi_route *route);

#endif
