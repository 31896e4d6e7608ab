/* A table's rows as a server prints them for SELECT, and as a stream carries them. One place for
 * the two who read rows from a server: the snapshot (source/rows.c), and the proof that a chunk has
 * arrived as it was (load/proof.c). Pure text: the result's rows come as pointers and lengths. */
#ifndef MI_SQL_ROW_TEXT_H
#define MI_SQL_ROW_TEXT_H

#include "base/buf.h"
#include "table/table.h"

#include <stddef.h>

struct mi_rowtext_field;

/* {0} begins. One thread uses it. */
struct mi_rowtext {
	const struct mi_table *table;
	struct mi_span *values;          /* of the last row: one for each field of an R record */
	size_t count;                    /* of values */
	struct mi_rowtext_field *fields; /* one for each value */
};

void mi_rowtext_release(struct mi_rowtext *rows); /* harmless on {0} */

/* Makes rows one of table, which must outlive its use. */
void mi_rowtext_use(struct mi_rowtext *rows, const struct mi_table *table);

/* Appends the expressions that a SELECT must ask for, comma-separated. */
void mi_rowtext_select(const struct mi_rowtext *rows, struct mi_buf *sql);

/* How many columns of a result mi_rowtext_select asks for. */
size_t mi_rowtext_columns(const struct mi_rowtext *rows);

/* Fills rows->values from a row of such a result: row[i] is NULL for SQL NULL, else lengths[i]
 * bytes. The values point into the row, or into rows: good until the next call. */
void mi_rowtext_take(struct mi_rowtext *rows, char *const *row, const unsigned long *lengths);

#endif
