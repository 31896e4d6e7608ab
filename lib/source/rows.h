/* The rows of a key range, from a server's snapshot into a stream, cut into chunks. */
#ifndef MI_SOURCE_ROWS_H
#define MI_SOURCE_ROWS_H

#include "base/err.h"
#include "server/conn.h"
#include "source/chunks.h"
#include "source/where.h"
#include "throttle/throttle.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_stream;

/* One per thread. */
struct mi_row_reader;

struct mi_rows_options {
	uint64_t chunk_bytes;          /* a chunk is cut at the first row end past this */
	const struct mi_wheres *where; /* NULL: all rows */
	bool prove;                    /* chunks carry the proof of their rows */
	bool json_as_text; /* JSON is its text alone, without the types that this loses */
	void (*progress)(void *user, uint64_t rows, uint64_t bytes); /* NULL: nobody asks */
	void *progress_user;
	const struct mi_plan *plan;   /* when the plan has failed, reading ends soon */
	struct mi_throttle *throttle; /* or NULL: held up between rows, while the server waits */
};

/* reader (the thread's connection, inside the snapshot), stream and options must outlive it. */
struct mi_row_reader *mi_row_reader_new(struct mi_conn *reader, struct mi_stream *stream,
                                        const struct mi_rows_options *options);
void mi_row_reader_free(struct mi_row_reader *rows); /* harmless on NULL */

struct mi_rows_result {
	uint64_t rows, bytes; /* that were written; bytes of payload */
	const char *rest; /* the key at which the limit was reached, or NULL; until the next call */
};

/* Reads the range and writes its chunks, which leave no gap. A lost connection or a killed query is
 * MI_UNAVAILABLE: the snapshot has ended with its session, nothing reconnects. A value that cannot
 * be carried exactly, and a table altered since the snapshot, are MI_DATA. A wish to stop and a
 * failed plan are MI_AGAIN. After a failure the connection is of no more use. */
MI_MUST int mi_row_reader_read(struct mi_row_reader *rows, const struct mi_range *range,
                               struct mi_rows_result *result, struct mi_err *err);

#endif
