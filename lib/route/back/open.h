/* Opening and closing a session's connection to a server. What happens on an open one is in
 * route/back/login.h and route/session/back_event.h. */
#ifndef MI_ROUTE_BACK_OPEN_H
#define MI_ROUTE_BACK_OPEN_H

#include "base/err.h"
#include "route/auth/users.h"
#include "route/state/state.h"
#include "route/shared/shared.h"

/* NONE: begins to connect (CONNECTING). Other states: 0. -1: it cannot be opened (err says why;
 * MI_UNAVAILABLE: not now); the caller tells. */
MI_MUST int mi_back_open(struct mi_backend *back, struct mi_err *err);

/* Any state to NONE, without a word to the session; what the server's session held is forgotten. */
void mi_back_close(struct mi_backend *back);

/* Addresses of the side's host, looked up anew (blocks). */
MI_MUST int mi_back_resolve(struct mi_route_server *server, struct mi_err *err);

/* The server of its side, and the session's account there (user NULL: none). */
struct mi_route_server *mi_back_server(struct mi_backend *back);
const struct mi_route_account *mi_back_account(const struct mi_backend *back);

#endif
