/* What table definitions say about copying the tables. */
#ifndef MI_SOURCE_DEFINITIONS_H
#define MI_SOURCE_DEFINITIONS_H

#include "base/err.h"
#include "table/table.h"

#include <stdbool.h>

/* Has the table's engine consistent snapshots, and with them transactions? */
bool mi_src_has_snapshots(const struct mi_table *table);

/* MI_DATA, naming the first table whose engine has no consistent snapshots. */
MI_MUST int mi_src_require_snapshots(const struct mi_tables *tables, struct mi_err *err);

/* The first table of `old` that is missing or different (mi_table_same) in `now`; NULL: none. */
const struct mi_table *mi_src_changed(const struct mi_tables *old, const struct mi_tables *now);

/* The first table with a foreign key that changes rows by itself (CASCADE, SET NULL, SET DEFAULT);
 * NULL: none. */
const struct mi_table *mi_src_cascade(const struct mi_tables *tables);

#endif
