/* What of a copy is finished, as text: `mi-load --done` prints it, `mi-dump --skip=FILE` leaves it
 * out. One line each, fields separated by one tab:
 *
 *     DB  TABLE  PART  LO  HI    a chunk: its part number (0: a key range), and its range (LO, HI]
 *                                in the text of chunk/range.h, empty for an open end
 *     DB  TABLE  done            the whole table
 *
 * In names a backslash is written \\, a tab \t, a newline \n, a carriage return \r; key text is
 * ASCII without any of them. Lines may come in any order; ranges of one table never overlap.
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
	bool whole;    /* the table is done: the rest is empty */
	uint64_t part; /* 0: a key range */
	char *lo, *hi; /* never NULL; "" open */
};

struct mi_done {
	struct mi_done_chunk *items;
	size_t count;
};

/* Appends one line. */
void mi_done_print_chunk(struct mi_buf *out, const char *db, const char *table, uint64_t part,
                         const char *lo, const char *hi);
void mi_done_print_table(struct mi_buf *out, const char *db, const char *table);

/* Parses lines, adding to done. Anything unknown, a missing field, a part with a range, key text
 * with other characters than its own, or a last line without its newline (the text was cut) is
 * MI_DATA naming the line. */
MI_MUST int mi_done_parse(struct mi_done *done, struct mi_span text, struct mi_err *err);

/* The same from a file, "-" being standard input. */
MI_MUST int mi_done_read(struct mi_done *done, const char *path, struct mi_err *err);

void mi_done_release(struct mi_done *done);

/* True when the table is done as a whole. */
bool mi_done_has_table(const struct mi_done *done, const char *db, const char *table);

#endif
