/* Records, the CSV lines inside frames, and their parser: it recognises each record and calls one
 * function of a table that its user gives. stream/write.h is the other end. mi-stream(5) is the
 * vocabulary's manual. */
#ifndef MI_STREAM_PARSE_H
#define MI_STREAM_PARSE_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/frame.h"
#include "stream/proof.h"
#include "table/table.h"

#include <stdint.h>

enum mi_stream_kind { MI_STREAM_SCHEMA, MI_STREAM_ROWS, MI_STREAM_EVENTS };

/* MI: what a stream is and where it comes from. A parser's strings are never NULL; "" when there is
 * nothing to say. */
struct mi_stream_header {
	uint64_t format; /* 1; set by the writer */
	enum mi_stream_kind kind;
	const char *features;  /* required of the reader, blank-separated */
	const char *tool;      /* "mi-dump 0.1"; set by the writer */
	const char *import_id; /* which import it belongs to; streams of one input must agree */
	const char *flavour;   /* "mysql" or "mariadb" */
	const char *version;   /* the server's */
	const char *server;    /* the server's identity: server_uuid, or MariaDB's server_id */
	/* ROWS: the snapshots show all of this GTID set; EVENTS: the events follow it; else "" */
	const char *low;
	/* ROWS: the snapshots show nothing outside of this GTID set; else "" */
	const char *high;
	/* when the stream was begun, microseconds since 1970 UTC; 0 for the writer: now */
	uint64_t time_us;
};

/* What of a session a definition may depend on. */
enum mi_ddl_setting {
	MI_SET_SQL_MODE,
	MI_SET_CLIENT,     /* character_set_client */
	MI_SET_CONNECTION, /* collation_connection */
	MI_SET_TIME_ZONE,
	MI_SET_TIMESTAMPS, /* explicit_defaults_for_timestamp: 0 or 1 */
	MI_SET_SERVER,     /* collation_server: a new database's */
	MI_SET_UTF8MB4,    /* default_collation_for_utf8mb4 */
	/* of statements of a log */
	MI_SET_COLLATIONS,   /* character_set_collations, of MariaDB */
	MI_SET_TIME,         /* timestamp: seconds since 1970 UTC, with a fraction */
	MI_SET_INCREMENT,    /* auto_increment_increment */
	MI_SET_OFFSET,       /* auto_increment_offset */
	MI_SET_FOREIGN_KEYS, /* foreign_key_checks: 0 or 1 */
	MI_SET_UNIQUE,       /* unique_checks: 0 */
	MI_SET_MONTHS,       /* lc_time_names */
	MI_SET_PRIMARY_KEY,  /* sql_require_primary_key: 0 or 1 */
	MI_SET_ENCRYPTION,   /* default_table_encryption: 1 */
	MI_SET_CONSTRAINTS,  /* check_constraint_checks: 0, of MariaDB */
	MI_SET_IF_EXISTS,    /* sql_if_exists: 1, of MariaDB */
	MI_DDL_SETTINGS,
	MI_DDL_FIRST_SETTINGS = MI_SET_TIME_ZONE, /* those that stand before the text in a record */
	MI_DDL_EVENT_SETTINGS =
	    MI_SET_COLLATIONS /* those that definitions in schema streams have */
};

static inline bool mi_ddl_setting_is_number(enum mi_ddl_setting setting)
{
	return setting == MI_SET_TIMESTAMPS || (setting >= MI_SET_TIME && setting != MI_SET_MONTHS);
}

/* DDL: one statement, or one clause of an ALTER TABLE. */
struct mi_ddl {
	const char *section; /* "pre" (before rows), "post" (after), "high" (after the high mark) */
	const char *kind;    /* database table index unique fulltext spatial foreign-key view
	                        routine trigger event sequence */
	const char *db;      /* default database while the statement runs; "" for none */
	const char *object;  /* the table, view, ... that the statement makes or alters */
	const char *name;    /* index, unique, fulltext, spatial, foreign-key: the key's name;
	                        statements of a log: what makes that it cannot be run as it stands,
	                        "" for nothing */
	const char *text;    /* a whole statement; for the kinds with a name: "ADD KEY ..." */
	/* by enum mi_ddl_setting (mi_ddl_setting_is_number: a number), to be set while the
	 * statement runs. NULL is the tools' own; "" is a value like others, which sql_mode often
	 * has */
	const char *settings[MI_DDL_SETTINGS];
};

/* CHUNK: rows of one table whose row key lies in (lo, hi]. Keys are written as chunk/range.h
 * says. A table whose key cannot bound a range travels in parts: lo and hi empty, part 1, 2, ... */
struct mi_chunk {
	uint64_t part;     /* 0: a key range; else the number of this piece of the table */
	const char *lo;    /* "" open: from the first row */
	const char *hi;    /* "" open: to the last row; parts: always "" */
	uint64_t rows;     /* how many rows follow; the writer counts them itself */
	const char *proof; /* text of the rows' proof (stream/proof.h). For the writer NULL, from a
	                      parser "": none */
};

/* One change of a row. Values are carried columns in order; data NULL is SQL NULL. */
struct mi_change {
	const struct mi_table *table;
	unsigned fk_flags;            /* enum mi_fk_flag */
	const struct mi_span *before; /* UPDATE, DELETE; else NULL */
	const struct mi_span *after;  /* INSERT, UPDATE; else NULL */
};

enum mi_fk_flag { MI_FK_SQL = 1, MI_FK_NO_CHECKS = 2 };

/* XA transactions. PREPARE ends a transaction in place of a COMMIT record; COMMIT and ROLLBACK
 * stand alone after BEGIN, and decide about what was prepared. */
