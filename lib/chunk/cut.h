/* Where to cut a table: evenly, when its key is one integer; around what is finished, when a copy
 * goes on. Pure arithmetic on key text (chunk/range.h). */
#ifndef MI_CHUNK_CUT_H
#define MI_CHUNK_CUT_H

#include "base/err.h"
#include "chunk/done.h"

#include <stdbool.h>
#include <stdint.h>

enum { MI_KEYCUT_ROOM = 24 }; /* text of a 64-bit integer and its NUL */

/* Cuts the integers from min to max into pieces of equal width, one boundary after the other. Any
 * span that fits INT columns works, 0..2^64-1 and -2^63..2^63-1 included. */
struct mi_keycut {
	uint64_t at, max; /* order kept: signed values have their sign bit flipped */
	uint64_t step;    /* 0: no more boundaries */
	bool is_unsigned;
};

/* min and max as the server prints them. False when they are not integers of that kind. */
MI_MUST bool mi_keycut_init(struct mi_keycut *cut, bool is_unsigned, const char *min,
                            const char *max, uint64_t pieces);

/* Writes the next boundary; false when what is left is the last piece. Each boundary is less than
 * max, so that no piece of (lo, hi] is empty for want of numbers. */
MI_MUST bool mi_keycut_next(struct mi_keycut *cut, char text[MI_KEYCUT_ROOM]);

/* A range (lo, hi] of key text; "" open. */
struct mi_keyrange {
	char *lo, *hi;
};

struct mi_keyranges {
	struct mi_keyrange *items;
	size_t count;
};

void mi_keyranges_release(struct mi_keyranges *ranges);

/* Collects the finished chunks of a table, joined where one's hi is another's lo: a copy that ran
 * for hours leaves thousands of chunks but few runs of them. Their order is the file's. Two chunks
 * that begin or end at the same key are MI_DATA: ranges never overlap. */
MI_MUST int mi_keyranges_join(struct mi_keyranges *runs, const struct mi_done *done, const char *db,
                              const char *table, struct mi_err *err);

/* One bound of one run: bound 2*i is run i's lo, bound 2*i+1 its hi. Sorted as the server sorts
 * their keys (a hi before an equal lo), open ends left out. */
struct mi_keybounds {
	size_t *items;
	size_t count;
};

/* The gaps between runs: what is not finished. bounds holds every bound of runs that is not open,
 * in order. Overlapping runs are MI_DATA. */
MI_MUST int mi_keyranges_complement(const struct mi_keyranges *runs,
                                    const struct mi_keybounds *bounds, struct mi_keyranges *gaps,
                                    struct mi_err *err);

#endif
