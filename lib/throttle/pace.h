/* How fast work may go, decided from how loaded a server is: pure functions, see throttle.h for
 * what uses them. */
#ifndef MI_THROTTLE_PACE_H
#define MI_THROTTLE_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* A pace is a number of sixty-fourths: of so much of the time work is done, else rested. 0 is a
 * pause. Where there are limits, work begins with a quarter of the full pace. */
enum { MI_PACE_FULL = 64, MI_PACE_FIRST = MI_PACE_FULL / 4 };

/* The three zones of a load, and the lack of one. */
enum mi_zone {
	MI_ZONE_GO,    /* well below the limit: one step faster */
	MI_ZONE_SLOW,  /* near it: one step slower, but never a pause; after a pause, the slowest
	                  pace */
	MI_ZONE_PAUSE, /* at the limit or above: half the pace, and after some halves a pause */
	MI_ZONE_BLIND, /* not known: the pace stays, and after a while there is a pause */
};

/* load: the greatest of the signals' values, each divided by its limit. */
enum mi_zone mi_pace_zone(double load);

/* The pace after `pace`. patience_over: it has been blind for too long. */
unsigned mi_pace_next(unsigned pace, enum mi_zone zone, bool patience_over);

/* How long to rest after so much work, in the same unit; UINT64_MAX in a pause. */
uint64_t mi_pace_rest(unsigned pace, uint64_t worked);

#endif
