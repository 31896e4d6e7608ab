/* Whether a stream's rows fit a table of the server that is written to, and whether that table may
 * be written row by row. */
#ifndef MI_TARGET_COMPARE_H
#define MI_TARGET_COMPARE_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* Compares the server's table with def; *exists is false when there is none. With shape, fills it:
 * its columns are the caller's to free, everything below belongs to def. */
MI_MUST int mi_target_compare(const struct mi_table *def, const char *into, struct mi_conn *conn,
                              bool *exists, struct mi_table *shape, struct mi_err *err);

/* Checks that the server's table can be written row by row: a transactional engine, no triggers.
 * MI_CONFIG, saying what to do. */
MI_MUST int mi_target_is_writable(const char *into, const char *name, struct mi_conn *conn,
                                  struct mi_err *err);

/* *empty is true when the server's table has no row. */
MI_MUST int mi_target_is_empty(const char *into, const char *name, struct mi_conn *conn,
                               bool *empty, struct mi_err *err);

#endif
