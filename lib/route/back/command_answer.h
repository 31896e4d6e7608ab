/* Commands that end in the router: answered here, withdrawn while they wait, or to be sent a second
 * time. Functions that return size_t take the command at the front of data and say how many bytes
 * of data are dealt with. */
#ifndef MI_ROUTE_BACK_COMMAND_ANSWER_H
#define MI_ROUTE_BACK_COMMAND_ANSWER_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/state/state.h"

#include <stdbool.h>

/* ---- Answered here: the command is taken out of the stream, what is to come of it goes nowhere
 * ---- */

/* Says nothing to the client. */
size_t mi_command_drop(struct mi_route_session *session, struct mi_span data);
/* Answers with OK. */
size_t mi_command_accept(struct mi_route_session *session, struct mi_span data);
/* Answers with an ERR: see mi_session_refuse. */
size_t mi_command_refuse(struct mi_route_session *session, struct mi_span data, unsigned code,
                         const char *text);
/* Answers with 1047, and logs, that the command is not for a router. */
size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data);
/* Answers with 1243: the statement whose id the command carries is not known. where: the server's
 * function. */
size_t mi_command_no_statement(struct mi_route_session *session, struct mi_span data,
                               const char *where);

/* ---- A command that waits, or was sent ---- */

/* The command that waits in the client's channel is answered with an ERR instead of being sent. */
void mi_command_withdraw(struct mi_route_session *session, const struct mi_reply_err *reply);
/* Does so, with what mi_command_withdraw was told. */
size_t mi_command_answer_withdrawn(struct mi_route_session *session, struct mi_span data);

/* The command in hand was not answered by the server that it was sent to, and may be sent again: it
 * is decided on anew. elsewhere: and does not go to the reading side. */
void mi_command_repeat(struct mi_route_session *session, bool elsewhere);

#endif
