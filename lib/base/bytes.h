/* A cursor over bytes that never passes their end. A take that wants more than is left returns
 * zero or an empty span and sets bad, which stays: a parser takes what it needs and asks once. */
#ifndef MI_BASE_BYTES_H
#define MI_BASE_BYTES_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_bytes {
	const unsigned char *at;
	size_t len; /* what is left; 0 once bad */
	bool bad;
};

static inline struct mi_bytes mi_bytes(struct mi_span span)
{
	/* an empty span may be NULL, which no arithmetic may touch */
	const char *data = span.data ? span.data : "";

	return (struct mi_bytes){(const unsigned char *)data, span.len, false};
}

static inline struct mi_span mi_bytes_rest(const struct mi_bytes *in)
{
	return (struct mi_span){(const char *)in->at, in->len};
}

/* False, and bad, when fewer than len bytes are left. */
static inline bool mi_bytes_want(struct mi_bytes *in, uint64_t len)
{
	if (len <= in->len)
		return true;
	in->len = 0;
	in->bad = true;
	return false;
}

/* The next len bytes; {NULL, 0}, and bad, when fewer are left. */
static inline struct mi_span mi_take(struct mi_bytes *in, uint64_t len)
{
	struct mi_span span = {0};

	if (mi_bytes_want(in, len)) {
		span = (struct mi_span){(const char *)in->at, (size_t)len};
		in->at += len;
		in->len -= (size_t)len;
	}
	return span;
}

/* Unsigned, little-endian, of 0 to 8 bytes. */
static inline uint64_t mi_take_le(struct mi_bytes *in, unsigned bytes)
{
	uint64_t value = 0;

	if (!mi_bytes_want(in, bytes))
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)in->at[i] << 8 * i;
	in->at += bytes;
	in->len -= bytes;
	return value;
}

/* Unsigned, big-endian, of 0 to 8 bytes. */
static inline uint64_t mi_take_be(struct mi_bytes *in, unsigned bytes)
{
	uint64_t value = 0;

	if (!mi_bytes_want(in, bytes))
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | in->at[i];
	in->at += bytes;
	in->len -= bytes;
	return value;
}

static inline uint8_t mi_take_u8(struct mi_bytes *in)
{
	return (uint8_t)mi_take_le(in, 1);
}

static inline uint16_t mi_take_u16(struct mi_bytes *in)
{
	return (uint16_t)mi_take_le(in, 2);
}

static inline uint32_t mi_take_u32(struct mi_bytes *in)
{
	return (uint32_t)mi_take_le(in, 4);
}

static inline uint64_t mi_take_u64(struct mi_bytes *in)
{
	return mi_take_le(in, 8);
}

/* A length-encoded integer of the MySQL protocol: 1 byte up to 250, else 252, 253 or 254 and 2, 3
 * or 8 bytes. 251 (NULL) and 255 are bad here. */
static inline uint64_t mi_take_lenenc(struct mi_bytes *in)
{
	uint8_t first = mi_take_u8(in);

	if (first < 251)
		return first;
	if (first == 252)
		return mi_take_le(in, 2);
	if (first == 253)
		return mi_take_le(in, 3);
	if (first == 254)
		return mi_take_le(in, 8);
	(void)mi_bytes_want(in, UINT64_MAX);
	return 0;
}

#endif
