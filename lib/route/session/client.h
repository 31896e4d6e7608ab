/* The client's side of a login: greeting, TLS, authentication, COM_CHANGE_USER. */
#ifndef MI_ROUTE_SESSION_CLIENT_H
#define MI_ROUTE_SESSION_CLIENT_H

#include "base/buf.h"
#include "route/state/state.h"

/* Frees a login's slow hash that was not begun (struct mi_login_job), for mi_pool_free. */
void mi_client_job_free(struct mi_pool_job *job);

/* HELLO: sends the greeting. */
void mi_client_greet(struct mi_route_session *session);

/* HELLO, AUTH or CHANGE_USER: takes data, which mi_channel_read gave. The session goes on to TLS,
 * AUTH or LOGIN_BACK, or, when the login is refused, to CLOSED. */
void mi_client_login(struct mi_route_session *session, struct mi_span data);

/* READY: takes the payload of a COM_CHANGE_USER, its command byte included. Closes both back ends.
 * The session goes on to CHANGE_USER and then as with a login. */
void mi_client_change_user(struct mi_route_session *session, struct mi_span payload);

/* READY: forgets what the session's statements have made: prepared statements, settings,
 * transaction, pins, what is carried over. For COM_RESET_CONNECTION and COM_CHANGE_USER; the caller
 * resets or closes the back ends. */
void mi_client_forget(struct mi_route_session *session);

/* AUTH, CHANGE_USER or LOGIN_BACK: the login's last step, which opens and prepares the writer's
 * back end; in a hold goes on without it. The session is LOGIN_BACK, READY or CLOSED after the
 * call. */
void mi_client_log_in_back(struct mi_route_session *session);

#endif
