/* The state of one worker on a chunk's way from compressed frames to statements. For the files of
 * this folder that send chunks. */
#ifndef MI_LOAD_FEED_H
#define MI_LOAD_FEED_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "table/normal.h"
#include "load/chunk.h"
#include "server/link.h"
#include "stream/proof.h"
#include "stream/parse_parts.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows that wait for a statement of their own, see load/odd_rows.h. */
struct mi_odd_rows {
	struct mi_buf sql; /* INSERT ... VALUES (..),(..) */
	unsigned rows;
	/* of those with an ENUM's error value: */
	struct mi_buf check; /* (k=1 AND e=0) OR (...): the condition that finds them again */
	unsigned zero_rows;
	unsigned zeros; /* error values in the rows: so many warnings are right */
};

struct mi_prover;

struct mi_feed {
	struct mi_link *link; /* the worker's; set during a try */
	struct mi_unpacker *unpacker;
	struct mi_parser *parser;
	const struct mi_chunk_job *job; /* set during a try */
	size_t next_frame;
	struct mi_buf payload;

	bool by_load; /* this try uses LOAD DATA */
	/* This chunk cannot go by LOAD DATA: set during a try, which then fails and is made again
	 * with INSERT. */
	bool never_load;
	bool claimed;      /* the transaction has begun and holds the chunk's row in _mi_load */
	bool already_done; /* the chunk's row was in _mi_load: nothing to do */
	bool collided;     /* a row's key was there already: see load/collision.h */
	bool ended;        /* the chunk's last record has been read */
	uint64_t rows;     /* of the chunk, as its CHUNK record says */
	bool is_range;     /* the chunk is a key range, of lo and hi, and no numbered part */
	struct mi_buf lo, hi;
	char id[MI_CLAIM_ID]; /* of the chunk's row in _mi_load */
	bool replaced;        /* rows of other chunks have been replaced: the copy is torn */
	uint64_t sent;        /* rows sent by LOAD DATA or INSERT, without those in odd */

	struct mi_normal_row row; /* the row at hand as it is compared */
	struct mi_proof proof;    /* of the chunk's rows so, if that is another form */
	struct mi_prover *prover; /* made by the first proof by keys: see load/proof.h */

	struct mi_buf text; /* lines for LOAD DATA, or the INSERT being built */
	size_t text_at;     /* LOAD DATA: how much of text the library has taken */
	size_t head_len;    /* INSERT: length of "INSERT ... VALUES " */
	unsigned rows_in_text;
	struct mi_odd_rows odd;

	bool lax;         /* this try's session is that of load/lax.h: the proof alone decides */
	unsigned refused; /* the error, or MI_WARN_DATA_TRUNCATED for a warning, with which the
	                     server has refused rows in this try; 0: it has not */

	bool armed;         /* LOAD DATA is running: the server may ask for lines */
	struct mi_err *err; /* where the handler that gives lines puts its failure */
	bool handler_failed;
};

/* Unpacks and parses the job's next frame, which must exist (next_frame < job->frame_count). */
MI_MUST int mi_feed_frame(struct mi_feed *feed, struct mi_err *err);

void mi_feed_free(struct mi_feed *feed);

#endif
