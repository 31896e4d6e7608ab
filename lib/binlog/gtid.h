/* The events that number transactions. */
#ifndef MI_BINLOG_GTID_H
#define MI_BINLOG_GTID_H

#include "base/err.h"
#include "binlog/event.h"
#include "gtid/gtid.h"

#include <stdbool.h>
#include <stdint.h>

/* MariaDB's flags, "GTID_EVENT" in its documentation. */
enum mi_gtid_flag {
	MI_GTID_STANDALONE = 1,    /* one statement follows, and no COMMIT */
	MI_GTID_TRANSACTIONAL = 4, /* it can be rolled back */
	MI_GTID_DDL = 32,
	MI_GTID_PREPARED_XA = 64,   /* ends with XA_PREPARE */
	MI_GTID_COMPLETED_XA = 128, /* XA COMMIT or ROLLBACK of what was prepared before */
};

enum mi_gtid_extra {
	MI_GTID_START_ALTER = 2, /* an ALTER TABLE that goes on while others commit */
	MI_GTID_COMMIT_ALTER = 4,
	MI_GTID_ROLLBACK_ALTER = 8,
};

struct mi_event_gtid {
	struct mi_gtid gtid; /* family NONE: ANONYMOUS_GTID */
	uint64_t commit_us;  /* when our source committed it, microseconds since 1970 UTC */
	uint64_t length;     /* of the whole transaction, this event included; 0: not said */
	bool statements;     /* MySQL: it may have been logged in statement format */
	unsigned flags;      /* MariaDB: enum mi_gtid_flag */
	unsigned extra;      /* MariaDB: enum mi_gtid_extra */
	struct mi_xid xid;   /* MariaDB, with PREPARED_XA or COMPLETED_XA */
};

/* GTID, ANONYMOUS_GTID, GTID_TAGGED and MariaDB's GTID. */
MI_MUST int mi_event_gtid(const struct mi_event *event, struct mi_event_gtid *gtid,
                          struct mi_err *err);

/* PREVIOUS_GTIDS and GTID_LIST: what all files before this one hold. *set is new on success. A
 * GTID_LIST may name a domain more than once, with several servers: the greatest seq counts. */
MI_MUST int mi_event_gtid_set(const struct mi_event *event, struct mi_gtid_set **set,
                              struct mi_err *err);

#endif
