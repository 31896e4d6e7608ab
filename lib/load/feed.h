/* One worker's way from compressed frames to statements. For the files of
 * lib/load only. */
#ifndef MI_LOAD_FEED_H
#define MI_LOAD_FEED_H

#include "base/buf.h"
#include "base/err.h"
#include "load/chunk.h"
#include "server/link.h"
#include "stream/parse_parts.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows that strict mode refuses although the source has them: an ENUM's error value. They wait
 * here, at most ODD_ROWS of them, for a statement of their own. */
struct mi_enum_zero_rows {
	struct mi_buf sql;   /* INSERT ... VALUES (..),(..) */
	struct mi_buf check; /* (k=1 AND e=0) OR (...): reads them back */
	unsigned rows;
	unsigned zeros; /* error values in them: as many warnings are right */
};

struct mi_feed {
	struct mi_link *link; /* during a try */
	struct mi_unpacker *unpacker;
	struct mi_parser *parser;
	const struct mi_chunk_job *job; /* during a try */
	size_t next_frame;
	struct mi_buf payload;

	bool by_load;      /* this try uses LOAD DATA */
	bool never_load;   /* this chunk cannot go by LOAD DATA: set during a try, which then fails
	                      and is made again with INSERT */
	bool claimed;      /* its transaction has begun and holds its row */
	bool already_done; /* its row was there: nothing to do */
	bool ended;        /* its last record has been read */
	uint64_t rows;     /* of the chunk, as its CHUNK record says */
	uint64_t sent;     /* by LOAD DATA or INSERT, odd ones aside */

	struct mi_buf text; /* lines for LOAD DATA, or the INSERT being built */
	size_t text_at;     /* LOAD DATA: how much has been taken */
	size_t head_len;    /* INSERT: length of "INSERT ... VALUES " */
	unsigned rows_in_text;
	struct mi_enum_zero_rows odd;

	bool armed;         /* LOAD DATA is running: the server may ask for lines */
	struct mi_err *err; /* where the handler puts its failure */
	bool handler_failed;
};

/* Unpacks and parses the next frame. Only while there is one. */
MI_MUST int mi_feed_frame(struct mi_feed *feed, struct mi_err *err);

void mi_feed_free(struct mi_feed *feed);

#endif
