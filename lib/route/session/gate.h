/* What modes and holds do to the sessions; route/control decides when. All functions are called in
 * the first loop's thread. */
#ifndef MI_ROUTE_SESSION_GATE_H
#define MI_ROUTE_SESSION_GATE_H

#include "route/auth/users.h"
#include "route/net/loop.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdint.h>

/* Begins a hold: from now on new writes and transactions wait. drained is called in the first loop
 * as soon as no session is busy, perhaps within this call, and only once for each call of this
 * function. */
void mi_route_hold(struct mi_route *route, void (*drained)(void *arg), void *arg);

/* The task that the first loop runs when it is woken (mi_loop_on_wake): looks whether a hold has
 * drained. */
void mi_route_woken(struct mi_task *task);

/* Ends the hold: sessions that wait go on, burst of them per millisecond (0: all at once), loop by
 * loop and in each the newest connection first. Harmless without a hold. */
void mi_route_release(struct mi_route *route, unsigned burst);

/* Sets mode and epoch; every session sees them at its next command. The caller has written the mode
 * file before, and changes the writer only in a hold that has drained. */
void mi_route_set_mode(struct mi_route *route, enum mi_route_mode mode, uint64_t epoch);

/* How many sessions there are; how many of them are busy, pinned, and waiting for the hold. */
struct mi_route_tally {
	unsigned sessions, busy, pinned, waiting;
};
void mi_route_tally(struct mi_route *route, struct mi_route_tally *tally);

/* For every READY session begins to open and prepare its back end at side, as long as fewer than
 * at_once are on the way. Fills in how many back ends are open, still to come, and could not be
 * opened. Call again every few milliseconds until none is to come. */
struct mi_route_warmth {
	unsigned warm, to_come, failed;
};
void mi_route_warm(struct mi_route *route, enum mi_route_side side, unsigned at_once,
                   struct mi_route_warmth *warmth);

/* For READY sessions between two commands: a pinned one gets error 1927 and is closed; the
 * transaction of one that has written is rolled back, and its client gets 1213 at the next
 * statement. Returns how many sessions that were. */
unsigned mi_route_evict(struct mi_route *route);

/* Closes every back end at side on which no client's command runs. */
void mi_route_close_side(struct mi_route *route, enum mi_route_side side);

#endif
