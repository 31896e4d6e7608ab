/* The tables that a load writes: what the streams say about each, what the server has of it, and
 * how much of its rows has arrived. */
#ifndef MI_LOAD_TARGET_H
#define MI_LOAD_TARGET_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "table/normal.h"
#include "server/conn.h"
#include "sql/load_text.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* How it is proven that rows are here as they were sent. */
enum mi_prove {
	MI_PROVE_NOT,    /* nobody wants it, or it cannot be */
	MI_PROVE_RANGES, /* each chunk, by its key range or else by its rows' keys */
	MI_PROVE_KEYS,   /* each chunk, by its rows' keys: text has another order here */
	MI_PROVE_TABLE,  /* the table, when all its rows are here: no key leads to a chunk's */
};

/* What _mi_load says of a chunk of an earlier run; see struct mi_state_chunk. */
struct mi_old_chunk {
	uint64_t part, rows;
	enum mi_state_proof known;
	char *lo, *hi, *proof;
};

struct mi_target {
	char *db, *name;        /* the table's names in the streams */
	const char *into;       /* its database's name on this server */
	bool expected;          /* an EXPECT record demands its rows */
	char schema_digest[33]; /* of its definition in a schema stream; "" when there was none */
	char schema_text[33];   /* its text_digest there */
	const struct mi_table *schema_def; /* the definition, until that stream's end */
	bool defined, made; /* its DDL record has come, and not yet its TABLE record; it was made */
	bool existed;       /* it existed before its DDL record, and has not been compared yet */

	/* Set by mi_target_prepare, for the present row stream. */
	bool prepared;
	struct mi_table shape; /* the stream's definition, but JSON where the column here is JSON */
	struct mi_loadtext plan;
	struct mi_buf load_sql; /* the LOAD DATA statement */
	struct mi_err *refusal; /* why a chunk may not write, when none should want to; or NULL */
	bool may_hold_others;   /* --into-existing: rows may be there that no stream brought */
	atomic_bool by_insert;  /* a chunk had too many rows that LOAD DATA cannot take */
	atomic_bool lax;        /* its rows need the session of load/lax.h */
	bool has_ranges;        /* chunks with key ranges were recorded before */
	enum mi_prove prove;
	struct mi_normal_plan normal; /* how values are compared then */
	bool torn;                    /* see mi_state_stream */
	bool resumed;                 /* an earlier run has left rows here */
	struct mi_old_chunk *old;     /* its chunks, when they are to be proven */
	size_t old_count;

	/* Progress within the present row stream, under the lock of struct mi_targets. */
	size_t jobs;       /* chunks that are in the pool */
	uint64_t rows;     /* that have arrived, now or earlier */
	bool end_seen;     /* the table's TABLEEND record has been read */
	uint64_t end_rows; /* rows that TABLEEND says */
	bool in_stream;    /* the present row stream defines the table */
	bool verified;     /* every row has been read back, and is what was sent */
	bool complete;     /* that all rows are there is recorded in _mi_load */
};

/* All tables of a load. The dispatcher's thread alone adds to them. */
struct mi_targets {
	struct mi_target **items;
	size_t count;
	pthread_mutex_t lock;
};

void mi_targets_init(struct mi_targets *targets);
void mi_targets_release(struct mi_targets *targets);

/* Finds the table by its names in the streams, or adds it. The pointer stays good until
 * mi_targets_release. */
struct mi_target *mi_targets_get(struct mi_targets *targets, const struct mi_map *map,
                                 const char *db, const char *name);

/* Another row stream begins: forgets what belongs to the one before. No chunk may be in the
 * pool. */
void mi_targets_new_stream(struct mi_targets *targets);

/* Checks that rows of def may go into the server's table: it exists, values fit
 * (mi_target_compare), its engine has transactions, it has no triggers (unless all its rows are
 * recorded as being there), and no rows that this flow did not put there (unless into_existing). A
 * table of which another stream's parts have arrived, but not all, is emptied: parts of two streams
 * do not go together. Then makes the statements, and says how rows are proven. MI_CONFIG or
 * MI_DATA, saying what to do. def must live as long as the preparation. */
struct mi_preparation {
	const struct mi_state *state;
	uint64_t stream;    /* its number */
	bool torn;          /* see mi_state_stream */
	bool same_flavour;  /* the source's server is of this one's kind */
	bool into_existing; /* other rows may be there */
	bool prove;         /* proofs are wanted */
};
MI_MUST int mi_target_prepare(struct mi_target *target, const struct mi_table *def,
                              const struct mi_preparation *how, struct mi_conn *conn,
                              struct mi_err *err);

/* Count a table's chunks, from any thread: one is put into the pool; one is done, with its rows;
 * TABLEEND has been read. The latter two return true when they were the last to happen to the
 * table: the caller then calls mi_target_end. */
void mi_target_job_begins(struct mi_targets *targets, struct mi_target *target);
bool mi_target_job_done(struct mi_targets *targets, struct mi_target *target, uint64_t rows);
bool mi_target_end_seen(struct mi_targets *targets, struct mi_target *target, uint64_t rows);

/* Checks that all of the table's rows have arrived, by their number and by the chunks' ranges, that
 * they are those that were sent as far as their chunks' loading did not prove it (load/proof.h),
 * and records both in _mi_load. MI_DATA when some are missing or others. */
MI_MUST int mi_target_end(struct mi_target *target, const struct mi_state *state, uint64_t stream,
                          struct mi_conn *conn, struct mi_err *err);

#endif
