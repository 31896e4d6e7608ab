/* A whole follower: an event stream from a file descriptor into a server, exactly once. */
#ifndef MI_APPLY_APPLY_H
#define MI_APPLY_APPLY_H

#include "base/err.h"
#include "server/conn.h"
#include "table/dbmap.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_apply_options {
	const struct mi_conn_options *conn;
	const char *import;     /* NULL: what the stream says, else "import" */
	const char *flow;       /* NULL: "IMPORT/forward" */
	const char *state_db;   /* NULL: the database that knows the flow */
	const char *start;      /* GTID set or @FILE: where to begin when there is no checkpoint */
	const char *until;      /* GTID set or @FILE: stop once it has been applied */
	const char *checkpoint; /* file for the readable copy, or NULL */
	const char *on_ddl;     /* "stop", "skip", "apply" */
	const char *dialect;    /* "auto", "mysql", "vtgate" */
	const char *progress;   /* file of metrics, or NULL */
	const char *notify;     /* a router's socket, or NULL: see apply/notify.h */
	struct mi_map map;
	uint64_t epoch; /* the checkpoint must be of it; 0: of any */
	uint64_t batch; /* source transactions in one of the target's, at most */
	uint64_t retry_seconds;
	bool accept_source, split_large, no_binlog;
};

/* MI_USAGE for what the option table cannot check. */
MI_MUST int mi_apply_check_options(const struct mi_apply_options *options, struct mi_err *err);

/* Applies the stream until it ends, --until is reached, or something stops it. Whatever happens,
 * the checkpoint tells exactly which transactions are there. */
MI_MUST int mi_apply_run(const struct mi_apply_options *options, int fd, struct mi_err *err);

#endif
