/* Statements on their way to the server, many in one packet, each with what its answer must be. A
 * packet is sent while the next one is being written. */
#ifndef MI_APPLY_SENDER_H
#define MI_APPLY_SENDER_H

#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "change/bundle.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_expect_kind {
	MI_EXPECT_NOTHING,  /* that it succeeds */
	MI_EXPECT_FENCE,    /* one row matched, else *lost */
	MI_EXPECT_INSERTED, /* rows affected = rows */
	MI_EXPECT_REPLACED, /* rows affected >= rows */
	MI_EXPECT_UPSERTED, /* all keys were there: Duplicates = Records = rows */
	MI_EXPECT_UPDATED,  /* rows matched = rows */
	MI_EXPECT_DELETED,  /* rows affected = rows */
	MI_EXPECT_ABSENT,   /* rows affected = 0: deletes of rows that must not be there */
	MI_EXPECT_AT_MOST,  /* rows affected <= rows */
};

struct mi_expect {
	enum mi_expect_kind kind;
	uint64_t rows;
	unsigned zeros;            /* warnings about ENUM's error value that are right */
	struct mi_shape *shape;    /* NULL: not about rows */
	const struct mi_op *op;    /* the first change in it, for messages */
	const struct mi_span *key; /* an image that shows its row's key */
	size_t end;                /* of the statement in its packet; the sender's */
};

struct mi_packet {
	struct mi_buf sql;
	struct mi_expect *expects;
	size_t count, room;
};

struct mi_sender {
	struct mi_conn *conn;
	bool single;       /* one statement per packet */
	size_t max_packet; /* what the server takes */
	struct mi_packet packets[2];
	int filling;          /* which of them is being written */
	bool outstanding;     /* the other one has been sent, its answers not read */
	bool session_differs; /* statements between which the session is not as it should be have
	                        been written: after a failure the connection is no longer good */
	bool lost;            /* a fence did not match */
};

/* {.conn = ...} is good. */
void mi_sender_release(struct mi_sender *sender);

/* Where the next statement is to be appended. */
struct mi_buf *mi_sender_text(struct mi_sender *sender);

/* The statement is complete. A full packet is sent. */
MI_MUST int mi_sender_end(struct mi_sender *sender, const struct mi_expect *expect,
                          struct mi_err *err);

/* A statement in one call, that must succeed. */
MI_MUST int mi_sender_add(struct mi_sender *sender, const char *sql, struct mi_err *err);

/* Sends what is left and reads all answers. */
MI_MUST int mi_sender_finish(struct mi_sender *sender, struct mi_err *err);

/* After a failure: nothing is outstanding and nothing written; what is left of answers is read, if
 * the connection still gives any. */
void mi_sender_reset(struct mi_sender *sender);

#endif
