/* The command that asks for a binary log, and the answer's packets: the part of follow/link.h
 * in which the two client libraries differ. */
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
 * in either manual). The session has a random replica UUID, so that the server ends no other
 * replica's connection for it, and takes no part in semi-synchronous replication. Fails like
 * mi_conn_fail. */
MI_MUST int mi_binlog_dump_open(struct mi_binlog_dump **dump, struct mi_conn *conn,
                                const struct mi_binlog_request *request, struct mi_err *err);
void mi_binlog_dump_close(struct mi_binlog_dump *dump); /* before conn; harmless on NULL */

/* Waits, without a limit, for the next piece of an event, which is good until the next call:
 * MI_LINK_EVENT, _LOST or _REFUSED. *last: the piece is its event's last one, and may be empty.
 * Pieces are of 256 KiB at most where the packets can be read beneath the client library
 * (follow/packets.h), else whole events. */
enum mi_log_state mi_binlog_dump_next(struct mi_binlog_dump *dump, struct mi_span *piece,
                                      bool *last, struct mi_err *err);

/* The connection's socket, for shutdown(2) from another thread: that ends a waiting _next. */
int mi_binlog_dump_socket(const struct mi_binlog_dump *dump);

#endif
