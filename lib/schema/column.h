/* A column's clause of CREATE TABLE: the parts that SHOW CREATE cannot print exactly, read and
 * replaced. */
#ifndef MI_SCHEMA_COLUMN_H
#define MI_SCHEMA_COLUMN_H

#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "table/table.h"

#include <stdbool.h>

/* A column's ENUM or SET as type_text has it, which may hold more than SHOW CREATE can print. */
MI_MUST int mi_ddl_column_set_members(struct mi_table_element *element,
                                      const struct mi_column *column, struct mi_err *err);

/* The text of a column's DEFAULT when that is a string with a "?" in it; false: it is none. */
bool mi_ddl_column_default(const struct mi_table_element *element, struct mi_buf *value);
MI_MUST int mi_ddl_column_set_default(struct mi_table_element *element, struct mi_span value,
                                      struct mi_err *err);

#endif
