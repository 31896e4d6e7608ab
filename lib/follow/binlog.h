/* A source's changes as decoded events: which server, from where, and what happens when the
 * connection dies. */
#ifndef MI_FOLLOW_BINLOG_H
#define MI_FOLLOW_BINLOG_H

#include "base/err.h"
#include "binlog/reader.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "follow/link.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_src_binlog_options {
	const struct mi_conn_options *source;
	uint32_t server_id;         /* 0: one is made */
	unsigned heartbeat_seconds; /* silence for more than twice as long is a dead link */
	bool is_replica;            /* what it has not got yet will come: it is waited for */
};

struct mi_src_binlog;

/* Connects for questions. event hears of each event but ROTATE, see binlog/reader.h.
 * MI_CONFIG: the server keeps no GTIDs or binary log, or the server id is its own or a replica's.
 */
MI_MUST int mi_src_binlog_open(struct mi_src_binlog **binlog,
                               const struct mi_src_binlog_options *options, mi_binlog_event *event,
                               void *user, struct mi_err *err);
void mi_src_binlog_close(struct mi_src_binlog *binlog); /* harmless on NULL */

/* The connection for questions; another one after mi_src_binlog_restart. */
struct mi_conn *mi_src_binlog_control(struct mi_src_binlog *binlog);

/* What the source has executed. *set is new. */
MI_MUST int mi_src_binlog_executed(struct mi_src_binlog *binlog, struct mi_gtid_set **set,
                                   struct mi_err *err);

/* Whether the source has executed all of since. MI_DATA: it has not. A replica gets half a minute
 * to do so, then MI_AGAIN. */
MI_MUST int mi_src_binlog_reaches(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                                  struct mi_err *err);

/* Asks for the events after since, when it reaches that. MI_DATA: since has transactions that the
 * source has not (it has forgotten them, or is another server). MI_CONFIG: some that since lacks
 * are purged. */
MI_MUST int mi_src_binlog_start(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                                struct mi_err *err);

/* After MI_LINK_LOST: tries with growing pauses to start after since, with the same checks. Fails
 * with what stays wrong; with MI_UNAVAILABLE after ten minutes; with MI_AGAIN when asked to stop,
 * and when another server answers than before. */
MI_MUST int mi_src_binlog_restart(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                                  struct mi_err *err);

/* Passes on what the next piece completes, after at most wait_ms; see mi_binlog_link_next for
 * states and heed_stop. REFUSED is also an event that is not understood, or that event() has failed
 * at: err names the place. When that was for a lost connection, it is LOST. */
enum mi_log_state mi_src_binlog_next(struct mi_src_binlog *binlog, unsigned wait_ms, bool heed_stop,
                                     struct mi_err *err);
bool mi_src_binlog_pending(struct mi_src_binlog *binlog);

/* For how many seconds the source keeps its binary logs, as it is set now; 0: for ever. Connects
 * again when the connection for questions is lost. ("Binary Logging Options and Variables", MySQL
 * manual; "Replication and Binary Log System Variables", MariaDB's.) */
MI_MUST int mi_src_binlog_keeps(struct mi_src_binlog *binlog, uint64_t *seconds,
                                struct mi_err *err);

/* Where the last whole event ended, in its file. */
uint64_t mi_src_binlog_offset(const struct mi_src_binlog *binlog);

/* "binlog.000003:1234", the end of the last whole event: for messages. Text inside binlog. */
const char *mi_src_binlog_place(struct mi_src_binlog *binlog);

/* Bytes of events since the last call. */
uint64_t mi_src_binlog_bytes(struct mi_src_binlog *binlog);

/* What the source's clock says, microseconds since 1970 UTC, as good as one question can tell. */
uint64_t mi_src_binlog_clock(const struct mi_src_binlog *binlog);

#endif
