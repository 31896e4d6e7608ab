/* The clauses of an ALTER TABLE. */
#ifndef MI_EVOLVE_CHANGE_H
#define MI_EVOLVE_CHANGE_H

#include "evolve/column.h"
#include "evolve/cursor.h"
#include "table/table.h"

#include <stdbool.h>

/* Takes all clauses behind the table's name, and changes the table as servers do: first the
 * columns, all at once, then the keys. RENAME TO is taken and left to the caller. False:
 * cursor->why; the table is then good for mi_table_free only. */
bool mi_evolve_change(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                      struct mi_table *table);

#endif
