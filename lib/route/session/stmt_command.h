/* The commands about prepared statements, and the pieces of route/session/command.c that they are
 * made of. Each takes the command at the front of data (header included, the command byte is there)
 * and returns how many bytes of it are dealt with; 0: it waits, or more of it is needed. */
#ifndef MI_ROUTE_SESSION_STMT_COMMAND_H
#define MI_ROUTE_SESSION_STMT_COMMAND_H

#include "route/session/session.h"

enum { MI_PREPARE_MAX = 1 << 20 }; /* longer texts are relayed, and stay at the writer */

size_t mi_stmt_prepare(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_execute(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_fetch(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_reset(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_close(struct mi_route_session *session, struct mi_span data);
size_t mi_stmt_long_data(struct mi_route_session *session, struct mi_span data);

/* Is the packet here whole? And what of its payload is. */
bool mi_command_is_whole(struct mi_span data);
struct mi_span mi_command_payload(struct mi_span data);

/* Asks mi_route_choose and notes what it says. False: it waits (*taken is 0) or was answered. */
bool mi_command_choose(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                       size_t *taken);

/* Is the side that was chosen ready for it? */
bool mi_command_is_ready(struct mi_route_session *session);

/* Sends the command to command.side, which is ready: head instead of the first taken bytes. */
size_t mi_command_send(struct mi_route_session *session, struct mi_span data, struct mi_span head,
                       size_t taken);

/* Takes it out of the stream; what is to come of it goes nowhere. The second also answers it. */
size_t mi_command_drop(struct mi_route_session *session, struct mi_span data);
size_t mi_command_refuse(struct mi_route_session *session, struct mi_span data, unsigned code,
                         const char *state, const char *text);
/* The same with 1047, for a command that is not for a router; it is logged. */
size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data);

#endif
