/* One consistent snapshot of many tables for many readers, with the GTID position at which it
 * holds.
 *
 * Three ways, from the most exact to the least intrusive:
 *   flush   FLUSH TABLES WITH READ LOCK for some milliseconds: low and high are one position
 *   tables  LOCK TABLES ... READ of the dumped tables: one position, too, but the lock may not be
 *           had under many writers
 *   none    no lock. MySQL: one position when no commit fell between the readers' starts, else
 *           an interval. MariaDB: each reader's position is known; low is the least of them,
 *           high the greatest
 * All of low is in every reader's snapshot; nothing outside high is in any. */
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

/* "auto", "flush", "tables" or "none"; false: another word. */
MI_MUST bool mi_snapshot_lock_parse(const char *text, enum mi_snapshot_lock *lock);

struct mi_snapshot_options {
	const struct mi_conn_options *source; /* must outlive the snapshot */
	struct mi_filter *filter; /* must outlive it, too; its ignore_case is set from the server */
	size_t readers;
	/* auto: none if it is exact, else tables, else none; a flush only when it is asked for */
	enum mi_snapshot_lock lock;
	uint64_t lock_tries;    /* how often a lock is tried, and ten times as often without one */
	uint64_t guard_seconds; /* no lock while a statement runs for this long; 0: no guard */
	uint64_t xa_seconds;    /* how long prepared XA transactions are waited for */
	bool resumed;           /* rows of another snapshot are in the copy already */
};

struct mi_snapshot {
	struct mi_conn control;  /* for questions; outside of the snapshot */
	struct mi_conn *readers; /* each inside its transaction, which shows the snapshot */
	size_t reader_count;
	struct mi_tables tables;    /* as they were when the snapshot was taken */
	char *low, *high;           /* GTID sets in text */
	enum mi_snapshot_lock lock; /* how the snapshot was taken */
	const struct mi_snapshot_options *options;
};

/* Logs in and takes the snapshot. Definitions are read before and after, and must agree. MI_CONFIG:
 * the server keeps no GTIDs; or a foreign key has cascades, the source does not log them, and the
 * copy is not of one position (low is not high, or resumed). MI_DATA: a table's engine has no
 * snapshots, or a table has been altered meanwhile. MI_AGAIN: locks could not be had, or a prepared
 * XA transaction stands in the way. *snapshot is filled on success only. */
MI_MUST int mi_snapshot_open(struct mi_snapshot *snapshot,
                             const struct mi_snapshot_options *options, struct mi_err *err);
void mi_snapshot_close(struct mi_snapshot *snapshot); /* harmless on {0} */

/* Gives back the metadata locks of all that a reader's statements have read; its snapshot stays. A
 * transaction keeps them to its end: an ALTER that waits for one lets nobody use the table
 * meanwhile. No result may be open. */
MI_MUST int mi_snapshot_let_go(struct mi_conn *reader, struct mi_err *err);

/* Reads the definitions again: MI_DATA, naming the table, when one has changed since the
 * snapshot. */
MI_MUST int mi_snapshot_check(struct mi_snapshot *snapshot, struct mi_err *err);

#endif
