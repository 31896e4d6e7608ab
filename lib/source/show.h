/* SHOW CREATE, and queries about one database. */
#ifndef MI_SOURCE_SHOW_H
#define MI_SOURCE_SHOW_H

#include "base/err.h"
#include "source/schema.h"

/* Runs SHOW CREATE what `db`.`name` and returns its only row; MI_DENIED when the text is NULL. Free
 * *result after use of the row. text is the column that holds the statement. */
MI_MUST int mi_show_create(struct mi_ddl_reader *reader, const char *what, const char *name,
                           unsigned text, MYSQL_RES **result, MYSQL_ROW *row, struct mi_err *err);

/* Runs a query with the database's name as a literal between before and after, because MariaDB then
 * opens that one directory only. what begins the words of a failure: "the columns of ", or "". Free
 * *result. */
MI_MUST int mi_query_schema(struct mi_conn *conn, const char *db, const char *what,
                            const char *before, const char *after, MYSQL_RES **result,
                            struct mi_err *err);

#endif
