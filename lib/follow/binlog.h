/* A source's binary log as decoded events: which server, from which GTID set on, and what happens
 * when the connection dies. Two connections: one for the log (follow/link.h), one for
 * questions. One thread uses it. */
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
	unsigned heartbeat_seconds; /* after silence for over twice as long the link is dead */
	bool is_replica;            /* transactions that it has not got yet are waited for */
	const char *identity;       /* the server must be this one (mi_conn's server_id); NULL: any */
};

struct mi_src_binlog;

/* Connects for questions; mi_src_binlog_start asks for the log. event is called with user for each
 * event but ROTATE, see binlog/reader.h. MI_CONFIG: the server is a Vitess gateway, keeps no binary
 * log or no GTIDs, or options->server_id is the server's own or another replica's. MI_AGAIN: it
 * is not options->identity. options is copied; options->source must live as long as *binlog. */
MI_MUST int mi_src_binlog_open(struct mi_src_binlog **binlog,
                               const struct mi_src_binlog_options *options, mi_binlog_event *event,
                               void *user, struct mi_err *err);
void mi_src_binlog_close(struct mi_src_binlog *binlog); /* harmless on NULL */

/* The connection for questions. The pointer stays good; mi_src_binlog_restart and _keeps may
 * connect it anew, to the same server. */
struct mi_conn *mi_src_binlog_control(struct mi_src_binlog *binlog);

/* What the source has executed. *set is new, for the caller to free. */
MI_MUST int mi_src_binlog_executed(struct mi_src_binlog *binlog, struct mi_gtid_set **set,
                                   struct mi_err *err);

/* Checks that the source has executed all of since; MI_DATA when it has not. A replica (is_replica)
 * is given half a minute to get there, then MI_AGAIN. */
MI_MUST int mi_src_binlog_reaches(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                                  struct mi_err *err);

/* *lost: what the source has purged of the events after since, for the caller to free, NULL after a
 * failure; empty: nothing. A position of MariaDB, which no set can be subtracted from, is that of
 * its oldest log file. */
MI_MUST int mi_src_binlog_lost(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                               struct mi_gtid_set **lost, struct mi_err *err);

/* Asks for the events after since, after checking it as mi_src_binlog_reaches does. MI_DATA: since
 * has transactions that the source has not (the source lost them in a crash, or is another server).
 * MI_CONFIG: transactions that since lacks have been purged; the text ends with what
 * mi_src_binlog_lost says. */
MI_MUST int mi_src_binlog_start(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                                struct mi_err *err);

/* After MI_LINK_LOST: connects again and starts after since, trying with growing pauses. Fails like
 * mi_src_binlog_start at once when the reason stays; with MI_UNAVAILABLE after ten minutes; with
 * MI_AGAIN when asked to stop, or when another server answers than before. */
MI_MUST int mi_src_binlog_restart(struct mi_src_binlog *binlog, const struct mi_gtid_set *since,
                                  struct mi_err *err);

/* Reads the next piece of the log, waiting at most wait_ms, and calls event for each event that the
 * piece completes; see mi_binlog_link_next for states and heed_stop. MI_LINK_REFUSED also stands
 * for an event that cannot be decoded, and for a failure of event(): err names the place. A failure
 * of event() with MI_UNAVAILABLE is MI_LINK_LOST. */
enum mi_log_state mi_src_binlog_next(struct mi_src_binlog *binlog, unsigned wait_ms, bool heed_stop,
                                     struct mi_err *err);
/* Whether more of the log has arrived already. */
bool mi_src_binlog_pending(struct mi_src_binlog *binlog);

/* For how many seconds the source keeps its binary logs, by its present settings; 0: for ever.
 * Connects again when the connection for questions is lost; MI_AGAIN: another server answers. ("Binary Logging Options and
 * Variables", MySQL manual; "Replication and Binary Log System Variables", MariaDB's.) */
MI_MUST int mi_src_binlog_keeps(struct mi_src_binlog *binlog, uint64_t *seconds,
                                struct mi_err *err);

/* Where the last whole event ended: its offset in the log file, in bytes. */
uint64_t mi_src_binlog_offset(const struct mi_src_binlog *binlog);

/* Bytes of events that have been read since the last call of this function. */
uint64_t mi_src_binlog_bytes(struct mi_src_binlog *binlog);

/* What the source's clock says now, microseconds since 1970 UTC, as far as one question when
 * connecting could tell. */
uint64_t mi_src_binlog_clock(const struct mi_src_binlog *binlog);

#endif
