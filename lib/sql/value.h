/* Values in their stream form as SQL. */
#ifndef MI_SQL_VALUE_H
#define MI_SQL_VALUE_H

#include "base/buf.h"
#include "table/table.h"

/* A carried value in its stream form as a literal for INSERT, UPDATE and predicates, exact whatever
 * the column's character set: numbers as they are, text as X'..' with the column's introducer where
 * conversion would otherwise happen, JSON as sql/json_value.h says. FLOAT in a predicate has 17
 * digits. */
void mi_sql_value(struct mi_buf *sql, const struct mi_column *column, struct mi_span value);
void mi_sql_predicate_value(struct mi_buf *sql, const struct mi_column *column,
                            struct mi_span value);

#endif
