/* Definitions into the server: each statement or clause may find its work done already, because a
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
	bool into_existing;           /* an object that is there and differs is left as it is */
	struct mi_ddl *items;         /* their strings are owned */
	size_t count;
};

void mi_ddls_release(struct mi_ddls *ddls);

/* True for the kinds that run at once: database and table. */
bool mi_ddl_is_immediate(const struct mi_ddl *ddl);

/* Creates a database that is absent. */
MI_MUST int mi_load_database(const struct mi_ddl *ddl, const struct mi_map *map,
                             struct mi_link *link, struct mi_err *err);

/* Creates a table. *existed: there was one of that name, which is left as it is. */
MI_MUST int mi_load_table(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                          bool *existed, struct mi_err *err);

/* Keeps a copy for mi_ddls_flush. An unknown kind is MI_DATA. */
MI_MUST int mi_ddls_keep(struct mi_ddls *ddls, const struct mi_ddl *ddl, struct mi_err *err);

/* Does what was kept, and forgets it. Keys first, tables side by side on the pool's threads, all of
 * a table's in one ALTER TABLE (FULLTEXT one by one: InnoDB takes no more); then foreign keys, with
 * foreign_key_checks=0; then the rest in the stream's order, views again while others that they
 * need are missing. What is there already by name is skipped; views, routines, triggers, events and
 * sequences only when they are equal or this flow has made them, else MI_CONFIG unless
 * into_existing. */
MI_MUST int mi_ddls_flush(struct mi_ddls *ddls, struct mi_pool *pool, struct mi_link *link,
                          struct mi_err *err);

#endif
