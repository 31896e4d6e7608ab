/* QUERY events: BEGIN, COMMIT, DDL, XA, and statements that were not logged as rows. */
#ifndef MI_BINLOG_QUERY_H
#define MI_BINLOG_QUERY_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>
#include <stdint.h>

/* flags2, a part of the session's options: "Query_event" in the MySQL source documentation; those
 * of MariaDB as its logs have them. */
enum mi_query_option {
	MI_QUERY_NO_CHECK_CONSTRAINTS = 1 << 15, /* MariaDB */
	MI_QUERY_EXPLICIT_TIMESTAMPS = 1 << 24,  /* MariaDB, from 10.8.4 */
	MI_QUERY_NO_FOREIGN_KEY_CHECKS = 1 << 26,
	MI_QUERY_RELAXED_UNIQUE_CHECKS = 1 << 27,
	MI_QUERY_IF_EXISTS = 1 << 28, /* MariaDB: sql_if_exists */
};

struct mi_event_query {
	uint32_t time;       /* when it began, seconds since 1970 UTC */
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
	unsigned utf8mb4; /* collation id: default_collation_for_utf8mb4; 0: not said */
	/* MariaDB: character_set_collations, pairs of collation ids of 2 bytes each: one of the
	 * character set, and what is its default; len 0: not said */
	struct mi_span collations;
	unsigned microseconds; /* of its time, behind the event's second */
	unsigned increment,
	    offset;      /* auto_increment_increment and _offset; 0: not said, which is 1 */
	unsigned months; /* lc_time_names, as its number; 0: en_US */
	bool has_primary_key, primary_key; /* sql_require_primary_key, of MySQL */
	bool encrypts;                     /* default_table_encryption, of MySQL */
	bool many_dbs;      /* the statement changes more databases than the event can name */
	unsigned db_count;  /* how many changed databases are named, in dbs */
	struct mi_span dbs; /* names of changed databases, each ended by a NUL */
	/* code of the first status variable that this program does not know; those after it are not
	 * read. -1: it knows all of them */
	int unknown;
};

/* What the event has and is not given here: sql_auto_is_null, autocommit, the catalog,
 * collation_database (which LOAD DATA alone asks), who the invoker was (a definer stands in the
 * text).
 *
 * Reads a QUERY or QUERY_COMPRESSED event. scratch takes the text of a compressed one, replacing
 * what was there. The spans are good as long as event and scratch. */
MI_MUST int mi_event_query(const struct mi_event *event, struct mi_buf *scratch,
                           struct mi_event_query *query, struct mi_err *err);

/* Takes the next name off *rest, which begins as query->dbs. False: there are no more. */
bool mi_event_query_db(struct mi_span *rest, struct mi_span *name);

#endif
