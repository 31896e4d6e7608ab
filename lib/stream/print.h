/* What mi-cat prints of a stream: a line per record, the clean CSV of one table, counts, or
 * nothing. */
#ifndef MI_STREAM_PRINT_H
#define MI_STREAM_PRINT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

enum mi_listing_mode {
	MI_LIST_LINES, /* a line per record, for people */
	MI_LIST_CSV,   /* the rows of one table as RFC 4180 CSV, column names first */
	MI_LIST_STATS, /* counts per table, then totals */
	MI_LIST_CHECK, /* nothing: only validation */
};

struct mi_listing {
	enum mi_listing_mode mode;
	const char *table; /* "db.table" or "table": this one only; NULL: all. CSV needs a table */
	bool no_names;     /* CSV: without the line of column names */
	FILE *out;
};

/* Reads all streams from fd and prints what listing says. Fails as mi_parse_stream does. MI_DATA:
 * CSV was wanted of a table that the input does not define. MI_IO: out cannot be written. */
MI_MUST int mi_listing_run(int fd, const struct mi_listing *listing, struct mi_err *err);

#endif
