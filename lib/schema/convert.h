/* MySQL's definitions for MariaDB, and the other way round: each part is carried as it is, or
 * carried in another form or left out with a note, or refused by name. What only the target can
 * judge (functions inside expressions, for instance) is left to the target to refuse. */
#ifndef MI_SCHEMA_CONVERT_H
#define MI_SCHEMA_CONVERT_H

#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "schema/list.h"
#include "schema/text.h"

#include <stdbool.h>

enum mi_dialect { MI_DIALECT_MYSQL, MI_DIALECT_MARIADB };

struct mi_convert {
	enum mi_dialect from, to;
	unsigned version;       /* of the target, 100 * (100 * major + minor) + patch */
	bool text_types;        /* UUID, INET4 and INET6 become CHAR and VARCHAR for MySQL */
	struct mi_notes *notes; /* the caller's */
	mi_recode_fn *recode;   /* of the source; NULL: texts that need it are refused */
	void *user;             /* for recode */
	/* names of CHECK constraints so far in the database at hand: MySQL wants a name to be the
	 * only one in its database, MariaDB in its table. The caller empties the list between
	 * databases */
	char **check_names;
	size_t check_count;
};

/* Sets to and version from "mysql", "vitess" or "mariadb", alone or with a version as in
 * "mariadb-10.6". False: text is something else. Without a version the oldest that is widely in use
 * counts: MySQL 8.0.30, MariaDB 10.11. */
MI_MUST bool mi_convert_target(struct mi_convert *convert, const char *text);

/* Frees check_names. The notes stay the caller's. */
void mi_convert_release(struct mi_convert *convert);

/* With one flavour on both sides the functions below change nothing, except that
 * mi_convert_database names a collation, mi_convert_sql_mode judges modes, and mi_convert_table
 * leaves out tablespaces that are the source's own. */

/* Converts every element and the options of a table; elements may become dropped. Refusals are
 * notes; MI_DATA only for text that cannot be taken apart. */
MI_MUST int mi_convert_table(struct mi_convert *convert, struct mi_ddl_table *ddl, const char *db,
                             struct mi_err *err);

/* Converts CREATE DATABASE. collation, the database's default, is written out even when no
 * conversion is needed, because servers differ in what a character set alone means. */
MI_MUST int mi_convert_database(struct mi_convert *convert, struct mi_buf *statement,
                                const char *db, const char *collation, struct mi_err *err);

/* Converts the collations in another statement (view, routine, ...). what names it in notes. */
MI_MUST int mi_convert_statement(struct mi_convert *convert, struct mi_buf *statement,
                                 const char *what, struct mi_err *err);

/* The target's collation, or sql_mode, for one of the source. A refusal is a note, and the refused
 * name comes back as it was. The caller frees the result. */
char *mi_convert_collation(struct mi_convert *convert, const char *collation, const char *what);
char *mi_convert_sql_mode(struct mi_convert *convert, const char *sql_mode, const char *what);

#endif
