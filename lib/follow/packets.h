/* The packets of a binary log dump, read beneath the client library, which would assemble each
 * event before it gives it away: a compressed transaction is one event of up to 1 GiB. */
#ifndef MI_FOLLOW_PACKETS_H
#define MI_FOLLOW_PACKETS_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_binlog_packets;

/* Reads conn from now on, of which the client library has read all answers so far; socket is
 * borrowed. NULL: what the library does with the bytes cannot be seen. */
struct mi_binlog_packets *mi_binlog_packets_new(const struct mi_conn *conn, int socket);
void mi_binlog_packets_free(struct mi_binlog_packets *packets); /* harmless on NULL */

enum mi_packets_got {
	MI_PACKETS_EVENT,  /* a piece of an event, at most 256 KiB; *last: its last one, perhaps
	                      empty */
	MI_PACKETS_ANSWER, /* a whole packet that is no event: ERR, EOF */
	MI_PACKETS_LOST,   /* the connection is gone, err says how */
	MI_PACKETS_BROKEN, /* against the protocol: err is filled */
};

/* Waits for what comes next; *piece is good until the next call. */
enum mi_packets_got mi_binlog_packets_next(struct mi_binlog_packets *packets, struct mi_span *piece,
                                           bool *last, struct mi_err *err);

#endif
