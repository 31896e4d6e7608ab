/* Opening and closing a session's connection to a server. What follows on an open connection is in
 * route/back/login.h. */
#ifndef MI_ROUTE_BACK_OPEN_H
#define MI_ROUTE_BACK_OPEN_H

#include "base/err.h"
#include "route/auth/users.h"
#include "route/state/state.h"
#include "route/shared/shared.h"

/* NONE: begins to connect, and goes on to CONNECTING. Any other state: does nothing and returns 0.
 * MI_CONFIG: the user has no account at that side; MI_UNAVAILABLE: no connection can be begun now.
 * The caller tells the client. */
MI_MUST int mi_back_open(struct mi_backend *back, struct mi_err *err);

/* Any state: goes to NONE, and forgets what the server's session held. Neither session->wait nor
 * the client is told. */
void mi_back_close(struct mi_backend *back);

/* Looks the addresses of the server's host up anew. Blocks; from any thread. MI_UNAVAILABLE: the
 * host is unknown. */
MI_MUST int mi_back_resolve(struct mi_route_server *server, struct mi_err *err);

/* The server of back's side, and the session's account there (its user is NULL when there is none).
 */
struct mi_route_server *mi_back_server(struct mi_backend *back);
const struct mi_route_account *mi_back_account(const struct mi_backend *back);

#endif
