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

/* The carried columns of table, comma-separated; for SELECT each is written so that its text is the
 * stream form of its type (FLOAT as `f`*1e0, BIT, ENUM and SET as `b`+0, ...). */
void mi_sql_select_list(struct mi_buf *sql, const struct mi_table *table);

/* Column names that an INSERT names: every column that is not generated, comma-separated. */
void mi_sql_insert_list(struct mi_buf *sql, const struct mi_table *table);

#endif
