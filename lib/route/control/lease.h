/* Holds and modes: who may change the mode, and when.
 *
 * A hold is a lease. It is granted once no session is busy, with a token that nobody can guess and
 * that never lives again; it ends by its release, by its timer, by the change of mode that it was
 * for, or when its holder leaves; it dies with the process. A change that moves the writes counts
 * only while its lease is in force, by the monotonic clock, at that moment; a script that slept
 * past its bound is refused. The order of a change: mode file, sessions, answer, admission.
 *
 * All of it in the first loop's thread. */
#ifndef MI_ROUTE_CONTROL_LEASE_H
#define MI_ROUTE_CONTROL_LEASE_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_lease;

struct mi_lease_options {
	const char *mode_file;
	/* a transaction that has written and says nothing for so long fails a hold */
	uint64_t idle_ms;
	unsigned burst; /* of mi_route_release */
};

/* The route's mode and epoch are set already, from the mode file. */
struct mi_lease *mi_lease_new(struct mi_route *route, const struct mi_lease_options *options);
void mi_lease_free(struct mi_lease *lease); /* ends a hold; harmless on NULL */

enum mi_lease_news {
	MI_LEASE_GRANTED,
	MI_LEASE_STUCK, /* not granted: err says who is in the way; it is over */
	MI_LEASE_ENDED, /* err says why: MI_AGAIN its time is up, MI_OK it was released or used */
};

/* Tells the holder. May be called within the functions below. */
typedef void mi_lease_tell_fn(void *holder, enum mi_lease_news news, const struct mi_err *err);

/* Begins a hold of ms in all, draining included. evict: sessions that are idle with a write in
 * their transaction, and pinned ones, are ended instead of failing it. MI_AGAIN: there is another,
 * or a session is pinned. */
MI_MUST int mi_lease_begin(struct mi_lease *lease, uint64_t ms, bool evict, mi_lease_tell_fn *tell,
                           void *holder, struct mi_err *err);

/* The holder has gone. Harmless for anybody else. It is told nothing more. */
void mi_lease_leave(struct mi_lease *lease, const void *holder);

/* Ends the lease of that token. Also fine for the last one that a change of mode has used up.
 * MI_AGAIN: there is no such lease (any more). */
MI_MUST int mi_lease_release(struct mi_lease *lease, struct mi_span token, struct mi_err *err);

/* Changes the mode. An empty token will do when the writes stay where they are, while no lease is
 * in force. Mode target is final. MI_AGAIN: the lease is not in force; MI_USAGE: the change is not
 * allowed; MI_IO: the file could not be written, and nothing was changed. On success the caller
 * answers, then calls mi_lease_admit, which ends the lease and lets the clients in. */
MI_MUST int mi_lease_mode(struct mi_lease *lease, enum mi_route_mode mode, struct mi_span token,
                          struct mi_err *err);
void mi_lease_admit(struct mi_lease *lease);

/* For status: "-" when there is none in force. */
const char *mi_lease_token(const struct mi_lease *lease);

struct mi_lease_counters {
	uint64_t holds, granted, stuck, expired, changes;
	uint64_t held_ms; /* all in all, draining included */
	uint64_t last_ms; /* the last one */
};
void mi_lease_counters(const struct mi_lease *lease, struct mi_lease_counters *counters);

/* The pinned and the busy sessions, for people: appends "pinned ID USER@PEER MS WHY" and the like,
 * a line each, up to max lines. Returns how many there are. */
unsigned mi_lease_obstacles(struct mi_route *route, bool busy, bool pinned, unsigned max,
                            struct mi_buf *text);

#endif
