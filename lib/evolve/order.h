/* What the clauses of one ALTER TABLE do together: columns get their places, and keys follow them.
 */
#ifndef MI_EVOLVE_ORDER_H
#define MI_EVOLVE_ORDER_H

#include "evolve/column.h"
#include "evolve/cursor.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* ADD, CHANGE, MODIFY of a column. */
struct mi_evolve_definition {
	struct mi_evolve_column made;
	int old; /* the column that it changes, in the table before; -1: it is a new one */
	bool placed;
};

struct mi_evolve_old {
	bool dropped;
	char *renamed; /* RENAME COLUMN; NULL: not */
};

struct mi_evolve_changes {
	struct mi_cursor *cursor;
	const struct mi_evolve_rules *rules;
	struct mi_table *table;
	char *charset; /* of the table's default collation; NULL: not known */
	struct mi_evolve_definition *definitions;
	size_t definition_count;
	struct mi_evolve_old *old;
	size_t *keys; /* where ADD of a key begins */
	size_t key_count;
	char *convert_charset, *convert_collation;
};

/* Changes the table: all columns at once, then the keys that are added, for which the cursor goes
 * back to their clauses. False: cursor->why; the table is then good for mi_table_free only. Frees
 * old once the columns are made, and sets it NULL. */
bool mi_evolve_carry_out(struct mi_evolve_changes *c);

#endif
