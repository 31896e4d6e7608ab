/* Definitions of a stream into the server. Each statement may find its work done already, because a
 * load that was killed is run again with the same stream. */
#ifndef MI_LOAD_DDL_H
#define MI_LOAD_DDL_H

#include "base/err.h"
#include "bookkeeping/load.h"
#include "server/link.h"
#include "stream/parse.h"
#include "table/dbmap.h"

#include <stdbool.h>

struct mi_pool;

/* Definitions that wait for the end of their section: keys, foreign keys, views, ... */
struct mi_ddls {
	const struct mi_map *map;     /* the caller's */
	const struct mi_state *state; /* the caller's */
	bool into_existing;           /* an object that exists and differs is left as it is */
	struct mi_ddl *items;         /* with strings that belong to this struct */
	size_t count;
};

/* Forgets what was kept. */
void mi_ddls_release(struct mi_ddls *ddls);

/* True for the kinds that do not wait: database and table. */
bool mi_ddl_is_immediate(const struct mi_ddl *ddl);

/* Creates the database unless it exists, with tries as in mi_link_run. */
MI_MUST int mi_load_database(const struct mi_ddl *ddl, const struct mi_map *map,
                             struct mi_link *link, struct mi_err *err);

/* Creates the table, with tries as in mi_link_run. *existed: there was one of that name, which is
 * left as it is. */
MI_MUST int mi_load_table(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                          bool *existed, struct mi_err *err);

/* Keeps a copy for mi_ddls_flush. An unknown kind is MI_DATA. */
MI_MUST int mi_ddls_keep(struct mi_ddls *ddls, const struct mi_ddl *ddl, struct mi_err *err);

/* Runs the kept definitions and forgets them, also after a failure. First keys: several tables at
 * once on the pool's threads, all keys of a table in one ALTER TABLE (FULLTEXT keys one by one:
 * InnoDB takes no more). Then foreign keys (sessions of role WRITER have foreign_key_checks=0).
 * Then the rest in the stream's order; those that fail are tried again while any other succeeds, so
 * that the order need not be the right one. A key that exists by name is skipped; views, routines,
 * triggers, events and sequences as mi_object_create does. A foreign key or an object that fails
 * does not keep the others from being made: all that have failed are named at the end, each with
 * the server's error. */
MI_MUST int mi_ddls_flush(struct mi_ddls *ddls, struct mi_pool *pool, struct mi_link *link,
                          struct mi_err *err);

#endif
