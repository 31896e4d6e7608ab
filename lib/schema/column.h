/* A column's clause of CREATE TABLE: the parts that SHOW CREATE cannot print exactly, read and
 * replaced. Functions with err fail with MI_DATA, for a clause that cannot be taken apart. */
#ifndef MI_SCHEMA_COLUMN_H
#define MI_SCHEMA_COLUMN_H

#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "table/table.h"

#include <stdbool.h>

/* Writes a column's ENUM or SET as type_text has it, if its members have characters of four bytes,
 * which SHOW CREATE cannot print. */
MI_MUST int mi_ddl_column_set_members(struct mi_table_element *element,
                                      const struct mi_column *column, struct mi_err *err);

/* True when a column's DEFAULT is a string with a "?" in it, which may stand for a character that
 * SHOW CREATE cannot print; value gets its text. */
bool mi_ddl_column_default(const struct mi_table_element *element, struct mi_buf *value);
/* Replaces the string after DEFAULT, if there is one, by value. */
MI_MUST int mi_ddl_column_set_default(struct mi_table_element *element, struct mi_span value,
                                      struct mi_err *err);

#endif
