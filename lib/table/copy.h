/* A table's definition that outlives the one it was taken from. */
#ifndef MI_TABLE_COPY_H
#define MI_TABLE_COPY_H

#include "table/table.h"

struct mi_table *mi_table_copy(const struct mi_table *table); /* mi_table_free */

#endif
