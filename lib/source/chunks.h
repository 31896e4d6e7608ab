/* Which reader of a dump reads what: tables are cut into key ranges, which are handed to readers
 * one by one, largest table first, so that one huge table keeps every reader busy. Nothing is
 * planned ahead: a range is cut when a reader asks for work, and of a range that turns out far
 * larger than its table's statistics said, the rest is given back. All functions but _new, _free
 * and _result may be called from any thread. */
#ifndef MI_SOURCE_CHUNKS_H
#define MI_SOURCE_CHUNKS_H

#include "base/err.h"
#include "chunk/cut.h"
#include "chunk/done.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_plan;

struct mi_plan_options {
	size_t readers;
	uint64_t chunk_bytes;       /* what one chunk aims at; a range has some chunks */
	const struct mi_done *skip; /* what a copy has already: left out. NULL: nothing */
	bool count;                 /* tables that are read in ranges are counted as well */
	bool torn;                  /* the readers' snapshots do not show one moment */
};

/* tables and options->skip must outlive the plan. conn is asked for the tables' sizes, and how the
 * keys of finished chunks sort; it is not kept. A finished chunk that does not fit its table is
 * MI_DATA. */
MI_MUST int mi_plan_new(struct mi_plan **plan, struct mi_conn *conn, const struct mi_tables *tables,
                        const struct mi_plan_options *options, struct mi_err *err);
void mi_plan_free(struct mi_plan *plan);

/* Rows expected in all, by the server's statistics. */
uint64_t mi_plan_rows(const struct mi_plan *plan);

/* A piece of work: the rows with keys in (lo, hi], the first `limit` of them in key order; or, with
 * count set, the rows of the whole table, which are to be counted, see mi_plan_counted. */
struct mi_range {
	const struct mi_table *table;
	char *lo, *hi;  /* key text, "" open */
	bool in_parts;  /* the table's key bounds no ranges: the range is the whole table */
	bool nothing;   /* no rows are left to read: only the table's end is to be written */
	uint64_t limit; /* in rows; 0: none */
	bool count;
	const struct mi_keyranges *runs; /* count: finished before this dump; the plan's */
	const struct mi_keyranges *seen; /* count, torn: read by this dump; the plan's. Else NULL */
	size_t index;                    /* for the plan's own use */
};

/* Returns 1: *range is to be read, and then given to mi_plan_finish. 0: no work is left, nor will
 * any come back. -1: another thread has called mi_plan_fail, a question to the server failed, or
 * somebody asked to stop; the caller then calls mi_plan_fail. Waits while others may give work
 * back. reader is the calling thread's connection, inside the snapshot: it is asked for
 * boundaries. */
MI_MUST int mi_plan_take(struct mi_plan *plan, struct mi_conn *reader, struct mi_range *range,
                         struct mi_err *err);

/* Frees what *range holds, for a range that mi_plan_finish does not get. */
void mi_range_release(struct mi_range *range);

/* What has come of a table when it is complete. That its rows have been counted is the proof that
 * no range has left any out: an index and a comparison may disagree, in a server's bug if nowhere
 * else. Not counted are tables that one statement has read whole, without a bound or a limit: there
 * is no range to be wrong. */
struct mi_plan_sum {
	uint64_t rows;      /* read by this dump */
	bool counted;       /* the two below are set, and must be equal */
	uint64_t accounted; /* rows, and those in ranges that were finished before */
	uint64_t all;       /* by the count */
};

/* Says that the range has been read (rows, payload bytes) and its chunks written. rest: the key at
 * which the limit was reached; what is behind it goes back to the plan. NULL: the range has been
 * read to its end. Releases range. Returns true when nothing of the table is left to do: the caller
 * must then look at *sum, and write the table's end. */
MI_MUST bool mi_plan_finish(struct mi_plan *plan, struct mi_range *range, const char *rest,
                            uint64_t rows, uint64_t bytes, struct mi_plan_sum *sum);

/* The same for a range with count set: all rows of the table were counted, and in_ranges of them in
 * range->runs and range->seen, by one reader. When all snapshots are of one moment, what is in runs
 * and what was read must make up all; when they are torn, that reader's own counts must: rows may
 * have come and gone between the snapshots, but the ranges hold all that one of them shows. */
MI_MUST bool mi_plan_counted(struct mi_plan *plan, struct mi_range *range, uint64_t all,
                             uint64_t in_ranges, struct mi_plan_sum *sum);

/* Ends the work of all threads; the first error is kept. */
void mi_plan_fail(struct mi_plan *plan, const struct mi_err *err);

/* True while mi_plan_fail has not been called. */
bool mi_plan_is_well(const struct mi_plan *plan);

/* Returns 0, or -1 with the first error. Called after all threads have ended. */
MI_MUST int mi_plan_result(const struct mi_plan *plan, struct mi_err *err);

#endif
