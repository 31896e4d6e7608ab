/* How many of a tool's threads work, with --threads=auto: found by what the tool waits for. One
 * that waits for its pipe most of the time has too many; one that never does is what the rest waits
 * for, and gets one more as long as that makes it faster. */
#ifndef MI_THROTTLE_CREW_H
#define MI_THROTTLE_CREW_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The decision, a pure function: what it remembers, and the next number of threads, 1 to max. rate:
 * of work done, in any unit; waited: the part of the time that was spent waiting for the other end
 * of the pipe, 0 to 1. */
struct mi_crew_state {
	size_t count;       /* of threads that work */
	bool grew;          /* by the last decision, */
	double rate_before; /* from this rate */
	unsigned hold; /* decisions that are still to be let pass after one more did not help */
};
size_t mi_crew_next(struct mi_crew_state *state, size_t max, double rate, double waited);

/* --threads: a number from 1 to max, or "auto", which sets *is_auto and *threads to auto_max. */
MI_MUST bool mi_crew_parse(const char *text, uint64_t max, uint64_t auto_max, uint64_t *threads,
                           bool *is_auto);

/* The threads. Where a crew is taken, NULL is one in which everybody works. */
struct mi_crew;

/* in_turns: members wait for the pipe one after another, not each for itself. */
struct mi_crew *mi_crew_new(size_t max, bool in_turns);
void mi_crew_free(struct mi_crew *crew); /* harmless on NULL */

/* Waits a tenth of a second at most. True: thread number `index` (0, 1, ...) may take work. */
MI_MUST bool mi_crew_may_work(struct mi_crew *crew, size_t index);

/* A member has done a piece of work, and waited for so long since it was last counted. */
void mi_crew_count(struct mi_crew *crew, uint64_t bytes, uint64_t waited_us);

/* There is no more work: threads that do not work should end. */
void mi_crew_close(struct mi_crew *crew);
MI_MUST bool mi_crew_is_closed(struct mi_crew *crew); /* false on NULL */

#endif
