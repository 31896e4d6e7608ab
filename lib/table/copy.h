/* A copy of a table's definition, for whoever needs it longer than its owner keeps it. */
#ifndef MI_TABLE_COPY_H
#define MI_TABLE_COPY_H

#include "table/table.h"

/* A deep copy of everything, whose arrays may grow (mi_array_add), id and digest included. The
 * caller frees it with mi_table_free. */
struct mi_table *mi_table_copy(const struct mi_table *table);

#endif
