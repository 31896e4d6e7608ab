/* Reads the captures that scripts/capture-binlog made, for the tests of the binlog decoder. Tests
 * run from the repository's root. */
#ifndef MI_TESTS_CAPTURE_H
#define MI_TESTS_CAPTURE_H

#include "base/buf.h"
#include "binlog/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* A whole file, inflated when it is compressed. Without it the test cannot mean anything. */
static inline struct mi_buf capture_read(const char *path)
{
	gzFile file = gzopen(path, "rb");
	struct mi_buf all = {0};
	int got;

	if (!file) {
		printf("Bail out! cannot open %s\n", path);
		exit(1);
	}
	do {
		mi_buf_reserve(&all, 65536);
		got = gzread(file, all.data + all.len, 65536);
		all.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	(void)gzclose(file);
	return all;
}

/* The next event's bytes out of binary log files that follow each other; false at the end. */
static inline bool capture_next(struct mi_span *rest, struct mi_span *bytes)
{
	uint32_t size;

	if (rest->len >= 4 && memcmp(rest->data,
	                             "\xfe"
	                             "bin",
	                             4) == 0)
		*rest = mi_span(rest->data + 4, rest->len - 4);
	if (rest->len < MI_EVENT_HEAD)
		return false;
	size = mi_get_u32(rest->data + 9);
	if (size > rest->len)
		size = (uint32_t)rest->len;
	*bytes = mi_span(rest->data, size);
	*rest = mi_span(rest->data + size, rest->len - size);
	return true;
}

static const char *const captures[] = {
    "tests/data/binlog/mysql-full.binlog.gz",         "tests/data/binlog/mysql-payload.binlog.gz",
    "tests/data/binlog/mysql-docs.binlog.gz",         "tests/data/binlog/mysql-misc.binlog.gz",
    "tests/data/binlog/mariadb-plain.binlog.gz",      "tests/data/binlog/mariadb-misc.binlog.gz",
    "tests/data/binlog/mariadb-compressed.binlog.gz",
};

enum { CAPTURE_COUNT = sizeof captures / sizeof *captures };

#endif
