/* SHOW CREATE, and queries about one database, for the readers of source/schema.h. */
#ifndef MI_SOURCE_SHOW_H
#define MI_SOURCE_SHOW_H

#include "base/err.h"
#include "source/schema.h"

/* Runs SHOW CREATE what `db`.`name` (db is reader->db) and sets *row to its only row, which is good
 * until the caller frees *result with mysql_free_result. text is the number of the column that
 * holds the statement, from 0; MI_DENIED when that is NULL. */
MI_MUST int mi_show_create(struct mi_ddl_reader *reader, const char *what, const char *name,
                           unsigned text, MYSQL_RES **result, MYSQL_ROW *row, struct mi_err *err);

/* Runs a query with the database's name as a literal between before and after, because MariaDB then
 * opens that one directory only. what begins the words of a failure: "the columns of ", or "". Free
 * *result with mysql_free_result. */
MI_MUST int mi_query_schema(struct mi_conn *conn, const char *db, const char *what,
                            const char *before, const char *after, MYSQL_RES **result,
                            struct mi_err *err);

#endif
