/* Modes and holds, as the sessions see them. The lease, the mode file and the control socket are in
 * files of their own and call these. All of it is called in the first loop's thread. */
#ifndef MI_ROUTE_SESSION_GATE_H
#define MI_ROUTE_SESSION_GATE_H

#include "route/auth/users.h"
#include "route/net/loop.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdint.h>

/* From now on new writes and transactions wait. drained is called, in the first loop, once no
 * session is busy (perhaps within this call), and once at most until mi_route_release. */
void mi_route_hold(struct mi_route *route, void (*drained)(void *arg), void *arg);

/* The task of the first loop's mi_loop_on_wake. */
void mi_route_woken(struct mi_task *task);

/* Ends the hold: those who wait go on, in the order in which they came, burst of them per
 * millisecond. */
void mi_route_release(struct mi_route *route, unsigned burst);

/* Sets mode and epoch. The writer changes only in a hold that has drained; every session notices at
 * its next command. The mode file was written before. */
void mi_route_set_mode(struct mi_route *route, enum mi_route_mode mode, uint64_t epoch);

/* Busy and pinned sessions: totals. */
struct mi_route_tally {
	unsigned sessions, busy, pinned, waiting;
};
void mi_route_tally(struct mi_route *route, struct mi_route_tally *tally);

/* Begins to open, for every session, the back-end session at side, as long as fewer than at_once
 * are being opened. Call again (each few milliseconds) until none is to come. */
struct mi_route_warmth {
	unsigned warm, to_come, failed;
};
void mi_route_warm(struct mi_route *route, enum mi_route_side side, unsigned at_once,
                   struct mi_route_warmth *warmth);

/* Ends busy-idle and pinned sessions: transactions are rolled back and their client gets 1213 at
 * its next statement; pinned ones get 1927 and are closed. Returns how many. */
unsigned mi_route_evict(struct mi_route *route);

/* Closes every back-end session of a side on which no command runs. */
void mi_route_close_side(struct mi_route *route, enum mi_route_side side);

#endif
