/* Spans of bytes, growable buffers, growing arrays, and little-endian numbers at any address: what
 * nearly every other file uses. */
#ifndef MI_BASE_BUF_H
#define MI_BASE_BUF_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A span of bytes that somebody else owns. data may be NULL when len is 0. */
struct mi_span {
	const char *data;
	size_t len;
};

static inline struct mi_span mi_span(const void *data, size_t len)
{
	return (struct mi_span){data, len};
}

static inline struct mi_span mi_span_str(const char *text)
{
	return (struct mi_span){text, strlen(text)};
}

static inline bool mi_span_eq(struct mi_span a, struct mi_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool mi_span_is(struct mi_span a, const char *text)
{
	return mi_span_eq(a, mi_span_str(text));
}

static inline bool mi_span_is_ascii(struct mi_span span)
{
	for (size_t i = 0; i < span.len; i++)
		if ((unsigned char)span.data[i] >= 0x80)
			return false;
	return true;
}

/* Growable bytes. {0} is an empty buffer. data[len] is not a terminator unless mi_buf_cstr made it
 * one. Out of memory ends the process with exit 75 (memory is bounded by design: it is the machine
 * that lacks it, and a rerun may succeed). */
struct mi_buf {
	char *data;
	size_t len;
	size_t room; /* allocated bytes */
};

void mi_buf_release(struct mi_buf *buf); /* frees; the buffer is empty and good for more */
void mi_buf_reserve(struct mi_buf *buf, size_t more); /* afterwards room - len >= more */
void mi_buf_add(struct mi_buf *buf, const void *data, size_t len);
void mi_buf_addf(struct mi_buf *buf, const char *fmt, ...) MI_PRINTF(2, 3);
const char *mi_buf_cstr(struct mi_buf *buf); /* NUL after the last byte, not counted in len */

static inline void mi_buf_reset(struct mi_buf *buf)
{
	buf->len = 0;
}

static inline void mi_buf_add_str(struct mi_buf *buf, const char *text)
{
	mi_buf_add(buf, text, strlen(text));
}

static inline void mi_buf_add_span(struct mi_buf *buf, struct mi_span span)
{
	mi_buf_add(buf, span.data, span.len);
}

static inline void mi_buf_add_char(struct mi_buf *buf, char c)
{
	if (buf->room == buf->len)
		mi_buf_reserve(buf, 1);
	buf->data[buf->len++] = c;
}

static inline struct mi_span mi_buf_span(const struct mi_buf *buf)
{
	return (struct mi_span){buf->data, buf->len};
}

/* malloc, realloc, strdup that end the process like mi_buf when memory is out. */
void *mi_alloc(size_t size); /* zeroed */
void *mi_realloc(void *old, size_t size);
void *mi_realloc_array(void *old, size_t count, size_t size); /* checks the product */
char *mi_strdup(const char *text);
char *mi_strndup(const char *text, size_t len);

/* Appends one element to a growing array: *items (of *count) grows by doubling. Returns the new,
 * zeroed element. The element's address is good until the next call. */
void *mi_array_add(void *items, size_t *count, size_t size);
/* An array of count zeroed elements, to which mi_array_add may add more. */
void *mi_array_new(size_t count, size_t size);

/* Numbers in memory: little-endian, at any alignment. */
static inline void mi_put_u16(void *at, uint16_t v)
{
	unsigned char *p = at;

	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
}

static inline void mi_put_u32(void *at, uint32_t v)
{
	mi_put_u16(at, (uint16_t)v);
	mi_put_u16((char *)at + 2, (uint16_t)(v >> 16));
}

static inline void mi_put_u64(void *at, uint64_t v)
{
	mi_put_u32(at, (uint32_t)v);
	mi_put_u32((char *)at + 4, (uint32_t)(v >> 32));
}

static inline uint16_t mi_get_u16(const void *at)
{
	const unsigned char *p = at;

	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t mi_get_u32(const void *at)
{
	return mi_get_u16(at) | (uint32_t)mi_get_u16((const char *)at + 2) << 16;
}

static inline uint64_t mi_get_u64(const void *at)
{
	return mi_get_u32(at) | (uint64_t)mi_get_u32((const char *)at + 4) << 32;
}

#endif
