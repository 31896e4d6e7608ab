/* The tables that a load writes: what the streams say about each, what the server has, and how far
 * it has come. */
#ifndef MI_LOAD_TARGET_H
#define MI_LOAD_TARGET_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "server/conn.h"
#include "sql/load_text.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct mi_target {
	char *db, *name;        /* as the streams call it */
	const char *into;       /* the database that it is in on this server */
	bool expected;          /* an EXPECT record demands its rows */
	char schema_digest[33]; /* of its definition in a schema stream; "" when there was none */
	const struct mi_table *schema_def; /* the definition, until that stream's end */
	bool existed; /* it was there before its DDL, and has not been compared yet */

	/* Set by mi_target_prepare, for the row stream at hand. */
	bool prepared;
	struct mi_table shape; /* its definition, with types as this server's columns have them */
	struct mi_loadtext plan;
	struct mi_buf load_sql; /* LOAD DATA statement */
	bool has_ranges;        /* chunks with key ranges are recorded already */

	/* Progress within the row stream at hand, under the lock of struct mi_targets. */
	size_t jobs;   /* chunks on their way */
	uint64_t rows; /* arrived, now or earlier */
	bool end_seen; /* its TABLEEND record */
	uint64_t end_rows;
	bool in_stream; /* the row stream at hand defines it */
	bool complete;  /* its end is recorded */
};

struct mi_targets {
	struct mi_target **items;
	size_t count;
	pthread_mutex_t lock;
};

void mi_targets_init(struct mi_targets *targets);
void mi_targets_release(struct mi_targets *targets);

/* The target, made when it is new. */
struct mi_target *mi_targets_get(struct mi_targets *targets, const struct mi_map *map,
                                 const char *db, const char *name);

/* Forgets what belongs to one row stream; no chunk may be on its way. */
void mi_targets_new_stream(struct mi_targets *targets);

/* Checks that rows of def may go into the server's table: same columns, same character sets and
 * members, a transactional engine, no triggers, nothing in it that this flow did not put there
 * (unless into_existing). Empties a table that travels in parts of which another stream's have
 * arrived. Then makes the statements. MI_CONFIG or MI_DATA, saying what to do. */
MI_MUST int mi_target_prepare(struct mi_target *target, const struct mi_table *def,
                              const struct mi_state *state, uint64_t stream, bool into_existing,
                              struct mi_conn *conn, struct mi_err *err);

/* Counting. Both return true when it was the last thing to happen to the target: the caller then
 * calls mi_target_end. */
void mi_target_job_begins(struct mi_targets *targets, struct mi_target *target);
bool mi_target_job_done(struct mi_targets *targets, struct mi_target *target, uint64_t rows);
bool mi_target_end_seen(struct mi_targets *targets, struct mi_target *target, uint64_t rows);

/* Checks that what arrived is all of it, and records the end. */
MI_MUST int mi_target_end(struct mi_target *target, const struct mi_state *state, uint64_t stream,
                          struct mi_conn *conn, struct mi_err *err);

#endif
