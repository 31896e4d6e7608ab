/* Answers of the router's own to the client, and the ends of commands and sessions that follow from
 * them. */
#ifndef MI_ROUTE_BACK_REPLY_H
#define MI_ROUTE_BACK_REPLY_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/shared/shared.h"
#include "route/state/state.h"

/* ---- Answers. Each may find the client gone, and leave the session CLOSED ---- */

/* The next packet of the router's own has this number, modulo 256. */
void mi_session_answer_from(struct mi_route_session *session, unsigned seq);
/* Sends a payload as a packet with the session's next number. Nothing in GONE. */
void mi_session_send(struct mi_route_session *session, struct mi_span payload);
/* Sends the answer to the command in hand, which is over with it. */
void mi_session_answer(struct mi_route_session *session, struct mi_span payload);
/* Answers the command in hand with an OK of the router's own, with the writer's status. */
void mi_session_ok(struct mi_route_session *session);
/* Answers the command in hand with an ERR of the router's own; the session goes on. code is one of
 * server/mysql_errors.h, which knows its SQLSTATE; text NULL: its usual one. _with: a server's own
 * words. */
void mi_session_refuse(struct mi_route_session *session, unsigned code, const char *text);
void mi_session_refuse_with(struct mi_route_session *session, const struct mi_reply_err *reply);
/* Sends such an ERR, perhaps unasked or at the login, and closes the session. */
void mi_session_fail(struct mi_route_session *session, unsigned code, const char *text);
void mi_session_fail_with(struct mi_route_session *session, const struct mi_reply_err *reply);

/* LOGIN_BACK: the writer's session is there, the login is answered with OK, and commands are taken.
 */
void mi_client_welcome(struct mi_route_session *session);

/* ---- The command in hand, and the session ---- */

/* The command in hand is over: its answer has been relayed, or was the router's own. Ends a session
 * that is GONE. */
void mi_session_command_done(struct mi_route_session *session);

/* Counts the session as free, busy or pinned, after whatever may have changed that. */
void mi_session_settle(struct mi_route_session *session);

/* Writing to the client failed. A command of its that runs at a server stays until it is over
 * (GONE). */
void mi_session_client_lost(struct mi_route_session *session);

/* Ends it: channels closed now, memory freed at the end of the turn. why goes to the log, at the
 * level of details; NULL for a client that just left. Harmless when CLOSED. */
void mi_session_close(struct mi_route_session *session, const char *why);

/* The client's user; "-" before the login. */
const char *mi_session_user_name(const struct mi_route_session *session);

/* No session is busy any more. From any loop's thread. */
void mi_route_drained(struct mi_route *route);

#endif
