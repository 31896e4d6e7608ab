/* Decides on a command that has arrived far enough, makes the back end ready, and writes the
 * command's bytes to it. The session is READY, and the command is at the front of data, packet
 * header included. After each function but mi_command_write the session may be CLOSED. */
#ifndef MI_ROUTE_SESSION_COMMAND_SEND_H
#define MI_ROUTE_SESSION_COMMAND_SEND_H

#include "base/buf.h"
#include "route/state/decide.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_route_session;
struct mi_route_stmt;

/* Writes bytes of the command to command.side. False: the connection to that server is lost; the
 * session is told at the end of the turn. */
bool mi_command_write(struct mi_route_session *session, struct mi_span data);

struct mi_decided {
	struct mi_verdict verdict;
	struct mi_client_statement statement; /* points into the text */
	size_t taken; /* bytes of data, when the command is not to be sent; 0: it waits */
};

/* Decides on the command, by route/session/choose.h. True: the command is to be sent to
 * command.side. False: the command waits or was answered here, and decided->taken bytes of data are
 * dealt with. text and stmt are as for mi_choose. */
bool mi_command_decide(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                       const struct mi_route_stmt *stmt, struct mi_decided *decided);

/* Is command.side ready for the command? False: the command waits, or the session was closed. */
bool mi_command_is_ready(struct mi_route_session *session);

/* Sends the command to command.side, which is ready: head instead of the first taken bytes. Returns
 * how many bytes of data are dealt with. */
size_t mi_command_send(struct mi_route_session *session, struct mi_span data, struct mi_span head,
                       size_t taken);

/* Sends a change of the default database to the writer: the command itself, a COM_INIT_DB or a USE
 * of the database name, or, when that has another name there, a COM_INIT_DB. Returns how many bytes
 * of data are dealt with; 0: the command waits, or the session was closed. */
size_t mi_command_send_database(struct mi_route_session *session, struct mi_span data,
                                struct mi_span name);

#endif
