/* Raw binary log events from a server, through either client library. A thread of the link reads
 * them ahead, so that the caller can ask whether more has arrived, and can leave a link that does
 * not answer. All functions are for one thread.
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
	const char *identity; /* of the server that it must be */
	const struct mi_gtid_set *since;
	uint32_t server_id;
	unsigned heartbeat_seconds; /* after so much silence the server sends a heartbeat */
};

/* Logs in and asks for the events after request->since. Checksums are asked for as CRC32: the first
 * event has one. Fails like mi_conn_open, mi_conn_same_server and mi_binlog_dump_open. request->source must outlive the
 * link. */
MI_MUST int mi_binlog_link_open(struct mi_binlog_link **link,
                                const struct mi_binlog_request *request, struct mi_err *err);
void mi_binlog_link_close(struct mi_binlog_link *link); /* harmless on NULL */

enum mi_log_state {
	MI_LINK_EVENT,   /* *piece is an event's next piece; good until the next call */
	MI_LINK_NOTHING, /* no piece came in time */
	MI_LINK_STOPPED, /* somebody has asked to stop, and heed_stop was set */
	MI_LINK_LOST,    /* the connection is lost, err says how: open another */
	MI_LINK_REFUSED, /* the server ended the log for a reason that stays: err is final */
};

/* The next piece, waiting at most wait_ms; *last: it is its event's last one. heed_stop: a wish to
 * stop comes before waiting pieces. LOST and REFUSED come after all pieces that have arrived. */
enum mi_log_state mi_binlog_link_next(struct mi_binlog_link *link, unsigned wait_ms, bool heed_stop,
                                      struct mi_span *piece, bool *last, struct mi_err *err);

/* Whether a piece has arrived that mi_binlog_link_next would return at once. */
bool mi_binlog_link_pending(struct mi_binlog_link *link);

#endif
