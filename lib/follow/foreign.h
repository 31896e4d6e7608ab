/* Finds writes that reached a server around the import: transactions in its binary log that change
 * an imported table and none of this project's own (_mi_checkpoint, _mi_load). Rows are not
 * decoded, so no definitions are needed. */
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
	const char *since; /* a GTID set in text, or "now" */
	uint32_t server_id;
	unsigned heartbeat_seconds;
};

/* Looks at all that the server has executed after since. Appends to out "foreign GTID DB.TABLE" for
 * each such transaction, with the first table that it changes ("DB.?" when it was logged as a
 * statement), and last "position SET": where to go on the next time. *count: how many. */
MI_MUST int mi_src_foreign(const struct mi_foreign_options *options, struct mi_buf *out,
                           uint64_t *count, struct mi_err *err);

#endif
