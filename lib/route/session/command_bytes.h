/* The command in hand and its bytes in the client's channel. Functions that return size_t say how
 * many bytes of data are dealt with. All of it is called in the thread of the session's loop. */
#ifndef MI_ROUTE_SESSION_COMMAND_BYTES_H
#define MI_ROUTE_SESSION_COMMAND_BYTES_H

#include "base/buf.h"
#include "route/session/state.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- The packet at the front of data, of which at least the header is here ---- */

/* Length of the payload as the header says it. */
uint32_t mi_command_payload_len(struct mi_span data);
bool mi_command_is_whole(struct mi_span data);
/* What of the payload is here. */
struct mi_span mi_command_payload(struct mi_span data);

/* ---- Answered here: the command is taken out of the stream, what is to come of it goes nowhere
 * ---- */

/* Says nothing to the client. */
size_t mi_command_drop(struct mi_route_session *session, struct mi_span data);
/* Answers with OK. */
size_t mi_command_accept(struct mi_route_session *session, struct mi_span data);
/* Answers with an ERR. */
size_t mi_command_refuse(struct mi_route_session *session, struct mi_span data, unsigned code,
                         const char *state, const char *text);
/* Answers with 1047, and logs, that the command is not for a router. */
size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data);
/* Answers with 1243: the statement whose id the command carries is not known. where: the server's
 * function. */
size_t mi_command_no_statement(struct mi_route_session *session, struct mi_span data,
                               const char *where);

/* ---- A command that waits, or was sent ---- */

/* The command that waits in the client's channel is answered with an ERR instead of being sent. */
void mi_command_withdraw(struct mi_route_session *session, unsigned code, const char *state,
                         const char *text);

/* The command in hand was not answered by the server that it was sent to, and may be sent again: it
 * is decided on anew. elsewhere: and does not go to the reading side. */
void mi_command_repeat(struct mi_route_session *session, bool elsewhere);

/* The statement of the command in hand, from the bytes that are kept to repeat it; empty: none are
 * kept. */
struct mi_span mi_route_command_text(struct mi_route_session *session);

#endif
