/* Reads table definitions from information_schema. */
#ifndef MI_SIDE_SRC_TABLES_H
#define MI_SIDE_SRC_TABLES_H

#include "base/opt.h"
#include "side/conn.h"
#include "wire/table.h"

/* Which tables: databases, and patterns "db.table" with * and ? in either half. Nothing named means
 * the connection's database; `all` every database that is not the server's own. */
struct mi_filter {
	struct mi_opt_list databases; /* --databases DB */
	struct mi_opt_list tables;    /* --tables PATTERN: only these */
	struct mi_opt_list exclude;   /* --exclude PATTERN: but not these */
	bool all;                     /* --all-databases */
};

/* clang-format off */
#define MI_FILTER_OPT_ROWS(f) \
	MI_HEADING("Selection"), \
	MI_LIST('d', "databases", "DB", &(f)->databases, \
	        "database to take; may be given again (default: --database)"), \
	MI_FLAG('A', "all-databases", &(f)->all, "take every database but the server's own"), \
	MI_LIST('T', "tables", "DB.TABLE", &(f)->tables, \
	        "only these tables; * and ? match; may be given again"), \
	MI_LIST('X', "exclude", "DB.TABLE", &(f)->exclude, "but not these; may be given again")
/* clang-format on */

/* True when the filter takes the table. Never true for mi_table_is_ours names. */
bool mi_filter_takes(const struct mi_filter *filter, const char *db, const char *table);

/* The databases the filter names, in name order; a named one that is absent is MI_CONFIG.
 * names is an array of *count heap strings, the caller's. */
MI_MUST int mi_src_databases(struct mi_conn *conn, const struct mi_filter *filter, char ***names,
                             size_t *count, struct mi_err *err);

/* Base tables that the filter takes, sorted by database and name, ids from 1, finished (row key and
 * digest set). A few queries per database, whatever the number of tables. A type that this version
 * does not know is MI_DATA, naming the column. */
MI_MUST int mi_src_tables(struct mi_conn *conn, const struct mi_filter *filter,
                          struct mi_tables *tables, struct mi_err *err);

#endif
