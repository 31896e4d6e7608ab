/* Where transactions begin and end in a log that is only looked through: for readers that decode no
 * rows. */
#ifndef MI_FOLLOW_BOUNDS_H
#define MI_FOLLOW_BOUNDS_H

#include "base/err.h"
#include "binlog/event.h"
#include "gtid/gtid.h"
#include "sql/logged.h"

#include <stdbool.h>

struct mi_bounds {
	struct mi_gtid_set *done; /* the caller's; the transactions that have been read whole */
	bool open;                /* the GTID event of a transaction has been seen */
	bool compound;            /* it is ended by COMMIT or its like, not by its only statement */
	struct mi_gtid gtid;      /* of that transaction */
};

/* A GTID event of either flavour: a transaction begins. MI_DATA: it has no GTID. */
MI_MUST int mi_bounds_begin(struct mi_bounds *bounds, const struct mi_event *event,
                            struct mi_err *err);

/* A QUERY event's statement. True: the transaction is over with it, and _end is to be called. */
bool mi_bounds_statement(struct mi_bounds *bounds, const struct mi_logged *statement);

/* The transaction is over: adds it to done. */
MI_MUST int mi_bounds_end(struct mi_bounds *bounds, struct mi_err *err);

#endif
