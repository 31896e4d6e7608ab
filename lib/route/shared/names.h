/* The router's modes and sides: their names, and where writes go in each mode. */
#ifndef MI_ROUTE_SHARED_NAMES_H
#define MI_ROUTE_SHARED_NAMES_H

#include "route/auth/users.h"

enum mi_route_mode {
	MI_MODE_SOURCE,  /* everything at the source */
	MI_MODE_REPLICA, /* reads at the target, the rest at the source */
	MI_MODE_PRIMARY, /* everything at the target; the source follows */
	MI_MODE_TARGET,  /* everything at the target; there is no source any more */
	MI_MODES
};

extern const char *const mi_route_mode_names[MI_MODES];
extern const char *const mi_route_side_names[MI_ROUTE_SIDES];

/* Where writes go in a mode. */
static inline enum mi_route_side mi_route_writer(enum mi_route_mode mode)
{
	return mode <= MI_MODE_REPLICA ? MI_ROUTE_SOURCE : MI_ROUTE_TARGET;
}

/* Why a read that could have gone to the target was answered by the source. */
enum mi_route_reason {
	MI_REASON_NONE,         /* the read went to the target */
	MI_REASON_BEHIND,       /* the target did not have yet what the read must see */
	MI_REASON_SILENT,       /* no follower speaks */
	MI_REASON_UNKNOWN,      /* it was not known what the read must see */
	MI_REASON_DOWN,         /* the target cannot be reached */
	MI_REASON_REFUSED,      /* the target could not answer the read */
	MI_REASON_NOT_IMPORTED, /* it names what is not imported, or is no plain view of what is */
	MI_REASON_PROGRAMS,     /* what the source's views and programs do is not known */
	MI_REASON_SESSION, /* the session holds state, or settings that the target does not know */
	MI_REASONS
};

#endif
