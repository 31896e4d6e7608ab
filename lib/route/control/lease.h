/* Holds and modes: who may change the mode, and when.
 *
 * A hold is a lease. It is granted once no session is busy or pinned, with a token that nobody can
 * guess and that is never used again. It ends by its release, by its timer, by the change of mode
 * for which it was taken, when its holder leaves, or with the process. A change of mode that moves
 * the writes is allowed only while its lease is in force, by the monotonic clock, at that moment: a
 * script that slept past the lease's end is refused. The order of a change: mode file, sessions,
 * answer, admission of the waiting clients.
 *
 * All functions are called in the first loop's thread. */
#ifndef MI_ROUTE_CONTROL_LEASE_H
#define MI_ROUTE_CONTROL_LEASE_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/state.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_lease;

struct mi_lease_options {
	const char *mode_file;
	/* a hold fails when a transaction that has written is idle for longer than this */
	uint64_t idle_ms;
	unsigned burst; /* sessions per millisecond, for mi_route_release */
};

/* route's mode and epoch are set already, from the mode file. options' text is the caller's, until
 * the lease is freed. */
struct mi_lease *mi_lease_new(struct mi_route *route, const struct mi_lease_options *options);
void mi_lease_free(struct mi_lease *lease); /* ends a hold; harmless on NULL */

enum mi_lease_news {
	MI_LEASE_GRANTED,
	MI_LEASE_STUCK, /* not granted, and over: err says which sessions are in the way */
	/* err's code says why: MI_AGAIN its time is up, MI_OK it was released or used */
	MI_LEASE_ENDED,
};

/* Tells the holder. May be called within the functions below. err is NULL for MI_LEASE_GRANTED. */
typedef void mi_lease_tell_fn(void *holder, enum mi_lease_news news, const struct mi_err *err);

/* Begins a hold of ms in all, draining included. holder is only a name, which tell is given. evict:
 * pinned sessions, and idle ones whose transaction has written, are ended (mi_route_evict) instead
 * of failing the hold. MI_AGAIN: there is another hold, or a session is pinned. */
MI_MUST int mi_lease_begin(struct mi_lease *lease, uint64_t ms, bool evict, mi_lease_tell_fn *tell,
                           void *holder, struct mi_err *err);

/* holder has gone: ends the hold, if it is holder's, without calling tell. */
void mi_lease_leave(struct mi_lease *lease, const void *holder);

/* Ends the lease with that token; succeeds, too, for the last token that a change of mode has used
 * up. MI_AGAIN: no such lease is in force. */
MI_MUST int mi_lease_release(struct mi_lease *lease, struct mi_span token, struct mi_err *err);

/* Changes the mode. An empty token will do when the writes stay where they are and there is no
 * hold. Mode target is final. Succeeds when the router is in the mode already, by the last used
 * token or none. MI_AGAIN: the lease is not in force, or another hold is; MI_USAGE: the change is
 * not allowed; MI_IO: the mode file could not be written, and nothing was changed. On success the
 * caller answers, then calls mi_lease_admit, which ends the lease that was used and lets the
 * waiting clients go on. */
MI_MUST int mi_lease_mode(struct mi_lease *lease, enum mi_route_mode mode, struct mi_span token,
                          struct mi_err *err);
void mi_lease_admit(struct mi_lease *lease);

/* The token of the lease in force, for status; "-": there is none. */
const char *mi_lease_token(const struct mi_lease *lease);

struct mi_lease_counters {
	uint64_t holds, granted, stuck, expired, changes;
	uint64_t held_ms; /* the time of all holds, draining included */
	uint64_t last_ms; /* the time of the last hold */
};
void mi_lease_counters(const struct mi_lease *lease, struct mi_lease_counters *counters);

/* Appends the sessions of a load (pinned or busy) to be read by people: a line each, such as
 * "pinned ID USER@PEER MS WHY", up to max lines. Returns how many sessions there are in all. */
unsigned mi_lease_obstacles(struct mi_route *route, enum mi_session_load who, unsigned max,
                            struct mi_buf *text);

#endif
