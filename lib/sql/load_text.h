/* Rows as text that a server loads: lines of LOAD DATA, and rows of a multi-row INSERT. Pure text,
 * tested without a server. What each type needs to arrive exactly is decided here. */
#ifndef MI_SQL_LOAD_TEXT_H
#define MI_SQL_LOAD_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "table/table.h"

#include <stdbool.h>

/* How the carried columns of one table are written. */
struct mi_loadtext {
	const struct mi_table *table; /* the caller's; must live as long */
	unsigned char *how;           /* one per carried column; see sql/load_text.c */
	size_t count;
};

void mi_loadtext_init(struct mi_loadtext *plan, const struct mi_table *table);
void mi_loadtext_release(struct mi_loadtext *plan);

/* Appends the LOAD DATA LOCAL statement that reads mi_loadtext_row's lines into db.table. It says
 * REPLACE: without it LOCAL means IGNORE, which drops duplicates and clips values under any
 * sql_mode ("LOAD DATA Statement", MySQL manual). Bytes are taken as they are (CHARACTER SET
 * binary); ENUM, SET and BIT go through a number, what must not be a binary string (JSON, UUID,
 * INET) through utf8mb4. */
void mi_loadtext_statement(struct mi_buf *sql, const char *db, const struct mi_table *table);

/* Appends one line. values: the carried columns, data NULL is SQL NULL. False, and nothing
 * appended, when the row cannot be a line: it holds an ENUM's error value (number 0), which strict
 * mode refuses, or JSON that only an expression can write (sql/json_value.h). */
MI_MUST bool mi_loadtext_row(const struct mi_loadtext *plan, const struct mi_span *values,
                             struct mi_buf *out);

/* Names of the row's ENUM columns that hold number 0, one after another through *next (start with
 * 0); NULL when there are no more. */
const char *mi_loadtext_zero_enum(const struct mi_loadtext *plan, const struct mi_span *values,
                                  size_t *next);

/* MI_DATA, naming the column, when the row holds JSON whose codes are none of its text, or a scalar
 * in it that MySQL cannot be made to write. */
MI_MUST int mi_loadtext_check(const struct mi_loadtext *plan, const struct mi_span *values,
                              struct mi_err *err);

/* Appends "INSERT INTO `db`.`t` (columns) VALUES ", or REPLACE. */
void mi_inserttext_head(struct mi_buf *sql, const char *db, const struct mi_table *table,
                        bool replace);

/* Appends "(value,value,...)". False when a number's field holds anything but a number (part of the
 * row has been appended then). */
MI_MUST bool mi_inserttext_row(const struct mi_loadtext *plan, const struct mi_span *values,
                               struct mi_buf *sql);

#endif
