/* A table's definition that outlives the one it was taken from. */
#ifndef MI_WIRE_TABLE_COPY_H
#define MI_WIRE_TABLE_COPY_H

#include "wire/table.h"

struct mi_table *mi_table_copy(const struct mi_table *table); /* mi_table_free */

#endif
