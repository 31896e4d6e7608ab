/* The dispatcher of a load: understands what the streams say, hands chunks to the pool. Used by
 * load/load.c. */
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

/* What the stream at hand says of itself. Strings are owned. */
struct mi_dispatch_stream {
	enum mi_stream_kind kind;
	char *low, *high, *server;
	bool recorded; /* in _mi_load */
	struct mi_rows_stream rows;
};

struct mi_dispatch {
	const struct mi_load_options *options;
	struct mi_link_options link_options;
	struct mi_link link; /* definitions and questions */
	struct mi_pool *pool;
	struct mi_frame_reader *reader;
	struct mi_unpacker *unpacker;
	struct mi_parser *parser;
	struct mi_buf payload;
	const struct mi_frame *frame; /* while it is parsed */

	struct mi_load_rows rows;
	struct mi_targets targets;
	struct mi_ddls ddls;
	struct mi_chunk_job *job; /* the chunk whose frames are arriving */

	char *import; /* set by the first header */
	struct mi_state state;
	bool state_ready, may_load, passed_high;
	struct mi_dispatch_stream stream;
	bool had_rows; /* a row stream was there */
};

/* The parser that calls the dispatcher. */
struct mi_parser *mi_dispatch_parser(struct mi_dispatch *load);
void mi_dispatch_release(struct mi_dispatch *load);

/* Takes the next frame; a ROWS frame's contents are moved away. */
MI_MUST int mi_dispatch_frame(struct mi_dispatch *load, struct mi_frame *frame, struct mi_err *err);

/* The input has ended after a complete stream: is everything there that was promised? */
MI_MUST int mi_dispatch_finish(struct mi_dispatch *load, struct mi_err *err);

#endif
