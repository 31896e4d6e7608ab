/* SQL text, built in one place: names and literals that mean the same on every server. Assumes the
 * session that server/settings.h sets up: no ANSI_QUOTES, no NO_BACKSLASH_ESCAPES, utf8mb4. */
#ifndef MI_SQL_LITERAL_H
#define MI_SQL_LITERAL_H

#include "base/buf.h"
#include "table/table.h"

void mi_sql_ident(struct mi_buf *sql, const char *name);                /* `na``me` */
void mi_sql_name(struct mi_buf *sql, const char *db, const char *name); /* `db`.`name` */
void mi_sql_string(struct mi_buf *sql, const char *text);               /* 'te\'xt' */
void mi_sql_string_span(struct mi_buf *sql, struct mi_span text);
void mi_sql_hex(struct mi_buf *sql, struct mi_span bytes); /* X'00ff'; '' when empty */

/* The carried columns of table, then the proven ones, comma-separated; for SELECT each is written
 * so that its text is the stream form of its type (FLOAT as `f`*1e0, BIT, ENUM and SET as `b`+0,
 * ...). "1" when there is none of either: the result then has a column that is none of the table's.
 */
void mi_sql_select_list(struct mi_buf *sql, const struct mi_table *table);

/* Column names that an INSERT names: every column that is not generated, comma-separated; nothing
 * when all are, and INSERT INTO t () VALUES () is what the server wants. */
void mi_sql_insert_list(struct mi_buf *sql, const struct mi_table *table);

#endif
