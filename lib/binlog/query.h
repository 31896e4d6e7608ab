/* QUERY events: BEGIN, COMMIT, DDL, XA, and statements that were not logged as rows. */
#ifndef MI_BINLOG_QUERY_H
#define MI_BINLOG_QUERY_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>
#include <stdint.h>

/* flags2, a part of the session's options: "Query_event" in the MySQL source documentation. */
enum mi_query_option {
	MI_QUERY_NO_FOREIGN_KEY_CHECKS = 1 << 26,
	MI_QUERY_RELAXED_UNIQUE_CHECKS = 1 << 27,
};

struct mi_event_query {
	uint32_t thread;     /* connection id */
	unsigned error;      /* with which it ended on the source; 0 */
	struct mi_span db;   /* default database; len 0: none */
	struct mi_span text; /* in the event, or in the scratch buffer when it was compressed */
	/* Status variables: what it ran under. */
	bool has_options, has_sql_mode, has_charset;
	uint32_t options; /* enum mi_query_option and others */
	uint64_t sql_mode;
	unsigned client, connection, server; /* collation ids: character_set_client,
	                                        collation_connection, collation_server */
	struct mi_span time_zone;            /* len 0: not said */
	bool many_dbs;                       /* it changes more databases than are named */
	unsigned db_count;                   /* databases that it changes, as far as named: */
	struct mi_span dbs;                  /* their names, each ended by a NUL */
	int unknown; /* the first status variable that this program does not know; -1 */
};

/* scratch: for a compressed text; replaced. The spans live as long as event and scratch. */
MI_MUST int mi_event_query(const struct mi_event *event, struct mi_buf *scratch,
                           struct mi_event_query *query, struct mi_err *err);

/* The next name of query->dbs: *rest starts as that span. False at its end. */
bool mi_event_query_db(struct mi_span *rest, struct mi_span *name);

#endif
