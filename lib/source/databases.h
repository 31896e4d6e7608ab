/* Which databases of a server a filter names. */
#ifndef MI_SOURCE_DATABASES_H
#define MI_SOURCE_DATABASES_H

#include "base/err.h"
#include "server/conn.h"
#include "table/filter.h"

/* The databases the filter names, sorted byte by byte: those of --databases; else all; else those
 * that a pattern of --tables names; else the connection's. A named one that is absent is MI_CONFIG,
 * none named at all is MI_USAGE. Sets filter->ignore_case from the server. names is an array of
 * *count heap strings, the caller's. */
MI_MUST int mi_src_databases(struct mi_conn *conn, struct mi_filter *filter, char ***names,
                             size_t *count, struct mi_err *err);
void mi_src_databases_free(char **names, size_t count);

#endif
