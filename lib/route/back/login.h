/* Logging in to a server: greeting, TLS, authentication. For route/session/back_event.c, which
 * calls these as the connection's state asks for it. */
#ifndef MI_ROUTE_BACK_LOGIN_H
#define MI_ROUTE_BACK_LOGIN_H

#include "base/buf.h"
#include "route/state/state.h"

/* CONNECTING, and the socket is writable: to GREETING, or it is lost. */
void mi_back_connected(struct mi_backend *back);
/* TLS: goes on with the handshake; to LOGIN at its end. */
void mi_back_shake_hands(struct mi_backend *back);
/* GREETING or LOGIN: takes one packet of data, and keeps the rest. To TLS, LOGIN or IDLE; a refusal
 * goes to the client. */
void mi_back_login_packets(struct mi_backend *back, struct mi_span data);

#endif
