/* Which statements a batch of changes needs. Changes of tables where only the row key decides are
 * compacted: each row's last image, to be written per table as deletes, then updates, then inserts.
 * Changes of other tables stay in source order within their table. Pure: no server, no SQL. */
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
	const struct mi_span *image; /* the row afterwards; NULL: it is gone */
	bool existed;                /* the row was there before the batch */
	const struct mi_op *op;      /* the last change of it, for messages */
};

/* One table's changes. */
struct mi_lane {
	struct mi_keyplan *plan;
	bool compacted; /* nets hold what is to be done; else ops, in source order */
	const struct mi_op **ops;
	size_t op_count, op_room;
	struct mi_net *nets;
	size_t net_count, net_room;
	struct mi_set by_key; /* of nets */
};

/* Memory for batches, used again and again. {0} is good. */
struct mi_compact {
	struct mi_lane **lanes;
	size_t count; /* in use in the batch at hand */
	size_t made;
};

void mi_compact_release(struct mi_compact *compact);
void mi_compact_reset(struct mi_compact *compact);
void mi_compact_add(struct mi_compact *compact, struct mi_keyplan *plan, const struct mi_op *op);

/* Decides for each lane and computes nets. allowed: false leaves all in source order. False: the
 * changes contradict each other (a row is inserted twice, or changed when gone): the caller applies
 * them one by one and learns where. */
MI_MUST bool mi_compact_settle(struct mi_compact *compact, bool allowed);

#endif
