/* A whole load: streams from a file descriptor into a server. */
#ifndef MI_LOAD_LOAD_H
#define MI_LOAD_LOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/dbmap.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_load_options {
	const struct mi_conn_options *conn;
	const char *import;     /* NULL: what the streams say, else "import" */
	const char *state_db;   /* NULL: the connection's database, else the stream's first */
	const char *method;     /* "auto", "load-data", "insert" */
	const char *dialect;    /* "auto", "mysql", "vtgate" */
	const char *progress;   /* file of metrics, or NULL */
	const char *checkpoint; /* file for the readable copy of the checkpoint, or NULL */
	struct mi_map map;
	uint64_t threads, retry_seconds;
	bool schema_only, into_existing, no_binlog;
};

/* MI_USAGE for what the option table cannot check. */
MI_MUST int mi_load_check_options(const struct mi_load_options *options, struct mi_err *err);

/* Reads streams from fd until the input ends. Whatever fails, chunks are there whole or not at all,
 * and the same input may be given again. */
MI_MUST int mi_load_run(const struct mi_load_options *options, int fd, struct mi_err *err);

/* Appends what is finished, in the text of chunk/done.h. */
MI_MUST int mi_load_print_done(const struct mi_load_options *options, struct mi_buf *out,
                               struct mi_err *err);

#endif
