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
	MI_QUERY_EXPLICIT_TIMESTAMPS = 1 << 24, /* MariaDB, from 10.8.4 */
	MI_QUERY_NO_FOREIGN_KEY_CHECKS = 1 << 26,
	MI_QUERY_RELAXED_UNIQUE_CHECKS = 1 << 27,
};

struct mi_event_query {
	uint32_t thread;     /* connection id */
	unsigned error;      /* number of the error with which the statement ended; 0: none */
	struct mi_span db;   /* default database; len 0: none */
	struct mi_span text; /* in the event, or in the scratch buffer when it was compressed */
	/* Status variables: what the statement ran under. */
	bool has_options, has_sql_mode, has_charset, has_timestamps;
	uint32_t options; /* enum mi_query_option and others */
	uint64_t sql_mode;
	unsigned client, connection, server; /* collation ids: character_set_client,
	                                        collation_connection, collation_server */
	struct mi_span time_zone;            /* len 0: not said */
	bool timestamps;                     /* explicit_defaults_for_timestamp, of MySQL alone */
	unsigned utf8mb4;   /* collation id: default_collation_for_utf8mb4; 0: not said */
	bool many_dbs;      /* the statement changes more databases than the event can name */
	unsigned db_count;  /* how many changed databases are named, in dbs */
	struct mi_span dbs; /* names of changed databases, each ended by a NUL */
	/* code of the first status variable that this program does not know; those after it are not
	 * read. -1: it knows all of them */
	int unknown;
};

/* Reads a QUERY or QUERY_COMPRESSED event. scratch takes the text of a compressed one, replacing
 * what was there. The spans are good as long as event and scratch. */
MI_MUST int mi_event_query(const struct mi_event *event, struct mi_buf *scratch,
                           struct mi_event_query *query, struct mi_err *err);

/* Takes the next name off *rest, which begins as query->dbs. False: there are no more. */
bool mi_event_query_db(struct mi_span *rest, struct mi_span *name);

#endif
