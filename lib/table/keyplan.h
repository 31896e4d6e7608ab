/* How the rows of a table are told apart, and which of its columns may collide otherwise. Pure. */
#ifndef MI_TABLE_KEYPLAN_H
#define MI_TABLE_KEYPLAN_H

#include "base/buf.h"
#include "table/table.h"

#include <stdbool.h>

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

/* True when both are NULL, or have the same bytes. */
bool mi_keyplan_same_value(struct mi_span a, struct mi_span b);

#endif
