/* Sends statements to the server, many in one packet, and checks the answer of each. While the
 * server works at a packet, the next one is written. */
#ifndef MI_APPLY_SENDER_H
#define MI_APPLY_SENDER_H

#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "change/bundle.h"
#include "server/conn.h"
#include "stream/proof.h"

#include <stdbool.h>
#include <stdint.h>

/* What a statement's answer must be. (apply/write.c: kinds from DELETED on are deletes.) */
enum mi_expect_kind {
	MI_EXPECT_NOTHING,   /* success, whatever the counts */
	MI_EXPECT_FENCE,     /* one row matched; else sender->lost is set */
	MI_EXPECT_INSERTED,  /* rows affected = rows */
	MI_EXPECT_REPLACED,  /* rows affected >= rows */
	MI_EXPECT_UPSERTED,  /* all keys existed: Duplicates = Records = rows */
	MI_EXPECT_UPDATED,   /* rows matched = rows */
	MI_EXPECT_READ_BACK, /* rows that add up to sum: apply/computed.h */
	MI_EXPECT_DELETED,   /* rows affected = rows */
	MI_EXPECT_ABSENT,    /* rows affected = 0: deletes of rows that must not be there */
	MI_EXPECT_AT_MOST,   /* rows affected <= rows */
};

struct mi_expect {
	enum mi_expect_kind kind;
	uint64_t rows;
	bool lax;                  /* warnings about computed values may come */
	unsigned zeros;            /* warnings about an ENUM's error value that must come */
	struct mi_shape *shape;    /* NULL: not about rows */
	const struct mi_op *op;    /* the first change in the statement, for messages */
	const struct mi_span *key; /* a row image that has that change's key */
	struct mi_proof sum;       /* READ_BACK; key is the whole image then */
	size_t end;                /* of the statement in its packet; set by the sender */
};

/* Statements that are sent together, and what their answers must be. */
struct mi_packet {
	struct mi_buf sql;
	struct mi_expect *expects;
	size_t count, room;
};

struct mi_sender {
	struct mi_conn *conn;
	bool single;       /* one statement per packet */
	size_t max_packet; /* bytes that the server takes */
	struct mi_packet packets[2];
	int filling;      /* the index of the packet that is being written */
	bool outstanding; /* the other packet has been sent, its answers not read */
	/* Statements that change the session's settings, and later change them back, have been
	 * written: after a failure the connection must be closed. */
	bool session_differs;
	bool lost;      /* a fence did not match */
	bool in_pieces; /* what was sent before cannot be sent again */
	bool relaxed;   /* the failure has made a shape lax: the transaction is worth another try */
};

/* {.conn = ..., .max_packet = ...} is an empty sender. _release leaves {0}. */
void mi_sender_release(struct mi_sender *sender);

/* The buffer to which the next statement is to be appended, with a ";" after the one before. */
struct mi_buf *mi_sender_text(struct mi_sender *sender);

/* Ends the statement in mi_sender_text; *expect is copied, what it points to must live until the
 * answers have been read. A full packet is sent, after the answers of the packet before have been
 * read: so an error may be that of an earlier statement. An answer that is not as expected is
 * MI_DATA, naming transaction and row; a fence's MI_AGAIN. */
MI_MUST int mi_sender_end(struct mi_sender *sender, const struct mi_expect *expect,
                          struct mi_err *err);

/* Appends and ends a statement that must succeed. */
MI_MUST int mi_sender_add(struct mi_sender *sender, const char *sql, struct mi_err *err);

/* Sends what is left and reads all answers. */
MI_MUST int mi_sender_finish(struct mi_sender *sender, struct mi_err *err);

/* After a failure: forgets all statements, and reads what answers the connection still gives. */
void mi_sender_reset(struct mi_sender *sender);

#endif
