/* One end of a switch, for mi-fence: sessions on one server that lock the old writer's tables, do
 * the flows' bookkeeping, and move what belongs to the writer alone (triggers, events, counters).
 * All connections are opened beforehand, because clients wait during a switch. One thread uses
 * it. */
#ifndef MI_FENCE_FENCE_H
#define MI_FENCE_FENCE_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "schema/list.h"
#include "server/conn.h"
#include "server/link.h"
#include "table/dbmap.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_fence_options {
	const struct mi_conn_options *conn;
	struct mi_filter *filter; /* the imported tables */
	const char *import;
	const char *state_db;
	struct mi_map map; /* databases by the other side's name, and their name here */
};

struct mi_fence {
	const struct mi_fence_options *options;
	struct mi_link_options link_options;
	struct mi_link link;      /* for all that needs no lock; autocommit=0 */
	struct mi_src_lock *lock; /* the sessions for the lock, open from the start */
	bool locked;              /* the lock was granted, and mi_fence_unlock not called since */
	struct mi_tables tables;
	char **dbs; /* the imported databases */
	size_t db_count;
	struct mi_state forward, reverse;
	struct mi_ddl_list programs; /* triggers and events to be made here */
	uint64_t *counters;          /* by table: the greatest value that was passed to tell */
};

/* Logs in all sessions, and reads the imported tables. options is the caller's and outlives fence.
 * MI_CONFIG: no binary log or GTIDs, or none of the tables. Close fence also after a failure. */
MI_MUST int mi_fence_open(struct mi_fence *fence, const struct mi_fence_options *options,
                          struct mi_err *err);

/* Ends the sessions, and with them a lock, and frees everything. Harmless on {0}. */
void mi_fence_close(struct mi_fence *fence);

/* Creates the bookkeeping tables as far as they are missing, and proves that they can be written,
 * by a row that is deleted again. MI_AGAIN when a prepared XA transaction exists. */
MI_MUST int mi_fence_ready(struct mi_fence *fence, struct mi_err *err);

/* Drops the bookkeeping tables of the state database; if another import has rows in them, only
 * deletes this import's rows. */
MI_MUST int mi_fence_drop_books(struct mi_fence *fence, struct mi_err *err);

/* Locks all imported tables (mi_src_lock_fence), for `ms` milliseconds from the call at most.
 * MI_AGAIN: the lock was not granted in time; or it was (fence is locked then), and a prepared XA
 * transaction exists. MI_USAGE: already locked. */
MI_MUST int mi_fence_lock(struct mi_fence *fence, unsigned ms, struct mi_err *err);

/* Kills the sessions that wait to write (mi_src_lock_end_waiters; *ended: how many) and releases
 * the lock. MI_AGAIN: the lock had been lost before. MI_USAGE: not locked. */
MI_MUST int mi_fence_unlock(struct mi_fence *fence, unsigned *ended, struct mi_err *err);

/* Appends the GTID set that the server has executed. While locked, MI_AGAIN when the lock is no
 * longer held. */
MI_MUST int mi_fence_position(struct mi_fence *fence, struct mi_buf *set, struct mi_err *err);

/* The session for bookkeeping: while locked the session that holds the lock, else the link's. */
struct mi_conn *mi_fence_books(struct mi_fence *fence);

/* For fence/counters.h: called with a table and the AUTO_INCREMENT value that the other side should
 * have. Returns 0, or -1 with err filled. */
typedef int mi_fence_counter(void *user, const struct mi_table *table, uint64_t value,
                             struct mi_err *err);

#endif
