/* Packets of the MySQL protocol: a 3-byte length, a sequence number, and up to 2^24 - 1 bytes.
 * After a packet of that size the payload goes on in the next one, also when none of it is left:
 * the first shorter packet (perhaps an empty one) ends the payload.
 *
 * Source: "MySQL Packets" and "Basic Data Types" of MySQL's protocol documentation; MariaDB's "0 -
 * Packet" is the same. */
#ifndef MI_PROTOCOL_PACKET_H
#define MI_PROTOCOL_PACKET_H

#include "base/buf.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MI_PACKET_HEADER = 4,
	MI_PACKET_MAX = 0xffffff, /* most bytes in a packet; after so many another packet follows */
};

static inline uint32_t mi_packet_len(const void *header)
{
	const unsigned char *p = header;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static inline uint8_t mi_packet_seq(const void *header)
{
	return ((const unsigned char *)header)[3];
}

/* Writes a packet's header, MI_PACKET_HEADER bytes; len is at most MI_PACKET_MAX. */
static inline void mi_packet_header(void *header, uint32_t len, uint8_t seq)
{
	unsigned char *p = header;

	p[0] = (unsigned char)len;
	p[1] = (unsigned char)(len >> 8);
	p[2] = (unsigned char)(len >> 16);
	p[3] = seq;
}

/* ---- Walking: what a relay does ---- */

/* The place in a stream of packets that arrives in pieces of any size. Walking copies nothing. {0}
 * is the place before a packet. */
struct mi_packet_walk {
	uint32_t left; /* bytes of this packet's body that have not been walked yet */
	uint8_t have;  /* header bytes seen, while in a header */
	bool more;     /* this packet is full: its payload goes on in the next */
	bool inside;   /* in a payload whose beginning has been reported */
	uint8_t seq;   /* this packet's sequence number */
	unsigned char header[MI_PACKET_HEADER];
};

enum mi_packet_part {
	MI_PACKET_NOTHING, /* the input ends here: *part is empty */
	MI_PACKET_BEGIN,   /* *part: a payload's first bytes; none only if the payload is empty */
	MI_PACKET_BODY,    /* *part: the payload's next bytes; none in an empty last packet */
};

/* Takes the next step over in, which is moved past what was walked; headers are not in *part. After
 * each step mi_packet_ended says whether the payload is complete. A payload of several packets has
 * one BEGIN. */
enum mi_packet_part mi_packet_walk(struct mi_packet_walk *walk, struct mi_bytes *in,
                                   struct mi_span *part);

/* True between two payloads, and before the first. */
static inline bool mi_packet_ended(const struct mi_packet_walk *walk)
{
	return walk->left == 0 && walk->have == 0 && !walk->inside;
}

/* A payload without a copy, which is the common case: true when the next packet of in is here whole
 * and is all of its payload; then *payload is inside in, which is moved past it. False changes
 * nothing. */
bool mi_packet_take(struct mi_bytes *in, struct mi_span *payload, uint8_t *seq);

/* ---- Building ---- */

/* Appends payload in as many packets as it needs. *seq is the first packet's sequence number, and
 * becomes the one after the last packet's. */
void mi_packet_add(struct mi_buf *out, struct mi_span payload, uint8_t *seq);

/* Building a packet of less than MI_PACKET_MAX bytes in place: mi_packet_begin reserves the header
 * and returns its offset in out; the caller appends the payload; mi_packet_end fills the header in.
 * When the payload is too large, mi_packet_end removes the packet from out and returns -1. */
size_t mi_packet_begin(struct mi_buf *out);
int mi_packet_end(struct mi_buf *out, size_t begin, uint8_t *seq);

void mi_packet_add_u16(struct mi_buf *out, uint16_t value);
void mi_packet_add_u32(struct mi_buf *out, uint32_t value);
void mi_packet_add_lenenc(struct mi_buf *out, uint64_t value);
void mi_packet_add_string(struct mi_buf *out, struct mi_span text);  /* lenenc length, bytes */
void mi_packet_add_zstring(struct mi_buf *out, struct mi_span text); /* bytes, NUL */

/* ---- Taking ---- */

/* A lenenc length and so many bytes. */
static inline struct mi_span mi_take_string(struct mi_bytes *in)
{
	return mi_take(in, mi_take_lenenc(in));
}

/* The bytes up to a NUL, which is taken but not in the span. Without a NUL, in->bad. */
static inline struct mi_span mi_take_zstring(struct mi_bytes *in)
{
	const unsigned char *end = in->len ? memchr(in->at, '\0', in->len) : NULL;
	struct mi_span text;

	if (!end) {
		(void)mi_bytes_want(in, UINT64_MAX);
		return (struct mi_span){0};
	}
	text = mi_take(in, (uint64_t)(end - in->at));
	(void)mi_take_u8(in);
	return text;
}

/* Takes all that is left; the span ends before the first NUL, if there is one (some servers end a
 * packet's last string with NUL, others do not). */
static inline struct mi_span mi_take_tail(struct mi_bytes *in)
{
	struct mi_span text = mi_take(in, in->len);
	const char *end = text.len ? memchr(text.data, '\0', text.len) : NULL;

	if (end)
		text.len = (size_t)(end - text.data);
	return text;
}

#endif
