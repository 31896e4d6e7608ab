/* The elements of lib/schema/convert.h, for its own files only. */
#ifndef MI_SCHEMA_CONVERT_PARTS_H
#define MI_SCHEMA_CONVERT_PARTS_H

#include "base/err.h"
#include "schema/convert.h"
#include "schema/create_table.h"

#include <stdbool.h>

/* One table in hand; names for notes. */
struct mi_convert_table {
	struct mi_convert *convert;
	struct mi_ddl_table *ddl;
	const char *db;
};

MI_MUST int mi_convert_column(const struct mi_convert_table *table,
                              struct mi_table_element *element, struct mi_err *err);
MI_MUST int mi_convert_key(const struct mi_convert_table *table, struct mi_table_element *element,
                           struct mi_err *err);
MI_MUST int mi_convert_check(const struct mi_convert_table *table, struct mi_table_element *element,
                             struct mi_err *err);
MI_MUST int mi_convert_options(const struct mi_convert_table *table, struct mi_err *err);

static inline bool mi_convert_to_mysql(const struct mi_convert_table *table)
{
	return table->convert->to == MI_DIALECT_MYSQL;
}

#endif
