/* Raw binary log events from a server, through either client library. A thread of its own reads
 * them ahead, so that "is there more?" has an answer, and a dead link can be left.
 *
 * Events come in pieces. Memory: 9 MiB. Over TLS, Oracle's library and a Connector/C without
 * OpenSSL assemble whole events before they give them away: then twice the largest event, too. */
#ifndef MI_FOLLOW_LINK_H
#define MI_FOLLOW_LINK_H

#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_binlog_link;

struct mi_binlog_request {
	const struct mi_conn_options *source;
	const struct mi_gtid_set *since;
	uint32_t server_id;
	unsigned heartbeat_seconds; /* the server says something at least so often */
};

/* Logs in and asks for the events after since. Checksums are asked for as CRC32: the first event
 * has one. Failures are those of mi_conn_open. */
MI_MUST int mi_binlog_link_open(struct mi_binlog_link **link,
                                const struct mi_binlog_request *request, struct mi_err *err);
void mi_binlog_link_close(struct mi_binlog_link *link); /* harmless on NULL */

enum mi_log_state {
	MI_LINK_EVENT,   /* *piece is an event's next piece; good until the next call */
	MI_LINK_NOTHING, /* none came in time */
	MI_LINK_STOPPED, /* mi_stop_asked(), and the caller wanted to know */
	MI_LINK_LOST,    /* the connection is gone, err says how: open another */
	MI_LINK_REFUSED, /* the server ended it for a reason that stays: err is final */
};

/* The next piece, after at most wait_ms; *last: its event's last one. heed_stop: a wish to stop
 * comes before it. What the link has to say about its end comes after all events. */
enum mi_log_state mi_binlog_link_next(struct mi_binlog_link *link, unsigned wait_ms, bool heed_stop,
                                      struct mi_span *piece, bool *last, struct mi_err *err);

/* Whether something has arrived already. */
bool mi_binlog_link_pending(struct mi_binlog_link *link);

#endif
