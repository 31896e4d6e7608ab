/* The command that asks for a binary log, and the packets that answer it: the part of
 * follow/link.h that knows the two client libraries apart. */
#ifndef MI_FOLLOW_REQUEST_H
#define MI_FOLLOW_REQUEST_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "follow/link.h"

#include <stdbool.h>

struct mi_binlog_dump;

/* Sends the request on conn, which then serves for nothing else. MySQL is asked by
 * COM_BINLOG_DUMP_GTID, MariaDB by @slave_connect_state and COM_BINLOG_DUMP ("Replication Protocol"
 * in either manual). The session gets replica ids of its own, so that it ends no other replica's
 * connection, and does not take part in semi-synchronous replication. */
MI_MUST int mi_binlog_dump_open(struct mi_binlog_dump **dump, struct mi_conn *conn,
                                const struct mi_binlog_request *request, struct mi_err *err);
void mi_binlog_dump_close(struct mi_binlog_dump *dump); /* before conn; harmless on NULL */

/* Waits for the next piece of an event, which is good until the next call: EVENT, LOST or REFUSED.
 * *last: the event's last piece, perhaps empty. Pieces are small where the packets can be read
 * beneath the client library (follow/packets.h), else whole events. */
enum mi_log_state mi_binlog_dump_next(struct mi_binlog_dump *dump, struct mi_span *piece,
                                      bool *last, struct mi_err *err);

int mi_binlog_dump_socket(const struct mi_binlog_dump *dump);

#endif
