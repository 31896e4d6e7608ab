/* Whether a foreign key refers to a key that names one row. MySQL from 8.4 on makes others only
 * where restrict_fk_on_non_standard_key is OFF ("Foreign Key Constraints" in its manual). */
#ifndef MI_TABLE_PARENT_KEY_H
#define MI_TABLE_PARENT_KEY_H

#include "table/table.h"

#include <stdbool.h>

/* True when the columns that fkey refers to are all columns of a PRIMARY or UNIQUE key of its
 * parent table, whole and in order, and when the parent is not among tables, so that nothing is
 * known. */
bool mi_fkey_is_standard(const struct mi_fkey *fkey, const struct mi_tables *tables);

/* The foreign key of that name; NULL when there is none, or no such table. */
const struct mi_fkey *mi_tables_fkey(const struct mi_tables *tables, const char *db,
                                     const char *table, const char *name);

#endif
