/* Where to cut a table into ranges: evenly, when its row key is one integer; around what is
 * finished, when an interrupted copy goes on. Pure arithmetic on key text (chunk/range.h). */
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
	uint64_t at, max; /* signed values with their sign bit flipped, which keeps their order */
	uint64_t step;    /* 0: no more boundaries */
	bool is_unsigned;
};

/* min and max are as the server prints them. False: they are not integers of that kind, or min is
 * greater than max. */
MI_MUST bool mi_keycut_init(struct mi_keycut *cut, bool is_unsigned, const char *min,
                            const char *max, uint64_t pieces);

/* Writes the next boundary as text; false when what is left is the last piece. Each boundary is
 * greater than min and less than max, so that each piece (lo, hi] has numbers that rows may
 * have. */
MI_MUST bool mi_keycut_next(struct mi_keycut *cut, char text[MI_KEYCUT_ROOM]);

/* A range (lo, hi] of key text; "" is an open end. */
struct mi_keyrange {
	char *lo, *hi;
};

struct mi_keyranges {
	struct mi_keyrange *items;
	size_t count;
};

void mi_keyranges_release(struct mi_keyranges *ranges);

/* Appends to runs the finished chunks of a table, joined where one's hi is another's lo: a copy
 * that ran for hours leaves thousands of chunks but few runs of them. Runs come in the order of
 * their lo as text, which is not that of their keys. MI_DATA: two chunks begin at the same key, two
 * end where a third begins, or they go round in a circle. (Other overlaps show in
 * mi_keyranges_complement.) */
MI_MUST int mi_keyranges_join(struct mi_keyranges *runs, const struct mi_done *done, const char *db,
                              const char *table, struct mi_err *err);

/* Bounds of runs: 2*i is the lo of run i, 2*i+1 its hi. They are sorted as the server sorts their
 * keys (a hi before an equal lo); open ends are left out. */
struct mi_keybounds {
	size_t *items;
	size_t count;
};

/* Appends the gaps between runs, which are what is not finished. bounds holds every bound of runs
 * that is not open. MI_DATA: runs overlap. */
MI_MUST int mi_keyranges_complement(const struct mi_keyranges *runs,
                                    const struct mi_keybounds *bounds, struct mi_keyranges *gaps,
                                    struct mi_err *err);

#endif
