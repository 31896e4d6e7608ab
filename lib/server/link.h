/* A connection to the server that is written to, which may break and be opened again. */
#ifndef MI_SERVER_LINK_H
#define MI_SERVER_LINK_H

#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_link_options {
	const struct mi_conn_options *conn;
	bool no_binlog;         /* sql_log_bin = 0 in every session */
	uint64_t retry_seconds; /* how long transient errors of one step are met with another try */
};

/* One per thread. {.options = ...} is a link that is not open yet. */
struct mi_link {
	const struct mi_link_options *options; /* the caller's */
	struct mi_conn conn;
	bool is_open, was_open;
	uint64_t opened; /* how many times it has been */
	uint64_t random; /* state for jitter */
};

/* Opens it, once, without a second try. Harmless when it is open. What worked before with the same
 * settings and fails now is MI_UNAVAILABLE, also when it looks like a wrong setting: a server that
 * is going down or coming up breaks off logins at any point. */
MI_MUST int mi_link_open(struct mi_link *link, struct mi_err *err);
void mi_link_close(struct mi_link *link);

/* One try of something that may be done again from its start: a whole transaction, or a statement
 * that looks first whether it is still needed. */
typedef int mi_link_step(void *user, struct mi_link *link, struct mi_err *err);

/* Runs step until it succeeds, fails for good, or transient failures (MI_UNAVAILABLE, MI_AGAIN)
 * have lasted for options->retry_seconds or somebody asked to stop. Between tries it rolls back,
 * opens the connection again if it was lost, and waits: longer each time, with jitter. */
MI_MUST int mi_link_run(struct mi_link *link, mi_link_step *step, void *user, struct mi_err *err);

#endif
