/* Keys of one table that are added after its rows, by ALTER TABLE: a job for a pool, or run
 * directly. */
#ifndef MI_LOAD_ALTER_H
#define MI_LOAD_ALTER_H

#include "base/err.h"
#include "load/pool.h"
#include "server/link.h"
#include "stream/parse.h"
#include "table/dbmap.h"

#include <stdbool.h>

struct mi_clause {
	char *name; /* of the key */
	char *text; /* "ADD KEY ...", with the stream's database names */
	bool is_fulltext, is_foreign_key;
	bool
	    made; /* by this run: only such keys are read back, and dropped if they are not right */
};

struct mi_alter {
	struct mi_job job;        /* for a pool; job.free frees the whole struct */
	char *into, *table;       /* the database here, and the table */
	const struct mi_map *map; /* the caller's */
	struct mi_clause *clauses;
	size_t count;
};

/* Begins one without keys, for the table that ddl belongs to. The pool frees it; a caller without a
 * pool calls job.free. */
struct mi_alter *mi_alter_new(const struct mi_map *map, const struct mi_ddl *ddl);

/* Adds a copy of ddl's key. */
void mi_alter_add(struct mi_alter *alter, const struct mi_ddl *ddl);

/* Adds those keys that the table lacks, with tries as in mi_link_run. Rows that break a UNIQUE key
 * are MI_DATA, and two of them are named if they can be found. */
MI_MUST int mi_alter_run(struct mi_alter *alter, struct mi_link *link, struct mi_err *err);

#endif
