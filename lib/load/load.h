/* A whole load, as mi-load does it: schema and row streams from a file descriptor into a server. */
#ifndef MI_LOAD_LOAD_H
#define MI_LOAD_LOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/dbmap.h"
#include "throttle/throttle.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_load_options {
	const struct mi_conn_options *conn;
	const char *import;     /* NULL: what the streams say, else "import" */
	const char *state_db;   /* NULL: the connection's database, else the first one streamed */
	const char *method;     /* "auto", "load-data", "insert" */
	const char *dialect;    /* "auto", "mysql", "vtgate" */
	const char *progress;   /* file of metrics, or NULL */
	const char *checkpoint; /* file for the readable copy of the checkpoint, or NULL */
	struct mi_throttle_options throttle; /* conn and side are set by mi_load_run */
	struct mi_map map; /* databases by the streams' name, and their name here */
	uint64_t threads, retry_seconds;
	bool schema_only, into_existing, no_binlog, no_proof;
	bool find_threads; /* so many of the threads work as turn out to be of use */
};

/* Checks what the option table cannot: method, dialect, import and map. MI_USAGE. */
MI_MUST int mi_load_check_options(const struct mi_load_options *options, struct mi_err *err);

/* Loads the streams from fd until the input ends; options must outlive the call. MI_DATA: a damaged
 * or incomplete stream, or one that does not fit the server's tables; MI_CONFIG: the server holds
 * something that this import did not put there; MI_AGAIN: asked to stop, or locks. Whatever fails,
 * each chunk is loaded whole or not at all, and the same input may be given again. */
MI_MUST int mi_load_run(const struct mi_load_options *options, int fd, struct mi_err *err);

/* Appends what the server has of the import's copy, in the text of chunk/done.h. */
MI_MUST int mi_load_print_done(const struct mi_load_options *options, struct mi_buf *out,
                               struct mi_err *err);

#endif
