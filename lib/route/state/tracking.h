/* The session trackers that the client has, by its login and its own SETs. The router needs more of
 * them at the writer than that, and sets them there; of what the server then tells, the client is
 * shown what its own trackers would have told. */
#ifndef MI_ROUTE_STATE_TRACKING_H
#define MI_ROUTE_STATE_TRACKING_H

#include "base/buf.h"
#include "protocol/reply.h"

#include <stdbool.h>

/* {0}: none is on. */
struct mi_tracking {
	bool mysql; /* the server is MySQL's: what its trackers tell differs a little */
	bool schema, state_change;
	bool transaction;        /* session_track_transaction_info: STATE or CHARACTERISTICS */
	bool characteristics;    /* ... CHARACTERISTICS */
	bool gtids, all_gtids;   /* session_track_gtids: not OFF; ALL_GTIDS */
	struct mi_buf variables; /* session_track_system_variables: as the server has it */
	bool known; /* the server was asked: from then on it has the router's trackers, too */
	bool in_transaction; /* the client was told that it has begun one, although it has no
	                        tracker of transactions */
};

/* True: name is a session tracker, and value is what the client has set it to. */
bool mi_tracking_told(struct mi_tracking *tracking, struct mi_span name, struct mi_span value);
/* True: name is a session tracker, and the server has answered that it is value: what the login has
 * left it at, or, once all are known, what the router has set unless it is another value. */
bool mi_tracking_answered(struct mi_tracking *tracking, struct mi_span name, struct mi_span value);

/* Would the client have been told this change? To be asked once for each, in their order. */
bool mi_tracking_shows(struct mi_tracking *tracking, const struct mi_track *track);

/* The session was reset, or ends. */
void mi_tracking_forget(struct mi_tracking *tracking);

#endif
