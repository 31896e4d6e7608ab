/* Answers of the router's own to the client, and the end of commands and sessions. */
#ifndef MI_ROUTE_BACK_REPLY_H
#define MI_ROUTE_BACK_REPLY_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/state/state.h"

/* ---- Answers. After any but the first the session may be CLOSED: its client has gone ---- */

/* The next packet of the router's own has this number, modulo 256. */
void mi_session_answer_from(struct mi_route_session *session, unsigned seq);
/* Sends a payload as a packet with the session's next number. Does nothing in GONE. */
void mi_session_send(struct mi_route_session *session, struct mi_span payload);
/* Sends the answer to the command in hand, which is over then. */
void mi_session_answer(struct mi_route_session *session, struct mi_span payload);
/* Answers the command in hand with an OK of the router's own, with the writer's status. */
void mi_session_ok(struct mi_route_session *session);
/* Answers the command in hand with an ERR of the router's own; the session goes on. code is one of
 * server/mysql_errors.h, which has its SQLSTATE and, for text NULL, its usual text. */
void mi_session_refuse(struct mi_route_session *session, unsigned code, const char *text);
/* Sends an ERR as above, also when no command is in hand, and closes the session. _with: the ERR is
 * a server's. */
void mi_session_fail(struct mi_route_session *session, unsigned code, const char *text);
void mi_session_fail_with(struct mi_route_session *session, const struct mi_reply_err *reply);
/* READY, and no command runs: ends the session with an ERR that nobody asked for, or that answers
 * the command that waits. _with: the ERR is a server's. */
void mi_session_fail_unasked(struct mi_route_session *session, unsigned code, const char *text);
void mi_session_fail_unasked_with(struct mi_route_session *session,
                                  const struct mi_reply_err *reply);

/* LOGIN_BACK: the writer's back end is ready (or there is a hold). Answers the login with OK; the
 * session is READY. */
void mi_client_welcome(struct mi_route_session *session);

/* ---- The command in hand, and the session ---- */

/* The command in hand is over: its answer was relayed, or the router has answered. Closes a session
 * that is GONE. */
void mi_session_command_done(struct mi_route_session *session);

/* Counts the session as free, busy or pinned, after whatever may have changed that. */
void mi_session_settle(struct mi_route_session *session);

/* Writing to the client failed: closes the session, or, while a command of the client's runs at a
 * server, enters GONE until that is over. */
void mi_session_client_lost(struct mi_route_session *session);

/* The client has hung up while a server works on its last command: ends a read at once, with its
 * connection, and shows the server of anything else that nobody waits. */
void mi_session_client_left(struct mi_route_session *session);

/* Ends the session: channels are closed now, memory is freed at the end of the turn. why goes to
 * the log, at the level of details; NULL for a client that just left. Any phase; harmless when
 * CLOSED. */
void mi_session_close(struct mi_route_session *session, const char *why);

/* The client's user; "-" before the login. */
const char *mi_session_user_name(const struct mi_route_session *session);

#endif
