/* A server's short answers: OK, ERR, EOF, and the session state changes that an OK may carry. Spans
 * point into the payload that was parsed. Parsers fail with MI_PROTOCOL, for a payload of another
 * form; builders append to out, without a packet header.
 *
 * Source: "Generic Response Packets" of MySQL's protocol documentation, "OK_Packet" of MariaDB's.
 * Both servers write an OK's message with its length in every case, though MySQL's documentation
 * calls the message a string to the packet's end where there is no SESSION_TRACK (seen on MySQL 9.7
 * and MariaDB 10.11). */
#ifndef MI_PROTOCOL_REPLY_H
#define MI_PROTOCOL_REPLY_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/packet.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- ERR ---- */

struct mi_reply_err {
	uint16_t code;
	char state[6]; /* SQLSTATE; "" when the packet had none */
	struct mi_span text;
};

static inline bool mi_reply_is_err(struct mi_span payload)
{
	return payload.len > 0 && (unsigned char)payload.data[0] == 0xff;
}
MI_MUST int mi_reply_err_parse(struct mi_reply_err *reply, struct mi_span payload,
                               struct mi_err *err);
/* Copies reply's text as a string, cut to what fits. */
enum { MI_REPLY_TEXT = 512 }; /* MySQL's messages have at most 511 bytes */
void mi_reply_err_text(const struct mi_reply_err *reply, char text[MI_REPLY_TEXT]);
/* state is an SQLSTATE, 5 characters. NULL: the packet has none, as before the login is complete (a
 * client that has not announced PROTOCOL_41 cannot read it). */
void mi_reply_err_build(struct mi_buf *out, uint16_t code, const char *state, struct mi_span text);

/* ---- EOF ---- */

struct mi_reply_eof {
	uint16_t warnings, status;
};

/* True for an old EOF, which DEPRECATE_EOF replaces: it begins with 0xfe and has at most 8 bytes (a
 * row that begins with 0xfe is longer). */
static inline bool mi_reply_is_eof(struct mi_span payload)
{
	return payload.len > 0 && payload.len < 9 && (unsigned char)payload.data[0] == 0xfe;
}
MI_MUST int mi_reply_eof_parse(struct mi_reply_eof *reply, struct mi_span payload,
                               struct mi_err *err);
void mi_reply_eof_build(struct mi_buf *out, uint16_t warnings, uint16_t status);

/* ---- OK ---- */

struct mi_reply_ok {
	uint8_t header; /* 0, or 0xfe: the end of a result set under DEPRECATE_EOF */
	uint64_t affected, insert_id;
	uint16_t status, warnings;
	struct mi_span info;
	struct mi_span changes; /* for mi_track_next; empty without SESSION_TRACK */
};

/* True for the packet that ends a result set under DEPRECATE_EOF: it begins with 0xfe and is not
 * full (a row that begins with 0xfe has 2^24 - 1 bytes or more). first is the packet's first byte,
 * len its length. */
static inline bool mi_reply_ends_rows(uint8_t first, uint64_t len)
{
	return first == 0xfe && len < MI_PACKET_MAX;
}

/* caps are those of the connection that the OK came over. */
MI_MUST int mi_reply_ok_parse(struct mi_reply_ok *reply, struct mi_span payload, uint64_t caps,
                              struct mi_err *err);
/* caps are those of the connection that the OK goes over. Changes are written only with
 * SESSION_TRACK; MI_STATUS_SESSION_CHANGED is set when changes are written, else cleared. */
void mi_reply_ok_build(struct mi_buf *out, const struct mi_reply_ok *reply, uint64_t caps);

/* ---- Session state changes ---- */

enum mi_track_kind {
	MI_TRACK_VARIABLE = 0, /* name, value */
	MI_TRACK_SCHEMA = 1,   /* value */
	MI_TRACK_STATE = 2,    /* value: "1" */
	MI_TRACK_GTIDS = 3,    /* value: MySQL's set in text. MariaDB: variable last_gtid instead */
	MI_TRACK_CHARACTERISTICS = 4, /* value: statements that begin the same transaction again */
	MI_TRACK_TRANSACTION = 5,     /* value: 8 characters, T_R___S_ */
};

struct mi_track {
	uint8_t kind; /* enum mi_track_kind, or one that is not known here */
	struct mi_span name, value;
	struct mi_span whole; /* the bytes of this entry, to copy it */
};

/* Goes over mi_reply_ok.changes: true, with *track, for each change. {.in = mi_bytes(changes)}
 * begins. An entry with several variables gives one change for each; whole is then the entry for
 * its first variable and empty for the others. False at the end, or where the block is damaged
 * (walk->in.bad is set then). */
struct mi_track_walk {
	struct mi_bytes in;
	struct mi_bytes pairs; /* of an entry of variables */
};
bool mi_track_next(struct mi_track_walk *walk, struct mi_track *track);

/* Appends one entry. MI_TRACK_VARIABLE takes name and value, the other kinds value alone. */
void mi_track_add(struct mi_buf *changes, uint8_t kind, struct mi_span name, struct mi_span value);

/* True when a client shall see the change, whose value (of MI_TRACK_VARIABLE or MI_TRACK_SCHEMA)
 * may be replaced. arg is what the caller of mi_reply_ok_rewrite gave. */
typedef bool mi_track_keep_fn(void *arg, struct mi_track *track);

/* Appends payload, an OK that came over a connection with capabilities from, as a client with
 * capabilities to shall see it: with the changes that keep wants (NULL: all) if to has
 * SESSION_TRACK, else without any, and with MI_STATUS_SESSION_CHANGED accordingly. Nothing else is
 * changed. MI_PROTOCOL: payload is no OK, or its changes are damaged; nothing is appended then. */
MI_MUST int mi_reply_ok_rewrite(struct mi_buf *out, struct mi_span payload, uint64_t from,
                                uint64_t to, mi_track_keep_fn *keep, void *arg, struct mi_err *err);

#endif
