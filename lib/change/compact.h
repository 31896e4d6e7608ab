/* Which statements a batch of changes needs. Where rows of a table can collide in their row key
 * alone, the table's changes are compacted: what the batch makes of each row, to be written as
 * deletes, then updates, then inserts. The changes of other tables stay in source order within
 * their table. Pure: no server, no SQL. */
#ifndef MI_CHANGE_COMPACT_H
#define MI_CHANGE_COMPACT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/set.h"
#include "change/bundle.h"
#include "table/keyplan.h"

#include <stdbool.h>
#include <stdint.h>

/* What a batch makes of one row. */
struct mi_net {
	const struct mi_span *key;   /* an image that shows the row's key */
	const struct mi_span *image; /* the row after the batch; NULL: it is deleted */
	bool existed;                /* the row was there before the batch */
	const struct mi_op *op;      /* the last change of the row, for messages */
};

/* One table's changes in the batch at hand. */
struct mi_lane {
	struct mi_keyplan *plan;
	bool compacted; /* true: nets say what is to be done; false: ops do, in source order */
	const struct mi_op **ops;
	size_t op_count, op_room;
	struct mi_net *nets;
	size_t net_count, net_room;
	struct mi_set by_key; /* finds nets by row key */
};

/* A batch, and memory that is used again for the next one. {0} is an empty batch. */
struct mi_compact {
	struct mi_lane **lanes;
	size_t count; /* lanes in use in the batch at hand */
	size_t made;  /* lanes allocated */
};

void mi_compact_release(struct mi_compact *compact);

/* Empties the batch. The plans of its tables must still be there: they forget their lane. */
void mi_compact_reset(struct mi_compact *compact);

/* Adds a change, in source order. plan is that of op's table; both are borrowed until
 * mi_compact_reset. */
void mi_compact_add(struct mi_compact *compact, struct mi_keyplan *plan, const struct mi_op *op);

/* Decides for each lane whether it is compacted, and computes its nets; once a batch. With allowed
 * false all lanes stay in source order. False: the changes contradict each other (a row is inserted
 * twice, or changed after its deletion); the caller then applies them one by one and learns
 * where. */
MI_MUST bool mi_compact_settle(struct mi_compact *compact, bool allowed);

#endif
