/* Chunks of rows into the server: each in one transaction, together with its row in _mi_load. */
#ifndef MI_LOAD_CHUNK_H
#define MI_LOAD_CHUNK_H

#include "bookkeeping/load.h"
#include "load/pool.h"
#include "load/target.h"
#include "stream/frame.h"
#include "table/table.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What all chunks of a load share. */
struct mi_load_rows {
	const struct mi_state *state;
	struct mi_targets *targets;
	struct mi_progress *progress; /* may be NULL */
	struct mi_throttle *throttle; /* learns how long a COMMIT takes; may be NULL */
	bool is_vitess;               /* the limits of Vitess apply */
	bool must_load_data;          /* --method=load-data: never INSERT instead */
	atomic_bool load_data;        /* chunks go by LOAD DATA LOCAL, else by INSERT */
	bool prove;                   /* what has arrived is proven, see load/proof.h */
	uint64_t max_packet;          /* the server's max_allowed_packet */
	atomic_uint_fast64_t rows, skipped_rows, chunks, skipped_chunks; /* so far */
};

/* What chunks of one row stream share. */
struct mi_rows_stream {
	uint64_t id;
	bool same_flavour; /* the source's server is of this one's kind */
	bool torn;         /* rows may meet older rows of the same key: see mi_state_stream */
	atomic_uint_fast64_t rows, chunks; /* arrived, now or earlier: compared with END's totals */
};

/* A job: one chunk's frames, still compressed. Pointers but frames are the caller's. */
struct mi_chunk_job {
	struct mi_job job;
	struct mi_load_rows *rows;
	struct mi_rows_stream *stream;
	struct mi_target *target;
	const struct mi_table *def;
	struct mi_frame *frames;
	size_t frame_count;
	uint64_t payload_bytes; /* inflated, for progress */
};

/* Makes a job without frames; given to a pool, which frees it, or freed by job.free. */
struct mi_chunk_job *mi_chunk_job_new(struct mi_load_rows *rows, struct mi_rows_stream *stream,
                                      struct mi_target *target, const struct mi_table *def);

/* Moves frame's contents into the job; *frame is empty afterwards. */
void mi_chunk_job_add(struct mi_chunk_job *job, struct mi_frame *frame);

struct mi_feed; /* see load/feed.h */

#endif
