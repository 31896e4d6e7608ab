/* Logging in to a server: greeting, TLS, authentication. For route/session/back_event.c, which
 * calls these as the connection's state asks for it. */
#ifndef MI_ROUTE_BACK_LOGIN_H
#define MI_ROUTE_BACK_LOGIN_H

#include "base/buf.h"
#include "route/state/state.h"

/* CONNECTING, and the socket is writable: goes on to GREETING, or back is lost. After each of these
 * functions the session may be CLOSED. */
void mi_back_connected(struct mi_backend *back);
/* TLS: goes on with the handshake; at its end to LOGIN. */
void mi_back_shake_hands(struct mi_backend *back);
/* GREETING or LOGIN: takes one packet of data, and keeps the rest in the channel. Goes on to TLS,
 * LOGIN or IDLE (and from there to the router's own commands); a server's refusal goes to the
 * client. */
void mi_back_login_packets(struct mi_backend *back, struct mi_span data);

#endif
