/* Which statements a batch of changes needs. Changes of tables where only the row key decides are
 * compacted: each row's last image, to be written per table as deletes, then updates, then inserts.
 * Changes of other tables stay in source order within their table. Pure: no server, no SQL. */
#ifndef MI_CHANGE_COMPACT_H
#define MI_CHANGE_COMPACT_H

#include "change/bundle.h"

/* How rows of a table are told apart; made once per table. Places count carried columns from 0. */
struct mi_keyplan {
	const struct mi_table *table;
	size_t *key; /* places of the row key's columns */
	size_t key_count;
	bool *in_unique;      /* by place: belongs to another UNIQUE key */
	bool has_unique;      /* there is another UNIQUE key */
	bool hidden_unique;   /* one whose values the images do not show: a prefix, an expression, a
	                         column that is not carried */
	struct mi_lane *lane; /* in the batch at hand; mi_compact's own */
};

/* table must have a row key. Its UNIQUE keys are noted; the target's own ones are added with
 * mi_keyplan_add_unique. */
void mi_keyplan_init(struct mi_keyplan *plan, const struct mi_table *table);
void mi_keyplan_release(struct mi_keyplan *plan);

/* A column of a UNIQUE key that is not the row key; -1 as column: an expression. whole: not a
 * prefix. */
void mi_keyplan_add_unique(struct mi_keyplan *plan, int column, bool whole);

/* True when both images have the same bytes in the row key's columns. */
bool mi_keyplan_same_key(const struct mi_keyplan *plan, const struct mi_span *a,
                         const struct mi_span *b);

/* What a batch makes of one row. */
struct mi_net {
	const struct mi_span *key;   /* an image that shows the row's key */
	const struct mi_span *image; /* the row afterwards; NULL: it is gone */
	bool existed;                /* the row was there before the batch */
	const struct mi_op *op;      /* the last change of it, for messages */
	uint64_t hash;
};

/* One table's changes. */
struct mi_lane {
	struct mi_keyplan *plan;
	bool compacted; /* nets hold what is to be done; else ops, in source order */
	const struct mi_op **ops;
	size_t op_count, op_room;
	struct mi_net *nets;
	size_t net_count, net_room;
	uint32_t *slots; /* hash table of places in nets, +1 */
	size_t slot_count;
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
