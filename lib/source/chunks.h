/* Who reads what: tables cut into key ranges, handed to readers one by one, largest table first, so
 * that one huge table keeps every reader busy. Nothing is planned ahead: a range is cut when a
 * reader asks for work, and a range that turns out far larger than its table's statistics said is
 * given back in part. Safe from any thread. */
#ifndef MI_SOURCE_CHUNKS_H
#define MI_SOURCE_CHUNKS_H

#include "base/err.h"
#include "chunk/done.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_plan;

struct mi_plan_options {
	size_t readers;
	uint64_t chunk_bytes;       /* what one chunk aims at; a range is some chunks */
	const struct mi_done *skip; /* what a copy has already; NULL: nothing */
};

/* tables must outlive the plan. conn answers questions about sizes, and how the keys of finished
 * chunks sort. A finished chunk that does not fit its table is MI_DATA. */
MI_MUST int mi_plan_new(struct mi_plan **plan, struct mi_conn *conn, const struct mi_tables *tables,
                        const struct mi_plan_options *options, struct mi_err *err);
void mi_plan_free(struct mi_plan *plan);

/* Rows expected in all, by the server's statistics. */
uint64_t mi_plan_rows(const struct mi_plan *plan);

/* A piece of work: the rows with keys in (lo, hi], the first `limit` of them in key order. */
struct mi_range {
	const struct mi_table *table;
	char *lo, *hi;  /* key text, "" open */
	bool in_parts;  /* the key bounds no ranges: this is the whole table */
	bool nothing;   /* no rows are left to read: only the table's end is to be written */
	uint64_t limit; /* 0: none */
	size_t index;   /* the plan's own */
};

/* 1: *range is to be read. 0: nothing is left, or will be. -1: the plan has failed (another thread
 * said so, a question to the server failed, or a stop was asked for). reader is the calling
 * thread's connection, inside the snapshot: it looks for boundaries. */
MI_MUST int mi_plan_take(struct mi_plan *plan, struct mi_conn *reader, struct mi_range *range,
                         struct mi_err *err);

void mi_range_release(struct mi_range *range);

/* The range has been read and its chunks written. rest: NULL, or the key up to which it has been
 * read because its limit was reached; the rest goes back. Releases range. Returns true when it was
 * the table's last one: the caller must write the table's end, with *table_rows. */
MI_MUST bool mi_plan_finish(struct mi_plan *plan, struct mi_range *range, const char *rest,
                            uint64_t rows, uint64_t bytes, uint64_t *table_rows);

/* Ends everybody's work; the first error is kept. True while none was reported. */
void mi_plan_fail(struct mi_plan *plan, const struct mi_err *err);
bool mi_plan_is_well(const struct mi_plan *plan);
/* 0, or -1 with the first error. After all threads have ended. */
MI_MUST int mi_plan_result(const struct mi_plan *plan, struct mi_err *err);

#endif
