#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void out_of_memory(size_t size)
{
	mi_warn("cannot allocate %zu bytes: out of memory", size);
	_exit(MI_AGAIN);
}

void *mi_realloc(void *old, size_t size)
{
	void *mem = realloc(old, size ? size : 1);

	if (!mem)
		out_of_memory(size);
	return mem;
}

void *mi_realloc_array(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		out_of_memory(SIZE_MAX);
	return mi_realloc(old, count * size);
}

void *mi_alloc(size_t size)
{
	void *mem = calloc(1, size ? size : 1);

	if (!mem)
		out_of_memory(size);
	return mem;
}

char *mi_strndup(const char *text, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		out_of_memory(len);
	copy = mi_realloc(NULL, len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *mi_strdup(const char *text)
{
	return mi_strndup(text, strlen(text));
}

void *mi_array_new(size_t count, size_t size)
{
	size_t room = 1;

	while (room < count)
		room *= 2;
	return memset(mi_realloc_array(NULL, room, size), 0, room * size);
}

void *mi_array_add(void *items, size_t *count, size_t size)
{
	size_t n = *count;
	char *array;

	memcpy(&array, items, sizeof array); /* the caller's pointer may be of any object type */
	/* capacity is not stored: an array of n elements has room for the next power of two */
	if ((n & (n - 1)) == 0) {
		array = mi_realloc_array(array, n ? n * 2 : 1, size);
		memcpy(items, &array, sizeof array);
	}
	*count = n + 1;
	return memset(array + n * size, 0, size);
}

void mi_buf_release(struct mi_buf *buf)
{
	free(buf->data);
	*buf = (struct mi_buf){0};
}

void mi_buf_reserve(struct mi_buf *buf, size_t more)
{
	size_t room = buf->room ? buf->room : 64;

	if (more <= buf->room - buf->len)
		return;
	if (more > SIZE_MAX / 2 - buf->len)
		out_of_memory(more);
	while (room - buf->len < more)
		room *= 2;
	buf->data = mi_realloc(buf->data, room);
	buf->room = room;
}

void mi_buf_add(struct mi_buf *buf, const void *data, size_t len)
{
	if (len == 0)
		return;
	mi_buf_reserve(buf, len);
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void mi_buf_addf(struct mi_buf *buf, const char *fmt, ...)
{
	va_list args;
	int need;

	va_start(args, fmt);
	need = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (need < 0)
		out_of_memory(0);
	mi_buf_reserve(buf, (size_t)need + 1);
	va_start(args, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)need + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)need;
}

const char *mi_buf_cstr(struct mi_buf *buf)
{
	mi_buf_reserve(buf, 1);
	buf->data[buf->len] = '\0';
	return buf->data;
}
