/* Keys of one table, by ALTER TABLE. */
#ifndef MI_LOAD_ALTER_H
#define MI_LOAD_ALTER_H

#include "base/err.h"
#include "load/pool.h"
#include "server/link.h"
#include "stream/parse.h"
#include "table/dbmap.h"

#include <stdbool.h>

struct mi_clause {
	char *name; /* the key's */
	char *text; /* "ADD KEY ..." */
	bool is_fulltext, is_foreign_key;
};

struct mi_alter {
	struct mi_job job; /* for a pool */
	char *into, *table;
	const struct mi_map *map;
	struct mi_clause *clauses;
	size_t count;
};

/* For the table that ddl belongs to; frees itself through job.free. */
struct mi_alter *mi_alter_new(const struct mi_map *map, const struct mi_ddl *ddl);
void mi_alter_add(struct mi_alter *alter, const struct mi_ddl *ddl);

/* Adds those keys that the table lacks. */
MI_MUST int mi_alter_run(struct mi_alter *alter, struct mi_link *link, struct mi_err *err);

#endif
