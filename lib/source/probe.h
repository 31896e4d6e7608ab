/* Questions to the server about a table's size and keys, by which the table is cut into ranges.
 * They fail like mi_conn_fail. */
#ifndef MI_SOURCE_PROBE_H
#define MI_SOURCE_PROBE_H

#include "base/buf.h"
#include "base/err.h"
#include "chunk/cut.h"
#include "chunk/done.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* Calls take for each table of a database with what the server's statistics say: estimates of its
 * rows and bytes, 0 where there are none yet. */
typedef void mi_size_fn(void *user, const char *table, uint64_t rows, uint64_t bytes);
MI_MUST int mi_src_sizes(struct mi_conn *conn, const char *db, mi_size_fn *take, void *user,
                         struct mi_err *err);

/* True when the table's key is one integer column. */
bool mi_src_key_is_int(const struct mi_table *table);

/* Prepares *cut to cut a table whose key is one integer (mi_src_key_is_int) into pieces between its
 * least and greatest key; a cut of an empty table has no boundary. */
MI_MUST int mi_src_cut(struct mi_conn *reader, const struct mi_table *table, uint64_t pieces,
                       struct mi_keycut *cut, struct mi_err *err);

/* Appends the key of the row number `rows` (from 1) of the range (lo, hi]; nothing when the range
 * has fewer. */
MI_MUST int mi_src_probe(struct mi_conn *reader, const struct mi_table *table, const char *lo,
                         const char *hi, uint64_t rows, struct mi_buf *boundary,
                         struct mi_err *err);

/* Adds to gaps what a copy still lacks of a table whose key bounds ranges: the gaps between its
 * finished chunks, and to runs what it has. Neither, when the whole table is done. The server sorts
 * the chunks' ends, by its own collation. Chunks that do not fit the table are MI_DATA. */
MI_MUST int mi_src_gaps(struct mi_conn *conn, const struct mi_done *done,
                        const struct mi_table *table, struct mi_keyranges *gaps,
                        struct mi_keyranges *runs, struct mi_err *err);

/* A statement of a reader that reads table has failed, or the rows after it: fails like
 * mi_conn_fail, but MI_DATA when the table has been altered or dropped, and MI_UNAVAILABLE when the
 * snapshot has ended with its session. */
MI_MUST int mi_src_read_failed(struct mi_conn *reader, const struct mi_table *table,
                               const char *doing, struct mi_err *err);

/* Appends " FROM db.table", with FORCE INDEX of the row key when that key bounds ranges. */
void mi_src_from(const struct mi_table *table, struct mi_buf *sql);

#endif
