/* Answers of the router's own to the client, and the ends of commands and sessions that follow from
 * them. */
#ifndef MI_ROUTE_SESSION_REPLY_H
#define MI_ROUTE_SESSION_REPLY_H

#include "route/session/state.h"
#include "route/shared/shared.h"

/* The writer's session is there: the login is answered with OK. */
void mi_client_welcome(struct mi_route_session *session);

/* No session is busy any more. From any loop's thread. */
void mi_route_drained(struct mi_route *route);

const char *mi_session_user_name(const struct mi_route_session *session);

/* Ends it: channels closed now, memory freed at the end of the turn. why goes to the log, at the
 * level of details; NULL for a client that just left. */
void mi_session_close(struct mi_route_session *session, const char *why);

/* Sends an ERR as the answer to the command in hand (or at the login) and goes on. */
void mi_session_refuse(struct mi_route_session *session, unsigned code, const char *state,
                       const char *text);

/* The same, then closes. */
void mi_session_fail(struct mi_route_session *session, unsigned code, const char *state,
                     const char *text);

/* Answers the command in hand with an OK of the router's own. */
void mi_session_ok(struct mi_route_session *session);

/* Looks at the waiting command again at the end of the turn. */
void mi_session_resume(struct mi_route_session *session);

/* Counts the session anew after whatever may have changed it. */
void mi_session_settle(struct mi_route_session *session);

/* Writing to the client failed. A command of its that a server is at stays until it is over. */
void mi_session_client_lost(struct mi_route_session *session);

/* The command in hand is over: its answer has been relayed, or was the router's own. */
void mi_session_command_done(struct mi_route_session *session);

#endif
