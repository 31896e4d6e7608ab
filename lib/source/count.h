/* How many rows a table has in a snapshot, asked for without any key range: by it a dump proves
 * that the ranges in which it has read a table leave none out. */
#ifndef MI_SOURCE_COUNT_H
#define MI_SOURCE_COUNT_H

#include "base/err.h"
#include "chunk/cut.h"
#include "server/conn.h"
#include "source/chunks.h"
#include "source/where.h"
#include "table/table.h"

#include <stdint.h>

/* What the reader's snapshot counts. */
struct mi_table_count {
	uint64_t all;    /* rows of the table that meet the conditions */
	uint64_t ranges; /* those of them in the ranges that were asked for, by key */
};

/* Counts the rows of the table, and those in the ranges of range->runs and range->seen, on the
 * reader, inside its snapshot; where may be NULL. Ends early, with MI_AGAIN, when somebody asks to
 * stop or the plan has failed: the connection is of no more use then. What the server says
 * otherwise fails like mi_conn_fail. */
MI_MUST int mi_src_count(struct mi_conn *reader, const struct mi_range *range,
                         const struct mi_wheres *where, const struct mi_plan *plan,
                         struct mi_table_count *count, struct mi_err *err);

#endif
