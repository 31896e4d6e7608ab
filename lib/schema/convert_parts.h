/* The pieces of lib/schema/convert.h, for its own files only. */
#ifndef MI_SCHEMA_CONVERT_PARTS_H
#define MI_SCHEMA_CONVERT_PARTS_H

#include "schema/convert.h"
#include "schema/edit.h"

/* One table in hand; names for notes. */
struct mi_convert_table {
	struct mi_convert *convert;
	struct mi_ddl_table *ddl;
	const char *db;
};

MI_MUST int mi_convert_column(const struct mi_convert_table *table, struct mi_piece *piece,
                              struct mi_err *err);
MI_MUST int mi_convert_key(const struct mi_convert_table *table, struct mi_piece *piece,
                           struct mi_err *err);
MI_MUST int mi_convert_check(const struct mi_convert_table *table, struct mi_piece *piece,
                             struct mi_err *err);
MI_MUST int mi_convert_options(const struct mi_convert_table *table, struct mi_err *err);

/* Notes about a table, or a part of it; what may be "column", "key" or NULL. The same note is made
 * once only. */
void mi_convert_note(const struct mi_convert_table *table, enum mi_note_kind kind, const char *what,
                     const char *name, const char *fmt, ...) MI_PRINTF(5, 6);

/* Index after the value of "NAME = value" or "NAME value" whose name stands at `at`. */
size_t mi_convert_option_end(const struct mi_edit *edit, size_t at);

static inline bool mi_convert_to_mysql(const struct mi_convert_table *table)
{
	return table->convert->to == MI_DIALECT_MYSQL;
}

#endif
