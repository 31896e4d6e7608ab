/* Which columns tell the rows of a table apart (its row key), and in which other columns two rows
 * can collide (its other UNIQUE keys): what a writer of changes must know of a table. Pure data. */
#ifndef MI_TABLE_KEYPLAN_H
#define MI_TABLE_KEYPLAN_H

#include "base/buf.h"
#include "table/table.h"

#include <stdbool.h>

/* Made once per table. A place is a column's index among the carried columns, from 0. */
struct mi_keyplan {
	const struct mi_table *table;
	size_t *key; /* places of the row key's columns */
	size_t key_count;
	bool *in_unique; /* by place: the column belongs to another UNIQUE key */
	bool has_unique; /* there is a UNIQUE key besides the row key */
	/* one of those keys has a part whose values row images do not show: a prefix of a column,
	 * an expression, a column that is not carried */
	bool hidden_unique;
	struct mi_lane *lane; /* the table's changes in the batch at hand; for mi_compact alone */
};

/* table must have a row key, and live as long as plan. Takes in the UNIQUE keys of table; those
 * that only the target has are added with mi_keyplan_add_unique. */
void mi_keyplan_init(struct mi_keyplan *plan, const struct mi_table *table);
void mi_keyplan_release(struct mi_keyplan *plan); /* harmless on {0} */

/* Takes in one part of a UNIQUE key that is not the row key. column is an index into the table's
 * columns, -1 for an expression; whole: the part is the whole column, not a prefix of it. */
void mi_keyplan_add_unique(struct mi_keyplan *plan, int column, bool whole);

/* True when both images have the same bytes in the row key's columns. */
bool mi_keyplan_same_key(const struct mi_keyplan *plan, const struct mi_span *a,
                         const struct mi_span *b);

/* True when both values are NULL, or both are not NULL and have the same bytes. */
bool mi_keyplan_same_value(struct mi_span a, struct mi_span b);

#endif
