/* The table definitions by which a log is decoded: those of the moment that the log is about, not
 * today's. They come from a schema stream as of the snapshot, or from the server as it is now, and
 * follow the changes of definitions in the log.
 *
 * Definitions read from the server may be newer than the events at hand. They are safe when the log
 * itself names its columns (binlog_row_metadata=FULL), or when no statement between those events
 * and the moment of reading changed them. Such a statement is met in the log later; rows of its
 * table have then been decoded by a wrong definition, and mi_catalog_changed fails. */
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

/* schema_file is a schema stream, whose tables that filter takes are the wanted ones; NULL: the
 * server is asked at once, and mi_src_databases says which databases are wanted. Sets
 * filter->ignore_case. filter is the caller's and must live as long as *catalog. MI_CONFIG: the
 * file cannot be read, is no schema stream, or has none of the wanted tables. */
MI_MUST int mi_catalog_open(struct mi_catalog **catalog, struct mi_conn *control,
                            struct mi_filter *filter, const char *schema_file, struct mi_err *err);
void mi_catalog_close(struct mi_catalog *catalog); /* harmless on NULL */

/* A number that changes whenever mi_catalog_find may return another definition than before. */
unsigned mi_catalog_generation(const struct mi_catalog *catalog);

/* True when the definitions are out of date: the next mi_catalog_find will ask the server. */
bool mi_catalog_is_stale(const struct mi_catalog *catalog);

/* Finds the definition of a table; *table is the catalog's, good until mi_catalog_close, and NULL
 * for a table that is not wanted (or, until the server is asked, not in the schema file). Reads the
 * server's definitions when the catalog's are out of date. MI_DATA: a wanted table without a
 * definition. */
MI_MUST int mi_catalog_find(struct mi_catalog *catalog, struct mi_conn *control, struct mi_span db,
                            struct mi_span name, struct mi_table **table, struct mi_err *err);

/* Says that rows of the table are decoded by this definition although the log does not name their
 * columns. */
void mi_catalog_trusted(struct mi_catalog *catalog, const struct mi_table *table);

/* Whether tables of this database are wanted. */
bool mi_catalog_wants_db(const struct mi_catalog *catalog, struct mi_span db);

/* Whether text may name a database whose tables are wanted. */
bool mi_catalog_may_be_named(const struct mi_catalog *catalog, struct mi_span text);

/* A statement in the log (of transaction gtid) changes definitions: those in the catalog become out
 * of date, unless they were read from the server after the statement. In that case: MI_DATA when
 * rows before the statement have been decoded by them. */
MI_MUST int mi_catalog_changed(struct mi_catalog *catalog, const struct mi_gtid *gtid,
                               const struct mi_logged *statement, struct mi_span text,
                               struct mi_err *err);

#endif
