/* Keeps a tool's work from being too much for the server: a thread looks at how loaded that is and
 * at a file with the limits (mi-throttle(5)), which may change at any time, and the tool's threads
 * ask before each unit of work. Where a throttle is taken, NULL is one that never holds anything
 * up. */
#ifndef MI_THROTTLE_THROTTLE_H
#define MI_THROTTLE_THROTTLE_H

#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_throttle;

struct mi_throttle_options {
	const char *file;  /* --throttle, or NULL; the file may be absent, and come */
	uint64_t max_rate; /* --max-rate, bytes a second; 0: as the file says */
	const char *side;  /* "source" or "target": whose lines apply */
	const struct mi_conn_options *conn; /* of that server, loaded; must outlive the throttle */
};

/* Rows for a tool's option table; o is a struct mi_throttle_options *. */
/* clang-format off */
#define MI_THROTTLE_OPT_ROWS(o) \
	MI_TEXT(0, "throttle", "FILE", &(o)->file, \
	        "limits of the server's load, read again when FILE changes"), \
	MI_SIZE(0, "max-rate", "SIZE", &(o)->max_rate, 1, 0, NULL, \
	        "bytes of rows a second, at most")
/* clang-format on */

/* Starts the thread; *throttle is NULL when the options ask for nothing. A file with a bad line is
 * no failure: nothing goes on until it is mended. */
MI_MUST int mi_throttle_start(struct mi_throttle **throttle,
                              const struct mi_throttle_options *options, struct mi_err *err);
void mi_throttle_stop(struct mi_throttle *throttle); /* harmless on NULL */

/* One per thread that works; {0} at the beginning. */
struct mi_turn {
	uint64_t began_us, ended_us, worked_us;
	bool is_at_work;
};

/* Waits a tenth of a second at most. True: a unit of work may begin, which mi_throttle_done ends.
 * False: ask again, after a look at whether somebody wants to stop. */
MI_MUST bool mi_throttle_ready(struct mi_throttle *throttle, struct mi_turn *turn);
/* True in a pause that is not over in a moment: the file has ordered it, nothing is seen, or the
 * load is above a limit for some seconds already. Who waits then lets go of what others may wait
 * for. */
MI_MUST bool mi_throttle_pause_lasts(struct mi_throttle *throttle);
/* bytes: of rows, that the unit has moved; they count against the rate. */
void mi_throttle_done(struct mi_throttle *throttle, struct mi_turn *turn, uint64_t bytes);
/* A COMMIT of the tool took so long. */
void mi_throttle_commit(struct mi_throttle *throttle, uint64_t us);

/* For struct mi_progress_extra, user being the throttle: what holds the work up, "paused: target's
 * commits take 128 ms (limit 100)", or nothing; and the metrics. */
void mi_throttle_words(void *user, struct mi_buf *out);
void mi_throttle_metrics(void *user, struct mi_buf *out);

#endif
