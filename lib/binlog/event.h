/* Binary log events: the common header, the checksum, and the bodies of the small events. Events
 * are whole and in memory; binlog/reader.h makes them of packets, and of compressed transactions.
 *
 * Facts: "Binlog Event" and the classes of namespace mysql::binlog::event in the MySQL source
 * documentation; "Replication Protocol" in the MariaDB documentation.
 *
 * Bytes that break these formats are MI_PROTOCOL, a wrong checksum is MI_DATA. */
#ifndef MI_BINLOG_EVENT_H
#define MI_BINLOG_EVENT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_event_type {
	MI_EVENT_QUERY = 2,
	MI_EVENT_STOP = 3,
	MI_EVENT_ROTATE = 4,
	MI_EVENT_INTVAR = 5,
	MI_EVENT_APPEND_BLOCK = 9,
	MI_EVENT_DELETE_FILE = 11,
	MI_EVENT_RAND = 13,
	MI_EVENT_USER_VAR = 14,
	MI_EVENT_FORMAT = 15, /* FORMAT_DESCRIPTION */
	MI_EVENT_XID = 16,
	MI_EVENT_BEGIN_LOAD = 17,
	MI_EVENT_EXECUTE_LOAD = 18,
	MI_EVENT_TABLE_MAP = 19,
	MI_EVENT_WRITE_ROWS_V1 = 23,
	MI_EVENT_UPDATE_ROWS_V1 = 24,
	MI_EVENT_DELETE_ROWS_V1 = 25,
	MI_EVENT_INCIDENT = 26,
	MI_EVENT_HEARTBEAT = 27,
	MI_EVENT_IGNORABLE = 28,
	MI_EVENT_ROWS_QUERY = 29,
	MI_EVENT_WRITE_ROWS = 30,
	MI_EVENT_UPDATE_ROWS = 31,
	MI_EVENT_DELETE_ROWS = 32,
	MI_EVENT_GTID = 33,
	MI_EVENT_ANONYMOUS_GTID = 34,
	MI_EVENT_PREVIOUS_GTIDS = 35,
	MI_EVENT_TRANSACTION_CONTEXT = 36,
	MI_EVENT_VIEW_CHANGE = 37,
	MI_EVENT_XA_PREPARE = 38,
	MI_EVENT_PARTIAL_UPDATE_ROWS = 39,
	MI_EVENT_TRANSACTION_PAYLOAD = 40,
	MI_EVENT_HEARTBEAT_V2 = 41,
	MI_EVENT_GTID_TAGGED = 42,
	/* MariaDB's own */
	MI_EVENT_ANNOTATE_ROWS = 160,
	MI_EVENT_BINLOG_CHECKPOINT = 161,
	MI_EVENT_GTID_MARIADB = 162,
	MI_EVENT_GTID_LIST = 163,
	MI_EVENT_START_ENCRYPTION = 164,
	MI_EVENT_QUERY_COMPRESSED = 165,
	MI_EVENT_WRITE_ROWS_COMPRESSED_V1 = 166,
	MI_EVENT_UPDATE_ROWS_COMPRESSED_V1 = 167,
	MI_EVENT_DELETE_ROWS_COMPRESSED_V1 = 168,
	MI_EVENT_WRITE_ROWS_COMPRESSED = 169,
	MI_EVENT_UPDATE_ROWS_COMPRESSED = 170,
	MI_EVENT_DELETE_ROWS_COMPRESSED = 171,
};

enum { MI_EVENT_HEAD = 19, MI_EVENT_CRC = 4 }; /* bytes of the common header, of a checksum */

enum mi_event_flag {
	MI_EVENT_IN_USE = 0x01,     /* FORMAT: the file is being written, or its server crashed */
	MI_EVENT_ARTIFICIAL = 0x20, /* made for the replica, in no file */
	MI_EVENT_MAY_IGNORE = 0x80, /* whoever does not know the type may skip the event */
};

/* What a FORMAT_DESCRIPTION says of the events after it. {0} before the first one; a caller that
 * has negotiated checksums (@source_binlog_checksum) sets checksums, for the ROTATE that comes
 * before the first FORMAT_DESCRIPTION. */
struct mi_event_format {
	bool known;
	bool mariadb;
	bool checksums;
	char version[51];        /* the server's */
	unsigned types;          /* the event types that the server knows are 1 .. types */
	unsigned char post[256]; /* length of the post-header by type */
};

