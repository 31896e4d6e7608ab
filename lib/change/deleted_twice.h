/* The rows that a transaction has deleted, for a server that may log a deletion twice.
 *
 * MySQL from 9.6 on logs what foreign keys cascade (USE_SQL_FOREIGN_KEY_F), children before their
 * parents. Where rows refer to each other in a circle, the cascade comes back to a row that is
 * being deleted, and the server logs its deletion once for each way that leads to it (seen on
 * 9.7.4: DELETE of 1 from (1,3),(2,1),(3,2) logs 2, 3, 1, 1). A row that was deleted and not
 * inserted again cannot be deleted: the second deletion finds no row, and a strict applier would
 * report that as a difference.
 *
 * Pure: no server. Memory is bounded by MI_GONE_BYTES: rows beyond it are not recorded, and a
 * second deletion of such a row is passed on like any other. */
#ifndef MI_CHANGE_DELETED_TWICE_H
#define MI_CHANGE_DELETED_TWICE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/set.h"
#include "stream/parse.h"

#include <stdbool.h>

enum { MI_GONE_BYTES = 16 << 20 };

struct mi_deleted_row;

/* {0} is empty, and good. */
struct mi_deleted {
	struct mi_arena arena;
	struct mi_deleted_row *rows;
	size_t count;
	struct mi_set by_key; /* finds rows by table and row key */
	struct mi_buf key;    /* table and row key of the change at hand */
};

/* Forgets all rows, because another transaction begins. */
void mi_deleted_reset(struct mi_deleted *gone);
void mi_deleted_release(struct mi_deleted *gone);

/* True when deletions of rows of the change's table may be logged twice, under the change's flags;
 * the table has a row key then. */
bool mi_deleted_concerns(const struct mi_change *change);

/* Records a change for which mi_deleted_concerns is true. True: the change deletes a row that this
 * transaction has deleted and not inserted again. */
bool mi_deleted_again(struct mi_deleted *gone, const struct mi_change *change);

#endif