enum mi_xa_step { MI_XA_PREPARE, MI_XA_COMMIT, MI_XA_ROLLBACK };

struct mi_totals {
	uint64_t tables;       /* TABLE records */
	uint64_t chunks, rows; /* CHUNK and R records */
	uint64_t transactions; /* COMMIT records, and XA records with step prepare */
	uint64_t changes;      /* I, U and D records */
};

/* A consumer's functions, one for each kind of record; chunk_end is called after a chunk's last
 * row. NULL means that the record does not belong in the consumer's input, and the parser fails
 * with MI_DATA; but header, chunk_end and end are only left out. All return 0, or -1 with err
 * filled, which ends the reading. Pointers are good during the call only, tables until the next
 * HEADER frame. */
struct mi_stream_ops {
	int (*header)(void *user, const struct mi_stream_header *header, struct mi_err *err);
	int (*table)(void *user, const struct mi_table *table, struct mi_err *err);
	int (*expect)(void *user, const char *db, const char *name, struct mi_err *err);
	int (*ddl)(void *user, const struct mi_ddl *ddl, struct mi_err *err);
	int (*chunk)(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
	             struct mi_err *err);
	/* values: mi_table_fields of the table */
	int (*row)(void *user, const struct mi_table *table, const struct mi_span *values,
	           struct mi_err *err);
	int (*chunk_end)(void *user, const struct mi_table *table, struct mi_err *err);
	int (*table_end)(void *user, const struct mi_table *table, uint64_t rows,
	                 struct mi_err *err);
	/* xa: it may end as a prepared one; else it cannot */
	int (*begin)(void *user, const char *gtid, uint64_t commit_us, bool xa, struct mi_err *err);
	int (*insert)(void *user, const struct mi_change *change, struct mi_err *err);
	int (*update)(void *user, const struct mi_change *change, struct mi_err *err);
	int (*remove)(void *user, const struct mi_change *change, struct mi_err *err);
	int (*commit)(void *user, struct mi_err *err);
	int (*abort)(void *user, struct mi_err *err);
	int (*xa)(void *user, enum mi_xa_step step, struct mi_span xid, struct mi_err *err);
	int (*statement)(void *user, const struct mi_ddl *ddl, struct mi_err *err); /* DDL event */
	int (*skip)(void *user, const char *gtid_set, struct mi_err *err);
	/* transactions that were passed undecoded, because a person said so; what: what is known
	 * of their changes, for people */
	int (*past)(void *user, const char *gtid_set, const char *what, struct mi_err *err);
	int (*heartbeat)(void *user, uint64_t time_us, struct mi_err *err);
	int (*end)(void *user, const struct mi_totals *totals, struct mi_err *err);
};

/* Functions for struct mi_stream_ops: the record belongs in the consumer's input, and what it says
 * is of no interest. They return 0. */
int mi_ignore_header(void *user, const struct mi_stream_header *header, struct mi_err *err);
int mi_ignore_table(void *user, const struct mi_table *table, struct mi_err *err);
int mi_ignore_expect(void *user, const char *db, const char *name, struct mi_err *err);
int mi_ignore_ddl(void *user, const struct mi_ddl *ddl, struct mi_err *err);
int mi_ignore_commit(void *user, struct mi_err *err);
int mi_ignore_heartbeat(void *user, uint64_t time_us, struct mi_err *err);
int mi_ignore_end(void *user, const struct mi_totals *totals, struct mi_err *err);

/* ---- Parsing ---- */

/* Parses the payloads of frames in order. One parser follows one run of frames: all frames of an
 * input, or those of one chunk, so that chunks can be parsed by several threads. One thread at a
 * time uses a parser.
 *
 * A parser of the whole input owns the tables that TABLE records define, and forgets them at the
 * next HEADER frame: no chunk parser may be at work on them then. */
struct mi_parser;
struct mi_parser *mi_parser_new(const struct mi_stream_ops *ops, void *user);
void mi_parser_free(struct mi_parser *parser); /* harmless on NULL */

/* Makes parser one of a single chunk of table, whose frames are fed next, from CHUNK_FIRST on; also
 * after a failure, to feed the chunk's frames again. table is borrowed. */
void mi_parser_begin_chunk(struct mi_parser *parser, const struct mi_table *table);

/* The table that frames and records call by this number, as TABLE records fed to this parser have
 * defined it; NULL: unknown. */
const struct mi_table *mi_parser_table(const struct mi_parser *parser, uint32_t id);

/* The proof of the rows of the chunk at hand, as far as they have been parsed. It is made of chunks
 * that come with one, which is compared at their end, and of all chunks after mi_parser_prove. */
const struct mi_proof *mi_parser_proof(const struct mi_parser *parser);
void mi_parser_prove(struct mi_parser *parser);

/* Parses one frame's payload. What is wrong with the stream is MI_DATA, naming frame and offset;
 * failures of ops functions are passed on as they are. After a failure the parser is good for
 * mi_parser_begin_chunk and mi_parser_free only. */
MI_MUST int mi_parser_feed(struct mi_parser *parser, const struct mi_frame *frame,
                           struct mi_span payload, struct mi_err *err);

/* Records counted since the last HEADER frame, to be compared with those of END. mi_parse_stream
 * compares them itself; for parsers that are fed otherwise it is their owner's duty. */
const struct mi_totals *mi_parser_totals(const struct mi_parser *parser);

/* Reads all streams from fd in one thread, and checks each one's totals: for mi-cat, and whatever
 * else does not need threads. Fails as mi_frame_next and mi_parser_feed do, and with MI_AGAIN once
 * mi_stop_asked(). */
MI_MUST int mi_parse_stream(int fd, const struct mi_stream_ops *ops, void *user,
                            struct mi_err *err);

#endif
