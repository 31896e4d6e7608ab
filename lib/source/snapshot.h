/* One consistent snapshot of many tables for many readers, with the GTID position at which it
 * holds.
 *
 * Three ways, from the most exact to the least intrusive:
 *   flush   FLUSH TABLES WITH READ LOCK for some milliseconds: low and high are the same position
 *   tables  LOCK TABLES ... READ of the dumped tables: the same, but starves under many writers
 *   none    no lock: on MySQL an exact position when no commit fell between the readers' starts,
 *           else [low, high]; on MariaDB each reader knows its own, low the least, high the
 * greatest All of low is in every reader's snapshot; nothing outside high is in any. */
#ifndef MI_SOURCE_SNAPSHOT_H
#define MI_SOURCE_SNAPSHOT_H

#include "base/err.h"
#include "server/conn.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_snapshot_lock {
	MI_SNAPSHOT_LOCK_AUTO,
	MI_SNAPSHOT_LOCK_FLUSH,
	MI_SNAPSHOT_LOCK_TABLES,
	MI_SNAPSHOT_LOCK_NONE
};

MI_MUST bool mi_snapshot_lock_parse(const char *text,
                                    enum mi_snapshot_lock *lock); /* "auto", "flush", ... */

struct mi_snapshot_options {
	const struct mi_conn_options *source; /* must outlive the snapshot */
	struct mi_filter *filter;             /* likewise; what it lacks is set from the server */
	size_t readers;
	enum mi_snapshot_lock lock; /* auto: flush, else tables, else none */
	uint64_t lock_tries;        /* how often each way is tried */
	uint64_t guard_seconds; /* no flush while a statement older than this runs; 0: no guard */
	uint64_t xa_seconds;    /* how long prepared XA transactions are waited for */
	bool resumed;           /* rows of another snapshot are in the copy already */
};

struct mi_snapshot {
	struct mi_conn control;  /* questions; no part of the snapshot */
	struct mi_conn *readers; /* each in its transaction of the snapshot */
	size_t reader_count;
	struct mi_tables tables;    /* as they were when the snapshot was taken */
	char *low, *high;           /* GTID sets in text */
	enum mi_snapshot_lock lock; /* the way it was taken */
	const struct mi_snapshot_options *options;
};

/* Logs in and takes the snapshot. Definitions are read before it and after it and must agree.
 * MI_CONFIG: no GTIDs, or cascading foreign keys that the source does not log and low is not high.
 * MI_DATA: a table whose engine has no snapshots. MI_AGAIN: locks could not be had, or a prepared
 * XA transaction stands in the way. *snapshot is filled on success only. */
MI_MUST int mi_snapshot_open(struct mi_snapshot *snapshot,
                             const struct mi_snapshot_options *options, struct mi_err *err);
void mi_snapshot_close(struct mi_snapshot *snapshot); /* harmless on {0} */

/* Reads the definitions again: one that has changed since is MI_DATA, naming the table. */
MI_MUST int mi_snapshot_check(struct mi_snapshot *snapshot, struct mi_err *err);

#endif
