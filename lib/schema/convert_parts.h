/* The parts of a table's conversion, for convert.c and convert_*.c only. */
#ifndef MI_SCHEMA_CONVERT_PARTS_H
#define MI_SCHEMA_CONVERT_PARTS_H

#include "base/err.h"
#include "schema/convert.h"
#include "schema/create_table.h"

#include <stdbool.h>

/* The table that is being converted. */
struct mi_convert_table {
	struct mi_convert *convert;
	struct mi_ddl_table *ddl;
	const char *db; /* its database, for notes */
};

/* Each converts one element, or the options, to the target's flavour. What cannot be converted is a
 * note, and the element may become dropped. MI_DATA: the text cannot be taken apart.
 * mi_convert_column may add an element, after which other pointers to elements are stale. */

MI_MUST int mi_convert_column(const struct mi_convert_table *table,
                              struct mi_table_element *element, struct mi_err *err);
MI_MUST int mi_convert_key(const struct mi_convert_table *table, struct mi_table_element *element,
                           struct mi_err *err);
MI_MUST int mi_convert_check(const struct mi_convert_table *table, struct mi_table_element *element,
                             struct mi_err *err);
MI_MUST int mi_convert_options(const struct mi_convert_table *table, struct mi_err *err);
/* For MySQL's definitions to MySQL: leaves out, with a note, the names of tablespaces that somebody
 * has made on the source: where rows lie on the disk is each server's own affair. */
MI_MUST int mi_convert_tablespaces(const struct mi_convert_table *table, struct mi_err *err);

/* Texts with their character set before them, inside expressions of a table, as the target keeps
 * them; what is the table, for notes. Errors: MI_DATA, or those of convert->recode. */
MI_MUST int mi_convert_literals(struct mi_convert *convert, struct mi_buf *text, const char *what,
                                struct mi_err *err);

static inline bool mi_convert_to_mysql(const struct mi_convert_table *table)
{
	return table->convert->to == MI_DIALECT_MYSQL;
}

#endif
