/* How loaded a server is, and how far a replica of it is behind: asked over connections of their
 * own, which are opened when a limit needs them. One thread uses them. */
#ifndef MI_THROTTLE_SIGNALS_H
#define MI_THROTTLE_SIGNALS_H

#include "base/err.h"
#include "server/conn.h"
#include "throttle/limits.h"

#include <stdbool.h>

struct mi_signals;

/* conn: the server's options, loaded, which must outlive the signals. is_source: nothing is
 * committed there by this tool, and it reads from a snapshot. */
struct mi_signals *mi_signals_new(const struct mi_conn_options *conn, bool is_source);
void mi_signals_free(struct mi_signals *signals); /* harmless on NULL */

/* What this tool itself knows. */
struct mi_signals_own {
	unsigned running; /* statements of its own that run on the server now */
	double commit_ms; /* how long its commits take of late; negative: there are none */
};

struct mi_reading {
	double load;   /* the greatest of value / limit; 0: there is no limit */
	char why[200]; /* its signal in words: "target's commits take 128 ms (limit 100)" */
};

/* Reads every signal that has a limit. Fails when one cannot be read, with its name in err's text;
 * the connection is opened again by the next call. */
MI_MUST int mi_signals_read(struct mi_signals *signals, const struct mi_limits *limits,
                            const struct mi_signals_own *own, struct mi_reading *reading,
                            struct mi_err *err);

#endif
