/* Table definitions from information_schema. */
#ifndef MI_SOURCE_TABLES_H
#define MI_SOURCE_TABLES_H

#include "base/err.h"
#include "server/conn.h"
#include "table/filter.h"
#include "table/table.h"

/* Reads the base tables that the filter takes, sorted by database and name, ids from 1, finished
 * (row key and digest set). A few queries per database, whatever the number of tables (and one for
 * each table whose constraints are hidden, see source/fkeys.h). MI_DATA, naming all: columns of a
 * type that this version does not know, sequences, system-versioned tables. MI_DENIED: the account
 * sees some of a table's columns only. MI_CONFIG: a pattern of --tables that nothing matches, unless
 * filter->absent_is_none.
 * A table that is dropped meanwhile is left out, one that changes is read again; MI_AGAIN: it
 * changes all the time. Databases: as in mi_src_databases. *tables is the caller's to
 * release; empty after a failure. */
MI_MUST int mi_src_tables(struct mi_conn *conn, struct mi_filter *filter, struct mi_tables *tables,
                          struct mi_err *err);

#endif
