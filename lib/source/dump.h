/* A snapshot's rows into a stream, by several threads. */
#ifndef MI_SOURCE_DUMP_H
#define MI_SOURCE_DUMP_H

#include "base/err.h"
#include "chunk/done.h"
#include "source/snapshot.h"
#include "source/where.h"
#include "throttle/throttle.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_dump_options {
	const char *import_id;         /* for the header; "" for none */
	uint64_t chunk_bytes;          /* payload that one chunk aims at */
	const struct mi_done *skip;    /* what a copy has already: left out. NULL: nothing */
	const struct mi_wheres *where; /* NULL: all rows */
	bool prove;                    /* chunks carry the proof of their rows */
	struct mi_throttle *throttle;  /* or NULL */
	bool json_as_text; /* JSON is its text alone, without the types that this loses */
	int level;         /* of compression */
	struct mi_progress *progress; /* or NULL */
	bool find_readers; /* as many of the snapshot's readers work as turn out to be of use */
	bool no_count;     /* tables that are read in ranges are not counted */
};

/* Writes the whole stream to fd: header, tables, rows by one thread per reader of the snapshot,
 * END. END is written only when the definitions at the end are those of the beginning, and when the
 * rows that came in ranges are as many as the snapshot counts (both MI_DATA). With conditions, the
 * sessions' clocks stand still from the start of the reading.
 * The first error of any thread ends all threads and is the one reported. What options points to is
 * the caller's. */
MI_MUST int mi_src_dump(struct mi_snapshot *snapshot, int fd, const struct mi_dump_options *options,
                        struct mi_err *err);

#endif
