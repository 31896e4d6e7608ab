/* The dispatcher of a load, for load/load.c: reads the streams' records, runs definitions itself,
 * and hands chunks of rows to the pool unread. One thread uses it. */
#ifndef MI_LOAD_DISPATCH_H
#define MI_LOAD_DISPATCH_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "load/chunk.h"
#include "load/ddl.h"
#include "load/load.h"
#include "load/target.h"
#include "server/link.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"

#include <stdbool.h>

/* What the stream that is being read says of itself. Strings belong to this struct. */
struct mi_dispatch_stream {
	enum mi_stream_kind kind;
	char *low, *high, *server;
	bool recorded; /* in _mi_load, see mi_state_stream */
	struct mi_rows_stream rows;
};

struct mi_dispatch {
	const struct mi_load_options *options;
	struct mi_link_options link_options;
	struct mi_link link; /* for definitions and questions */
	struct mi_pool *pool;
	struct mi_frame_reader *reader;
	struct mi_unpacker *unpacker;
	struct mi_parser *parser;
	struct mi_buf payload;
	const struct mi_frame *frame; /* the one that is being parsed */

	struct mi_load_rows rows;
	struct mi_targets targets;
	struct mi_ddls ddls;
	struct mi_chunk_job *job; /* the chunk whose frames are arriving */

	char *import; /* NULL before the first header */
	struct mi_state state;
	bool state_ready, may_load, passed_high; /* see the ensure_ functions of dispatch.c */
	struct mi_dispatch_stream stream;
	bool had_rows; /* a row stream has begun */
};

/* A new parser that calls the dispatcher for each record; the caller frees it. */
struct mi_parser *mi_dispatch_parser(struct mi_dispatch *load);

/* Frees payload, import and stream; load/load.c, which made the rest, frees that. */
void mi_dispatch_release(struct mi_dispatch *load);

/* Takes the next frame; the contents of a ROWS frame are moved out of *frame. Waits while the pool
 * has too much in memory. */
MI_MUST int mi_dispatch_frame(struct mi_dispatch *load, struct mi_frame *frame, struct mi_err *err);

/* Called when the input has ended after a complete stream. MI_DATA: a table's rows that an EXPECT
 * record announced have not all come. */
MI_MUST int mi_dispatch_finish(struct mi_dispatch *load, struct mi_err *err);

#endif
