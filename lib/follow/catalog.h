/* The table definitions by which a log is decoded: those of the moment that the log is about, not
 * today's. They come from a schema stream as of the snapshot, from what an earlier run has kept
 * (follow/saved.h), or from the server, and are moved forward by the statements in the log
 * (evolve/evolve.h).
 *
 * What the server says today counts for a place in the log only when nothing in the log between the
 * two has changed the table, which a look ahead tells (follow/ahead.h). A definition that was moved
 * forward must agree with the server as soon as that can be asked. A table whose definition nobody
 * knows is no failure until rows of it come. */
#ifndef MI_FOLLOW_CATALOG_H
#define MI_FOLLOW_CATALOG_H

#include "base/buf.h"
#include "base/err.h"
#include "follow/binlog.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "stream/parse.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_catalog;

/* All is the caller's and must live as long as the catalog, since until it is open. */
struct mi_catalog_options {
	struct mi_src_binlog *binlog;                /* its connection for questions is used */
	const struct mi_src_binlog_options *looking; /* how to look ahead */
	struct mi_filter *filter;                    /* ignore_case is set by mi_catalog_open */
	const char *schema; /* a schema stream, whose tables that filter takes are the wanted ones;
	                       NULL: mi_src_databases says which databases are wanted */
	const char *folder; /* where definitions are kept; NULL: nowhere */
	/* a file with a position from which on definitions are needed, which grows; NULL: none, and
	   the folder grows until the next start */
	const char *applied;
	const struct mi_gtid_set *since; /* the log is followed after this */
};

/* MI_CONFIG: the file cannot be read, is no schema stream, or has none of the wanted tables, the
 * folder cannot be used, or, where it has no definitions yet, the filter names what is not there.
 * Later that is no mistake, so filter->absent_is_none is set. MI_DATA: a file in the folder is damaged. */
MI_MUST int mi_catalog_open(struct mi_catalog **catalog, const struct mi_catalog_options *options,
                            struct mi_err *err);
void mi_catalog_close(struct mi_catalog *catalog); /* harmless on NULL */

/* All of done is in the stream: now and then the folder is told. */
MI_MUST int mi_catalog_reached(struct mi_catalog *catalog, const struct mi_gtid_set *done,
                               bool at_once, struct mi_err *err);

/* A number that changes whenever mi_catalog_find may return another definition than before. */
unsigned mi_catalog_generation(const struct mi_catalog *catalog);

/* Finds the definition of a table as of now: the transactions in done have been followed, and the
 * one at hand has got so far. *table is the catalog's, good until mi_catalog_close, and NULL for a
 * table that is not wanted (or not in the schema file). MI_DATA: a wanted table whose definition is
 * not known, and why not. */
MI_MUST int mi_catalog_find(struct mi_catalog *catalog, const struct mi_gtid_set *done,
                            struct mi_span db, struct mi_span name, struct mi_table **table,
                            struct mi_err *err);

/* Says that rows of the table are decoded by this definition although the log does not name their
 * columns. */
void mi_catalog_trusted(struct mi_catalog *catalog, const struct mi_table *table);

/* Whether tables of this database are wanted. */
bool mi_catalog_wants_db(const struct mi_catalog *catalog, struct mi_span db);

/* Whether text may name a database whose tables are wanted. */
bool mi_catalog_may_be_named(const struct mi_catalog *catalog, struct mi_span text);

/* A statement in the log, of transaction now, changes definitions: text, db and settings of ddl are
 * as they were logged. What it makes is kept in the folder when this returns. MI_DATA: rows have
 * been decoded by a definition that the server contradicts. */
MI_MUST int mi_catalog_changed(struct mi_catalog *catalog, const struct mi_gtid_set *done,
                               const struct mi_gtid *now, const struct mi_ddl *ddl,
                               struct mi_err *err);

#endif
