/* A connection to the server that is written to (mi-load, mi-apply): when it breaks it is opened
 * again, and what was being done is tried again. */
#ifndef MI_SERVER_LINK_H
#define MI_SERVER_LINK_H

#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_link_options {
	const struct mi_conn_options *conn;
	bool no_binlog;         /* sql_log_bin = 0 in every session */
	uint64_t retry_seconds; /* how long a step that fails for a while is tried again */
};

/* One per thread. {.options = ...} is a link that is not open yet. */
struct mi_link {
	const struct mi_link_options *options; /* the caller's */
	struct mi_conn conn;
	bool is_open, was_open;
	uint64_t opened; /* how many times the connection has been opened */
	uint64_t random; /* state of the generator of waiting times; 0: not seeded yet */
};

/* Opens the connection, without a second try. Harmless when the link is open. Fails like
 * mi_conn_open; but once the link has been open, every failure to connect is MI_UNAVAILABLE, also
 * one that looks like a wrong setting: a server that is going down or coming up breaks off logins
 * at any point. */
MI_MUST int mi_link_open(struct mi_link *link, struct mi_err *err);
/* Harmless when the link is not open. */
void mi_link_close(struct mi_link *link);

/* One try of something that may be done again from its start: a whole transaction, or statements
 * that look first whether they are still needed. The link is open. Returns 0, or -1 with err
 * filled. */
typedef int mi_link_step(void *user, struct mi_link *link, struct mi_err *err);

/* Opens the link if need be and runs step, until step succeeds or fails for good. MI_UNAVAILABLE
 * and MI_AGAIN are failures for a while: step is tried again until options->retry_seconds after the
 * first of them, or until somebody asks to stop. Between tries the transaction is rolled back, a
 * lost connection is opened again, and a time is waited that grows with each try and is partly
 * random. Returns -1 with the last try's error. */
MI_MUST int mi_link_run(struct mi_link *link, mi_link_step *step, void *user, struct mi_err *err);

#endif
