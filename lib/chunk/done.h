/* The finished chunks and tables of a copy, as text: `mi-load --done` prints them, `mi-dump
 * --skip=FILE` leaves them out. One line each, fields separated by one tab:
 *
 *     DB  TABLE  PART  LO  HI    a chunk: its part number (0: a key range), and its range (LO, HI]
 *                                as key text (chunk/range.h), empty for an open end
 *     DB  TABLE  done            the whole table
 *
 * A last field "verified" says that the rows were read back and were those of the source.
 * In names a backslash is written \\, a tab \t, a newline \n, a carriage return \r; key text is
 * ASCII without any of these. Lines may come in any order; ranges of one table never overlap.
 *
 * A part number means nothing outside the dump that gave it, so a new dump reads a table that
 * travels in parts again from its start unless the table is done; whoever loads must then begin
 * that table anew. */
#ifndef MI_CHUNK_DONE_H
#define MI_CHUNK_DONE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_done_chunk {
	char *db, *table;
	bool whole;    /* the whole table is done; part is 0, lo and hi are "" */
	uint64_t part; /* 0: a key range */
	char *lo, *hi; /* key text, never NULL; "" is an open end */
};

struct mi_done {
	struct mi_done_chunk *items;
	size_t count;
};

/* Appends one line. */
void mi_done_print_chunk(struct mi_buf *out, const char *db, const char *table, uint64_t part,
                         const char *lo, const char *hi, bool verified);
void mi_done_print_table(struct mi_buf *out, const char *db, const char *table, bool verified);

/* Parses lines, adding to done. MI_DATA, naming the line: a field is missing, unknown or too much,
 * a name is empty, a part has a range, key text has other characters than its own, or the last line
 * has no newline (the text was cut). The caller releases done, also after a failure. */
MI_MUST int mi_done_parse(struct mi_done *done, struct mi_span text, struct mi_err *err);

/* As mi_done_parse, from a file; "-" is standard input. Fails also as mi_read_file does. */
MI_MUST int mi_done_read(struct mi_done *done, const char *path, struct mi_err *err);

void mi_done_release(struct mi_done *done); /* harmless on {0} */

/* True when the table is done as a whole. */
bool mi_done_has_table(const struct mi_done *done, const char *db, const char *table);

#endif
