/* Which databases of a server a filter (--databases, --tables, ...) names. */
#ifndef MI_SOURCE_DATABASES_H
#define MI_SOURCE_DATABASES_H

#include "base/err.h"
#include "server/conn.h"
#include "table/filter.h"

/* Lists the databases that the filter names, sorted byte by byte: those of --databases; else all
 * but the system's (--all-databases); else those that a pattern of --tables names; else the
 * connection's default. A database that is named and absent is MI_CONFIG (unless
 * filter->absent_is_none), no name at all MI_USAGE.
 * Sets filter->ignore_case from the server. *names is an array of *count strings, to be freed with
 * mi_src_databases_free; NULL after a failure. */
MI_MUST int mi_src_databases(struct mi_conn *conn, struct mi_filter *filter, char ***names,
                             size_t *count, struct mi_err *err);
void mi_src_databases_free(char **names, size_t count);

#endif
