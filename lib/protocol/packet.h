/* Packets of the MySQL protocol: a 3-byte length, a sequence number, and up to 2^24 - 1 bytes. A
 * payload of that size goes on in the next packet, also when nothing is left for it: the first
 * shorter packet (perhaps empty) ends it.
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
	MI_PACKET_MAX = 0xffffff, /* a packet's payload; so many: more follows */
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

/* Writes a header of one packet; len is at most MI_PACKET_MAX. */
static inline void mi_packet_header(void *header, uint32_t len, uint8_t seq)
{
	unsigned char *p = header;

	p[0] = (unsigned char)len;
	p[1] = (unsigned char)(len >> 8);
	p[2] = (unsigned char)(len >> 16);
	p[3] = seq;
}

/* ---- Walking: what a relay does ---- */

/* Goes over a stream of packets piece by piece, however it was cut, and copies nothing. {0} stands
 * before a packet. */
struct mi_packet_walk {
	uint32_t left; /* of this packet's payload, not walked yet */
	uint8_t have;  /* header bytes seen, while in a header */
	bool more;     /* the packet in hand is full: its payload goes on in the next */
	bool inside;   /* in a payload whose beginning has been reported */
	uint8_t seq;   /* of the packet in hand */
	unsigned char header[MI_PACKET_HEADER];
};

enum mi_packet_part {
	MI_PACKET_NOTHING, /* the input ends here: *part is empty */
	MI_PACKET_BEGIN,   /* *part: a payload's first bytes; none only if the payload is empty */
	MI_PACKET_BODY,    /* *part: the next bytes of it, or its empty end */
};

/* Takes the next step over in, which is moved past what was walked (headers are not in *part).
 * After each step mi_packet_ended says whether the payload is complete. A payload of 2^24 - 1 bytes
 * or more is one payload here, with one BEGIN. */
enum mi_packet_part mi_packet_walk(struct mi_packet_walk *walk, struct mi_bytes *in,
                                   struct mi_span *part);

/* Between payloads? */
static inline bool mi_packet_ended(const struct mi_packet_walk *walk)
{
	return walk->left == 0 && walk->have == 0 && !walk->inside;
}

/* A payload without a copy, which is the common case: true when the next packet of in is here whole
 * and is all of its payload; then *payload is inside in, which is moved past it. False changes
 * nothing. */
bool mi_packet_take(struct mi_bytes *in, struct mi_span *payload, uint8_t *seq);

/* ---- Building ---- */

/* Appends payload in one packet or more. *seq is the next number, and counted on. */
void mi_packet_add(struct mi_buf *out, struct mi_span payload, uint8_t *seq);

/* The same without a copy, for payloads under MI_PACKET_MAX: begin reserves the header and returns
 * where it is; end fills it in from out's length. Larger: end returns -1 and takes it out again. */
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

/* Up to a NUL, which is passed but not in the span. Without one: bad. */
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

/* All that is left, up to a NUL if there is one (servers differ in ending the last string). */
static inline struct mi_span mi_take_tail(struct mi_bytes *in)
{
	struct mi_span text = mi_take(in, in->len);
	const char *end = text.len ? memchr(text.data, '\0', text.len) : NULL;

	if (end)
		text.len = (size_t)(end - text.data);
	return text;
}

#endif
