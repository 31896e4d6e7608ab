/* The client's side of a login: greeting, TLS, authentication, COM_CHANGE_USER. */
#ifndef MI_ROUTE_SESSION_CLIENT_H
#define MI_ROUTE_SESSION_CLIENT_H

#include "base/buf.h"
#include "route/state/state.h"

void mi_client_greet(struct mi_route_session *session);

/* Takes what the client sends until it is logged in. data is what mi_channel_read gave. */
void mi_client_login(struct mi_route_session *session, struct mi_span data);

/* COM_CHANGE_USER, its command byte included. */
void mi_client_change_user(struct mi_route_session *session, struct mi_span payload);

/* Forgets what the session's statements have made: prepared statements, settings, transaction,
 * pins, what is carried over. For COM_RESET_CONNECTION and COM_CHANGE_USER; the back ends are the
 * caller's to reset or close. */
void mi_client_forget(struct mi_route_session *session);

/* Opens the writer's session, as the login's last step. */
void mi_client_log_in_back(struct mi_route_session *session);

#endif
