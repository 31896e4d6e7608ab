/* What several checks ask the servers: lists of objects, sizes, how long binary logs are kept. */
#ifndef MI_CHECK_FACTS_H
#define MI_CHECK_FACTS_H

#include "base/err.h"
#include "check/check.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* Runs sql, which ends before " IN (databases)", at conn, and adds its rows' first two columns, a
 * database and an object of it, to names. target: the databases are called by their names at the
 * target. */
MI_MUST int mi_check_list_in(struct mi_conn *conn, const struct mi_check_run *run, bool target,
                             const char *sql, struct mi_check_names *names, struct mi_err *err);
/* As mi_check_list_in, at the source, but adds only tables that are to be imported. A third
 * column names a part of the table. */
MI_MUST int mi_check_list_tables(struct mi_check_at *at, const char *sql,
                                 struct mi_check_names *names, struct mi_err *err);

/* Estimates from the source's statistics. */
struct mi_check_size {
	double rows, bytes;
	const struct mi_table *largest; /* NULL: no tables */
	double largest_bytes;
};

/* Adds up the tables that are to be imported. */
MI_MUST int mi_check_read_size(const struct mi_check_run *run, struct mi_check_size *size,
                               struct mi_err *err);

/* Seconds that a server keeps its binary logs by its variables; 0: for ever. */
double mi_check_kept_seconds(const struct mi_check_server *server);

#endif
