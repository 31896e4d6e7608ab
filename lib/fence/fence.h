/* One end of a switch: sessions on one server that hold the old writer's tables still, keep the
 * flows' books, and move what belongs to the writer alone (triggers, events, counters). Everything
 * is connected beforehand, because clients wait while it is used. */
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
	struct mi_src_lock *lock; /* its sessions are open from the start */
	bool locked;
	struct mi_tables tables;
	char **dbs; /* the imported databases */
	size_t db_count;
	struct mi_state forward, reverse;
	struct mi_ddl_list programs; /* triggers and events to be made here */
	uint64_t *counters;          /* by table: the greatest that has been told */
};

/* Logs in, and reads which tables there are. */
MI_MUST int mi_fence_open(struct mi_fence *fence, const struct mi_fence_options *options,
                          struct mi_err *err);
void mi_fence_close(struct mi_fence *fence); /* lets go of everything; harmless on {0} */

/* Makes the bookkeeping tables as far as they are missing, and proves with a row of its own that
 * they can be written; then that no prepared XA transaction is there: else MI_AGAIN. */
MI_MUST int mi_fence_ready(struct mi_fence *fence, struct mi_err *err);

/* Drops the bookkeeping tables of the state database, unless another import has rows in them. */
MI_MUST int mi_fence_drop_books(struct mi_fence *fence, struct mi_err *err);

/* mi_src_lock_fence on all imported tables, and the answer of XA RECOVER under it: a prepared
 * transaction is MI_AGAIN. */
MI_MUST int mi_fence_lock(struct mi_fence *fence, unsigned ms, struct mi_err *err);

/* Ends who waits to write, and lets go. *ended: how many sessions. MI_AGAIN: the lock was gone. */
MI_MUST int mi_fence_unlock(struct mi_fence *fence, unsigned *ended, struct mi_err *err);

/* Appends what the server has executed. While locked it is proved that the lock is still held. */
MI_MUST int mi_fence_position(struct mi_fence *fence, struct mi_buf *set, struct mi_err *err);

/* The session for bookkeeping: the one that holds the lock while there is one. */
struct mi_conn *mi_fence_books(struct mi_fence *fence);

/* ---- fence/programs.c ---- */

/* ---- fence/counters.c ---- */

/* Hears of a table and the AUTO_INCREMENT value that the other side should have. */
typedef int mi_fence_counter(void *user, const struct mi_table *table, uint64_t value,
                             struct mi_err *err);

#endif