struct mi_event {
	unsigned type; /* enum mi_event_type, or another */
	uint32_t time; /* seconds since 1970 UTC */
	uint32_t server_id;
	uint32_t size;       /* bytes, as the header says: checksum included */
	uint32_t next_pos;   /* where the event ends in its file; 0: in no file; wraps at 4 GiB */
	unsigned flags;      /* enum mi_event_flag */
	bool inner;          /* the event was inside a compressed transaction */
	struct mi_span body; /* what follows the common header, without the checksum */
	const struct mi_event_format *format;
};

/* The type's name, as "WRITE_ROWS"; "unknown" for a type that is not in enum mi_event_type. */
const char *mi_event_name(unsigned type);

/* Reads the common header of one whole event, and checks its size and checksum. A FORMAT event
 * replaces *format. event borrows bytes and format. Before the first FORMAT event, events other
 * than ROTATE and HEARTBEAT are MI_PROTOCOL. */
MI_MUST int mi_event_open(struct mi_event_format *format, struct mi_span bytes,
                          struct mi_event *event, struct mi_err *err);

/* As mi_event_open, for an event inside a compressed transaction: it has no checksum, and FORMAT,
 * ROTATE and TRANSACTION_PAYLOAD are MI_PROTOCOL. */
MI_MUST int mi_event_open_inner(const struct mi_event_format *format, struct mi_span bytes,
                                struct mi_event *event, struct mi_err *err);

/* Reads the common header alone, from MI_EVENT_HEAD bytes; event->body is {0}. MI_PROTOCOL: the
 * size in the header is less than the header's own. */
MI_MUST int mi_event_head(const struct mi_event_format *format, const void *bytes,
                          struct mi_event *event, struct mi_err *err);

/* Fails with code and "WRITE_ROWS event (type 30) that ends at position 4711: ...". Returns -1. */
int mi_event_fail(const struct mi_event *event, int code, struct mi_err *err, const char *fmt, ...)
    MI_PRINTF(4, 5);

/* Sets *post to the event's post-header, which has at least least bytes, and *rest to what follows
 * it. MI_PROTOCOL: FORMAT does not know the event's type, or post-header or body are too short. */
MI_MUST int mi_event_bytes(const struct mi_event *event, size_t least, struct mi_bytes *post,
                           struct mi_bytes *rest, struct mi_err *err);

/* ---- Bodies ---- */

/* Each function below is for events of the type that it is named after. Spans point into the
 * event. */

/* ROTATE: the log goes on in file, with the event at position. */
struct mi_event_rotate {
	uint64_t position;
	struct mi_span file;
};
MI_MUST int mi_event_rotate(const struct mi_event *event, struct mi_event_rotate *rotate,
                            struct mi_err *err);

/* XID: the storage engine's number of the transaction that it commits. */
MI_MUST int mi_event_xid(const struct mi_event *event, uint64_t *number, struct mi_err *err);

/* An XA transaction's id, as XA START takes it. */
struct mi_xid {
	uint32_t format;
	struct mi_span gtrid, bqual; /* up to 64 bytes each */
};
struct mi_event_xa_prepare {
	bool one_phase; /* XA COMMIT ... ONE PHASE: committed, not prepared */
	struct mi_xid xid;
};
MI_MUST int mi_event_xa_prepare(const struct mi_event *event, struct mi_event_xa_prepare *xa,
                                struct mi_err *err);

/* HEARTBEAT of both versions, and MariaDB's: the server has no event after position in file. */
struct mi_event_heartbeat {
	struct mi_span file;
	uint64_t position;
};
MI_MUST int mi_event_heartbeat(const struct mi_event *event, struct mi_event_heartbeat *beat,
                               struct mi_err *err);

/* ROWS_QUERY and ANNOTATE_ROWS: the text of the statement that made the row events after this
 * one. */
MI_MUST int mi_event_statement(const struct mi_event *event, struct mi_span *text,
                               struct mi_err *err);

struct mi_event_incident {
	unsigned number; /* 1: lost events */
	struct mi_span message;
};
MI_MUST int mi_event_incident(const struct mi_event *event, struct mi_event_incident *incident,
                              struct mi_err *err);

#endif
