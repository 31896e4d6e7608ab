/* Reads a database's definitions as statements, in an order in which a server accepts them. */
#ifndef MI_SOURCE_SCHEMA_H
#define MI_SOURCE_SCHEMA_H

#include "base/err.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "server/conn.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_schema_options {
	struct mi_filter filter;
	bool routines, triggers, events; /* carry those too */
	bool strip_definers;
	bool unique_before; /* UNIQUE keys before the rows, foreign keys after the high mark */
};

struct mi_schema {
	struct mi_tables tables;
	struct mi_ddl_list list[3]; /* by enum mi_section */
	struct mi_notes notes;
};

enum mi_section { MI_SECTION_PRE, MI_SECTION_POST, MI_SECTION_HIGH };

/* Reads everything that the options take, and notes what is left behind, each by name. convert says
 * for whom (its notes are set to schema's). What cannot be carried is a note of kind
 * MI_NOTE_REFUSED, not a failure. Sets the session's default database. */
MI_MUST int mi_src_schema(struct mi_conn *conn, struct mi_schema_options *options,
                          struct mi_convert *convert, struct mi_schema *schema, struct mi_err *err);
void mi_schema_release(struct mi_schema *schema);

/* ---- For the files that read one kind of object each ---- */

struct mi_ddl_reader {
	struct mi_conn *conn;
	struct mi_schema_options *options;
	struct mi_convert *convert;
	struct mi_schema *schema;
	const char *db; /* the database at hand */
};

#endif
