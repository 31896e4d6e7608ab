/* A whole follower, as mi-apply is one: event streams from a file descriptor into a server, each
 * transaction exactly once. */
#ifndef MI_APPLY_APPLY_H
#define MI_APPLY_APPLY_H

#include "base/err.h"
#include "server/conn.h"
#include "table/dbmap.h"
#include "throttle/throttle.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_apply_options {
	const struct mi_conn_options *conn;
	const char *import;     /* NULL: what the stream says, else "import" */
	const char *flow;       /* NULL: "IMPORT/forward" */
	const char *state_db;   /* NULL: the database whose _mi_checkpoint has the flow */
	const char *start;      /* GTID set or @FILE: where to begin when there is no checkpoint */
	const char *until;      /* GTID set or @FILE: stop once it has been applied */
	const char *past;       /* GTID: the next transaction, to be recorded and not applied */
	const char *passed;     /* file for the readable copy of what was passed, or NULL */
	const char *checkpoint; /* file for the readable copy of the checkpoint, or NULL */
	const char *on_ddl;     /* "stop", "skip", "apply" */
	const char *on_ddl_at;  /* "ACTION@GTID": on_ddl for this transaction; NULL: as others */
	const char *dialect;    /* "auto", "mysql", "vtgate" */
	const char *progress;   /* file of metrics, or NULL */
	const char *notify;     /* a router's socket, or NULL: see apply/notify.h */
	struct mi_throttle_options throttle; /* conn and side are set by mi_apply_run */
	struct mi_map map; /* databases by the stream's name, and their name here */
	uint64_t epoch;    /* that the checkpoint must have; 0: any */
	uint64_t batch;    /* source transactions in one transaction of the target, at most */
	uint64_t retry_seconds;
	bool accept_source, split_large, no_binlog, no_proof;
};

/* Checks what the option table cannot: words, names, the map. MI_USAGE. */
MI_MUST int mi_apply_check_options(const struct mi_apply_options *options, struct mi_err *err);

/* Applies the input's streams until they end, options->until is reached, or something stops it;
 * options must outlive the call. MI_DATA: a bad stream, a definition's change that may not be
 * applied, or rows here that differ from the source's; MI_CONFIG: no checkpoint, or one of another
 * source, or a table that cannot be written; MI_AGAIN: asked to stop, another follower or a switch
 * has taken over, or the input ended too early. Whatever happens, the checkpoint says exactly which
 * transactions are there. */
MI_MUST int mi_apply_run(const struct mi_apply_options *options, int fd, struct mi_err *err);

#endif
