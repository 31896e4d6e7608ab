/* Captured bytes, written in hexadecimal. */
#ifndef MI_TESTS_UNHEX_H
#define MI_TESTS_UNHEX_H

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

static inline struct mi_buf unhex(const char *text)
{
	struct mi_buf out = {0};
	unsigned byte;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		mi_buf_add_char(&out, (char)byte);
	return out;
}

/* A copy of its own size, so that a sanitizer sees what is read past it. */
static inline struct mi_span exact(const char *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	return mi_span(copy, len);
}

static inline void exact_free(struct mi_span span)
{
	free((void *)(uintptr_t)span.data);
}

#endif
