/* A session's connections to the servers: opening, logging in, and the commands of the router's own
 * that bring them into the state that the client's next command needs. */
#ifndef MI_ROUTE_SESSION_BACK_EVENT_H
#define MI_ROUTE_SESSION_BACK_EVENT_H

#include "route/session/session.h"

enum mi_back_ready {
	MI_BACK_READY,
	MI_BACK_SOON,   /* something was begun: mi_session_resume follows */
	MI_BACK_FAILED, /* the session has been told (refused or closed) */
};

/* Brings back into the state for the session's command (a login's last step is one): open,
 * baseline, database, READ ONLY where writes are not allowed, tracked variables, and its prepared
 * statement. After MI_BACK_SOON session->wait is set. */
enum mi_back_ready mi_back_prepare(struct mi_backend *back);

/* Opens it if it is not open. -1: it cannot be (err says why); the caller tells. */
MI_MUST int mi_back_open(struct mi_backend *back, struct mi_err *err);

/* Closes it without a word to the session. */
void mi_back_close(struct mi_backend *back);

/* The leg's watch.ready. */
void mi_back_event(struct mi_watch *watch, uint32_t events);

/* Addresses of the side's host, looked up anew (blocks). */
MI_MUST int mi_back_resolve(struct mi_route_server *server, struct mi_err *err);

#endif
