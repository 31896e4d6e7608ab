/* The events that give transactions their GTIDs, and those that list the GTIDs of earlier files. */
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
	MI_GTID_TRANSACTIONAL = 4, /* the transaction can be rolled back */
	MI_GTID_DDL = 32,
	MI_GTID_PREPARED_XA = 64,   /* the transaction ends with XA_PREPARE */
	MI_GTID_COMPLETED_XA = 128, /* XA COMMIT or ROLLBACK of one that was prepared before */
};

/* MariaDB's extra flags, in a byte behind the others. */
enum mi_gtid_extra {
	MI_GTID_START_ALTER = 2, /* an ALTER TABLE that goes on while other transactions commit */
	MI_GTID_COMMIT_ALTER = 4,
	MI_GTID_ROLLBACK_ALTER = 8,
};

struct mi_event_gtid {
	struct mi_gtid gtid; /* family NONE: ANONYMOUS_GTID */
	/* when this server committed the transaction, microseconds since 1970 UTC; where the event
	 * does not say that, its own time, in whole seconds */
	uint64_t commit_us;
	uint64_t length;   /* bytes of the transaction, this event included; 0: not said */
	bool statements;   /* MySQL: it may have been logged in statement format */
	unsigned flags;    /* MariaDB: enum mi_gtid_flag */
	unsigned extra;    /* MariaDB: enum mi_gtid_extra */
	struct mi_xid xid; /* MariaDB, with PREPARED_XA or COMPLETED_XA */
};

/* Reads a GTID, ANONYMOUS_GTID, GTID_TAGGED or MariaDB's GTID event. MI_DATA: a GTID_TAGGED of a
 * newer format. */
MI_MUST int mi_event_gtid(const struct mi_event *event, struct mi_event_gtid *gtid,
                          struct mi_err *err);

/* Reads a PREVIOUS_GTIDS or GTID_LIST event: the GTIDs of all files before this one. *set is new on
 * success. A GTID_LIST may name a domain more than once, with several servers; the greatest seq
 * counts then. */
MI_MUST int mi_event_gtid_set(const struct mi_event *event, struct mi_gtid_set **set,
                              struct mi_err *err);

#endif
