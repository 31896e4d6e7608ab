/* The definitions by which a log is decoded: those of the moment that the log tells of, not
 * today's. They come from a schema stream as of the snapshot, or from the server as it is now, and
 * move on with the definitions' changes in the log.
 *
 * Definitions read from the server may be newer than the events at hand. They are safe when the log
 * itself says what its columns are (binlog_row_metadata=FULL), or when nothing has changed them in
 * between: that comes out when the log gets to the moment of the reading, and if it was otherwise,
 * that is an error and not a guess. */
#ifndef MI_FOLLOW_CATALOG_H
#define MI_FOLLOW_CATALOG_H

#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "sql/logged.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_catalog;

/* schema_file: a schema stream, or NULL: the server is asked at once. filter is completed as
 * mi_src_databases does, from the file's databases when it names none; it is the caller's, and must
 * live as long. MI_CONFIG: the file and the filter agree on no table. */
MI_MUST int mi_catalog_open(struct mi_catalog **catalog, struct mi_conn *control,
                            struct mi_filter *filter, const char *schema_file, struct mi_err *err);
void mi_catalog_close(struct mi_catalog *catalog); /* harmless on NULL */

/* Changes whenever a table that was found before may be another now. */
unsigned mi_catalog_generation(const struct mi_catalog *catalog);

/* The next mi_catalog_find will look at the server again. */
bool mi_catalog_is_stale(const struct mi_catalog *catalog);

/* *table is NULL for a table that is not wanted. Reads the server's definitions when those at hand
 * are out of date. MI_DATA: a wanted table without a definition. */
MI_MUST int mi_catalog_find(struct mi_catalog *catalog, struct mi_conn *control, struct mi_span db,
                            struct mi_span name, struct mi_table **table, struct mi_err *err);

/* Rows of the table have been decoded by a map that does not name columns. */
void mi_catalog_trusted(struct mi_catalog *catalog, const struct mi_table *table);

/* Whether tables of this database are wanted. */
bool mi_catalog_wants_db(const struct mi_catalog *catalog, struct mi_span db);

/* Whether text may name a database whose tables are wanted. */
bool mi_catalog_may_be_named(const struct mi_catalog *catalog, struct mi_span text);

/* A definition's change in the log: those at hand become out of date, unless they are newer.
 * MI_DATA: rows before it have been decoded by definitions from after it. */
MI_MUST int mi_catalog_changed(struct mi_catalog *catalog, const struct mi_gtid *gtid,
                               const struct mi_statement *statement, struct mi_span text,
                               struct mi_err *err);

#endif
