/* Questions about a table of the server that is written to, before rows go into it: whether a
 * stream's rows fit, whether the table may be written row by row, whether it is empty. `into` is
 * its database. Statements fail like mi_conn_fail. */
#ifndef MI_TARGET_COMPARE_H
#define MI_TARGET_COMPARE_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* Compares the server's table with def, the stream's definition. *exists is false when there is no
 * such table. MI_DATA, naming the column, when values of the stream do not fit. shape (may be NULL)
 * becomes a copy of def in which columns that are JSON here are of that type: its array of columns
 * is the caller's to free, everything else in it belongs to def. */
MI_MUST int mi_target_compare(const struct mi_table *def, const char *into, struct mi_conn *conn,
                              bool *exists, struct mi_table *shape, struct mi_err *err);

/* The row key of def, which has one: *indexed, this server's table has a unique index of its name
 * and length, which FORCE INDEX can name; *same_order, its columns' text has the collations of def.
 */
MI_MUST int mi_target_key(const struct mi_table *def, const char *into, struct mi_conn *conn,
                          bool *indexed, bool *same_order, struct mi_err *err);

/* Appends what SHOW CREATE TABLE says of the table. */
MI_MUST int mi_target_show_table(const char *into, const char *name, struct mi_conn *conn,
                                 struct mi_buf *text, struct mi_err *err);

/* Checks that the table can be written row by row: its engine has transactions (not asked behind
 * vtgate), and no triggers would fire. Else MI_CONFIG, saying what to do. */
MI_MUST int mi_target_is_writable(const char *into, const char *name, struct mi_conn *conn,
                                  struct mi_err *err);

/* *empty is true when the table has no row. */
MI_MUST int mi_target_is_empty(const char *into, const char *name, struct mi_conn *conn,
                               bool *empty, struct mi_err *err);

#endif
