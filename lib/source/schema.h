/* The definitions of databases as statements, in an order in which a server accepts them: what
 * mi-schema writes. */
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
	bool routines, triggers, events; /* carry those, too */
	bool strip_definers;             /* leave DEFINER clauses out */
	bool skip_invalid_views;         /* leave out views that the server itself cannot read */
	bool unique_before; /* UNIQUE keys before the rows, foreign keys after the high mark */
};

/* Why a target may refuse a view: the source itself cannot read it, or it needs something that is
 * not carried. Each fault is a note of kind MI_NOTE_FAULT, too. */
struct mi_view_fault {
	char *db, *view;
	char *need_db, *need; /* not carried; NULL: the view is invalid */
	bool is_call;         /* need is a function, else a table or view */
};

struct mi_schema {
	struct mi_tables tables;
	struct mi_ddl_list list[3]; /* by enum mi_section */
	struct mi_notes notes;
	struct mi_view_fault *faults;
	size_t fault_count;
};

enum mi_section { MI_SECTION_PRE, MI_SECTION_POST, MI_SECTION_HIGH };

/* Reads everything that the options take into *schema, and adds a note for each thing that is left
 * behind, by name. Routines that carried views call are taken in any case, and what those call.
 * convert says for which kind of target (its notes are set to schema's). What cannot be carried is
 * a note of kind MI_NOTE_REFUSED, not a failure. Fails like mi_src_tables; a definition that the
 * server hides is MI_DENIED. Changes the session's default database. *schema is the caller's to
 * release, empty after a failure. */
MI_MUST int mi_src_schema(struct mi_conn *conn, struct mi_schema_options *options,
                          struct mi_convert *convert, struct mi_schema *schema, struct mi_err *err);
void mi_schema_release(struct mi_schema *schema);

/* ---- For source/show.h, programs.h and views.h, which read one kind of object each ---- */

struct mi_ddl_reader {
	struct mi_conn *conn;
	struct mi_schema_options *options;
	struct mi_convert *convert;
	struct mi_schema *schema;
	const char *db; /* the database that is being read */
};

#endif
