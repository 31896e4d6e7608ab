/* Tells a router what has been committed: lines over a Unix socket that the router listens at.
 *
 *   flow NAME epoch N   begins each connection
 *   all SET             follows it: all that has been applied
 *   add SET             after each COMMIT that has returned: what it added
 *   beat LAG_MS         at least every 200 ms
 *
 * It never waits and never fails: a socket that is full or gone is closed and connected again from
 * time to time, beginning with `flow` and `all`. */
#ifndef MI_APPLY_NOTIFY_H
#define MI_APPLY_NOTIFY_H

#include "base/err.h"
#include "gtid/gtid.h"

#include <stdint.h>

struct mi_notify;

struct mi_notify_options {
	const char *path;
	uint64_t (*lag_ms)(void *user); /* from a thread of its own */
	void *user;
};

/* MI_USAGE when path is too long for a socket's. */
MI_MUST int mi_notify_start(struct mi_notify **notify, const struct mi_notify_options *options,
                            struct mi_err *err);

/* From now on it may speak: this flow, of this epoch, has applied all of set. Again when that has
 * been read anew. NULL notify: nothing happens, as in the others. */
void mi_notify_begin(struct mi_notify *notify, const char *flow, uint64_t epoch,
                     const struct mi_gtid_set *set);

/* What a COMMIT that has returned added, or what needed none. */
void mi_notify_add(struct mi_notify *notify, const struct mi_gtid_set *more);

void mi_notify_stop(struct mi_notify *notify);

#endif
