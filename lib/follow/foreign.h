/* Finds writes to imported tables that were not made by this project's tools: transactions in a
 * server's binary log that change an imported table and no bookkeeping table (_mi_checkpoint,
 * _mi_load). Rows are not decoded, so no definitions are needed. */
#ifndef MI_FOLLOW_FOREIGN_H
#define MI_FOLLOW_FOREIGN_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/filter.h"

#include <stdint.h>

struct mi_foreign_options {
	const struct mi_conn_options *source;
	struct mi_filter *filter;
	const char *since;  /* a GTID set in text, or "now" */
	uint32_t server_id; /* 0: one is made */
	unsigned heartbeat_seconds;
};

/* Looks at all transactions that the server had executed after since when it was called. Appends to
 * out a line "foreign GTID DB.TABLE" for each such transaction, with the first imported table that
 * it changes ("DB.?" when the change was logged as a statement), and last "position SET": the since
 * of the next time. *count: how many such transactions. A lost connection is MI_UNAVAILABLE, a wish
 * to stop MI_AGAIN; other failures as in follow/binlog.h. */
MI_MUST int mi_src_foreign(const struct mi_foreign_options *options, struct mi_buf *out,
                           uint64_t *count, struct mi_err *err);

#endif
