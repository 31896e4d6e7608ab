/* Rows that a transaction has deleted, for a server that may say so twice.
 *
 * MySQL from 9.6 on logs what foreign keys cascade (USE_SQL_FOREIGN_KEY_F), children before their
 * parents. Where rows refer to each other in a circle it comes back to a row whose deletion is
 * under way, and logs that once for each way to it (seen on 9.7.4: DELETE of 1 from
 * (1,3),(2,1),(3,2) logs 2, 3, 1, 1). What was deleted and not made again cannot be deleted: the
 * second one is of no row, and a strict reader would take it for a difference.
 *
 * Pure: no server. Memory is bounded by MI_GONE_BYTES: rows beyond it are not remembered, so that a
 * second deletion of theirs is told as any other. */
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
	struct mi_set by_key; /* of rows: by table and row key */
	struct mi_buf key;    /* of the change at hand */
};

/* Forgets all: another transaction begins. */
void mi_deleted_reset(struct mi_deleted *gone);
void mi_deleted_release(struct mi_deleted *gone);

/* Can deletions of this table's rows be logged twice, with this change's flags? */
bool mi_deleted_concerns(const struct mi_change *change);

/* Takes note of a change that concerns it, of a table with a row key. True: it deletes a row that
 * this transaction has deleted and not made again. */
bool mi_deleted_again(struct mi_deleted *gone, const struct mi_change *change);

#endif
