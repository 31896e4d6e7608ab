/* What a throttle file says, see mi-throttle(5): the limits of one side's server. */
#ifndef MI_THROTTLE_LIMITS_H
#define MI_THROTTLE_LIMITS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* 0 is no limit. */
struct mi_limits {
	bool pause;               /* until the file says otherwise */
	uint64_t max_rate;        /* bytes a second */
	double running, per_core; /* statements of others that run, in all and for each core */
	double commit_ms;         /* how long a commit takes */
	double history;           /* InnoDB's history list */
	double replica_lag;       /* seconds, of the server of group [client_REPLICA] */
	char replica[65];
	double blind_seconds; /* without a signal, until there is a pause */
};

/* Parses a file's text. Lines that begin with the other side's name ("source." or "target.") are
 * checked and left out; those without a side are for both. MI_DATA, with the line's number: a line
 * that is not understood; *limits is then unchanged. */
MI_MUST int mi_limits_parse(struct mi_span text, const char *side, struct mi_limits *limits,
                            struct mi_err *err);

/* Is there a limit that asks for a look at a server? */
bool mi_limits_need_signals(const struct mi_limits *limits);

#endif
