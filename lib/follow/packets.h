/* The packets of a binary log dump, read beneath the client library: that would assemble each event
 * in memory, and a compressed transaction is one event of up to 1 GiB. */
#ifndef MI_FOLLOW_PACKETS_H
#define MI_FOLLOW_PACKETS_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_binlog_packets;

/* Takes over the reading of conn, of which the client library has read all answers so far. socket
 * (of conn) and conn stay the caller's and must outlive it. NULL: conn's bytes go through TLS that
 * the library does not show, so that only the library can read them. */
struct mi_binlog_packets *mi_binlog_packets_new(const struct mi_conn *conn, int socket);
void mi_binlog_packets_free(struct mi_binlog_packets *packets); /* harmless on NULL */

enum mi_packets_got {
	MI_PACKETS_EVENT,  /* a piece of an event, at most 256 KiB */
	MI_PACKETS_ANSWER, /* a whole packet that is no event: ERR, EOF */
	MI_PACKETS_LOST,   /* the connection is lost: MI_UNAVAILABLE, err says how */
	MI_PACKETS_BROKEN, /* something against the protocol: MI_PROTOCOL */
};

/* Waits, without a limit, for what comes next; *piece is good until the next call. *last: the piece
 * is its event's last one, and may be empty. */
enum mi_packets_got mi_binlog_packets_next(struct mi_binlog_packets *packets, struct mi_span *piece,
                                           bool *last, struct mi_err *err);

#endif
