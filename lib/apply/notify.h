/* Tells a router what has been committed on the target: lines over a Unix socket at which the
 * router listens.
 *
 *   flow NAME epoch N   begins each connection
 *   database NAME       next: where the flow's row is kept, which is a database that it carries
 *   all SET             next: all transactions that have been applied
 *   add SET             after each COMMIT that has returned: what the COMMIT added
 *   beat LAG_MS         at least every 200 ms
 *
 * Sending never waits and never fails: a socket that is full or broken is closed, and connected
 * again from time to time, beginning with `flow` and `all`. Functions take NULL for notify and then
 * do nothing. */
#ifndef MI_APPLY_NOTIFY_H
#define MI_APPLY_NOTIFY_H

#include "base/err.h"
#include "gtid/gtid.h"

#include <stdint.h>

struct mi_notify;

struct mi_notify_options {
	const char *path;               /* of the router's socket */
	uint64_t (*lag_ms)(void *user); /* for `beat`; called from a thread of notify's */
	void *user;
};

/* Starts the thread that connects and sends `beat`. MI_USAGE when path is too long for a socket.
 * options is copied. */
MI_MUST int mi_notify_start(struct mi_notify **notify, const struct mi_notify_options *options,
                            struct mi_err *err);

/* Says that this flow, of this epoch, whose row is in database, has applied all of set; nothing is
 * sent before the first call. Called again when the position has been read anew. */
void mi_notify_begin(struct mi_notify *notify, const char *flow, const char *database,
                     uint64_t epoch, const struct mi_gtid_set *set);

/* Says what a COMMIT that has returned added, or transactions of which nothing was to be
 * applied. */
void mi_notify_add(struct mi_notify *notify, const struct mi_gtid_set *more);

/* Ends the thread, closes the connection and frees notify. */
void mi_notify_stop(struct mi_notify *notify);

#endif
