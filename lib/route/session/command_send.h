/* A command that has come far enough to be decided on: where it goes, whether the back end is
 * ready, and its bytes. All of it is for the command at the front of data, packet header included,
 * of a session that is READY. */
#ifndef MI_ROUTE_SESSION_COMMAND_SEND_H
#define MI_ROUTE_SESSION_COMMAND_SEND_H

#include "base/buf.h"
#include "route/state/decide.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_route_session;
struct mi_route_stmt;

/* Writes bytes of the command to the side that was decided on. False: that server is lost, which
 * the session learns at the end of the turn. */
bool mi_command_write(struct mi_route_session *session, struct mi_span data);

struct mi_decided {
	struct mi_verdict verdict;
	struct mi_client_statement statement; /* points into the text */
	size_t taken;                         /* of data, when it is not to be sent; 0: it waits */
};

/* Decides (route/session/choose.h) on the command. True: it is to be sent to command.side. False:
 * it waits or was answered here, and decided->taken bytes of data are dealt with. */
bool mi_command_decide(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                       const struct mi_route_stmt *stmt, struct mi_decided *decided);

/* Is the side that was decided on ready for it? False: it waits, or was answered. */
bool mi_command_is_ready(struct mi_route_session *session);

/* Sends the command to command.side, which is ready: head instead of the first taken bytes. Returns
 * how many bytes of data are dealt with. */
size_t mi_command_send(struct mi_route_session *session, struct mi_span data, struct mi_span head,
                       size_t taken);

#endif
