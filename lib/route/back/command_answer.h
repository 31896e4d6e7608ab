/* Commands that end in the router: answered here, withdrawn while they wait, or to be sent a second
 * time. Functions that return size_t take the command at the front of data and say how many bytes
 * of data are dealt with. */
#ifndef MI_ROUTE_BACK_COMMAND_ANSWER_H
#define MI_ROUTE_BACK_COMMAND_ANSWER_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/state/state.h"

#include <stdbool.h>

/* ---- Answered here ---- */

/* Takes the command out of the stream without an answer; what is still to come of it will be thrown
 * away. The functions below do this, too, and may leave the session CLOSED. */
size_t mi_command_drop(struct mi_route_session *session, struct mi_span data);
/* Answers with OK. */
size_t mi_command_accept(struct mi_route_session *session, struct mi_span data);
/* Answers with an ERR: see mi_session_refuse. */
size_t mi_command_refuse(struct mi_route_session *session, struct mi_span data, unsigned code,
                         const char *text);
/* Answers with 1047, and logs, that the command is not for a router. */
size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data);
/* Answers with 1243: the prepared statement whose id the command carries is not known. where: what
 * a server would call the function in its message. */
size_t mi_command_no_statement(struct mi_route_session *session, struct mi_span data,
                               const char *where);

/* ---- A command that waits, or was sent ---- */

/* The command that waits in the client's channel will be answered with an ERR instead of being
 * sent. */
void mi_command_withdraw(struct mi_route_session *session, const struct mi_reply_err *reply);
/* Sends the ERR that mi_command_withdraw was given. */
size_t mi_command_answer_withdrawn(struct mi_route_session *session, struct mi_span data);

/* The server did not answer the command in hand, which has been kept and may be sent again: it is
 * put back in front of the client's bytes and decided on anew. elsewhere: it must not go to the
 * reading side. */
void mi_command_repeat(struct mi_route_session *session, bool elsewhere);

#endif
