#include "chunk/cut.h"
#include "base/buf.h"
#include "base/err.h"
#include "chunk/done.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t SIGN = UINT64_C(1) << 63;

/* ---- Integers ---- */

/* *at is the number's place in the order of signed, or of unsigned, integers. False: text is no
 * such number. */
static bool place(bool is_unsigned, const char *text, uint64_t *at)
{
	char *end;

	if (!isdigit((unsigned char)text[*text == '-']) || (is_unsigned && *text == '-'))
		return false;
	errno = 0;
	*at = is_unsigned ? strtoull(text, &end, 10) : (uint64_t)strtoll(text, &end, 10) ^ SIGN;
	return errno == 0 && *end == '\0';
}

bool mi_keycut_init(struct mi_keycut *cut, bool is_unsigned, const char *min, const char *max,
                    uint64_t pieces)
{
	*cut = (struct mi_keycut){.is_unsigned = is_unsigned};
	if (!place(is_unsigned, min, &cut->at) || !place(is_unsigned, max, &cut->max) ||
	    cut->at > cut->max)
		return false;
	if (pieces > 1)
		cut->step = (cut->max - cut->at) / pieces + 1;
	return true;
}

bool mi_keycut_next(struct mi_keycut *cut, char text[MI_KEYCUT_ROOM])
{
	/* a subtraction, because at + step may pass 2^64 */
	if (cut->step == 0 || cut->max - cut->at <= cut->step) {
		cut->step = 0;
		return false;
	}
	cut->at += cut->step;
	if (cut->is_unsigned)
		(void)snprintf(text, MI_KEYCUT_ROOM, "%" PRIu64, cut->at);
	else
		(void)snprintf(text, MI_KEYCUT_ROOM, "%" PRId64, (int64_t)(cut->at ^ SIGN));
	return true;
}

/* ---- Ranges ---- */

void mi_keyranges_release(struct mi_keyranges *ranges)
{
	for (size_t i = 0; i < ranges->count; i++) {
		free(ranges->items[i].lo);
		free(ranges->items[i].hi);
	}
	free(ranges->items);
	*ranges = (struct mi_keyranges){0};
}

/* Copies both. */
static void add_range(struct mi_keyranges *ranges, const char *lo, const char *hi)
{
	struct mi_keyrange *range = mi_array_add(&ranges->items, &ranges->count, sizeof *range);

	range->lo = mi_strdup(lo);
	range->hi = mi_strdup(hi);
}

static int by_lo(const void *a, const void *b)
{
	const struct mi_done_chunk *const *x = a, *const *y = b;

	return strcmp((*x)->lo, (*y)->lo);
}

/* Sets chunks to the table's finished ranges, without its parts; returns how many. */
static size_t pick(const struct mi_done *done, const char *db, const char *table,
                   const struct mi_done_chunk **chunks)
{
	size_t n = 0;

	for (size_t i = 0; i < done->count; i++) {
		const struct mi_done_chunk *chunk = &done->items[i];

		if (!chunk->whole && chunk->part == 0 && strcmp(chunk->table, table) == 0 &&
		    strcmp(chunk->db, db) == 0)
			chunks[n++] = chunk;
	}
	return n;
}

/* The chunk that begins at the key hi, or count: none does. chunks is sorted by lo. */
static size_t find_lo(const struct mi_done_chunk **chunks, size_t count, const char *hi)
{
	struct mi_done_chunk wanted;
	const struct mi_done_chunk *key = &wanted;
	const struct mi_done_chunk **at;

	if (!*hi)
		return count;
	wanted.lo = mi_strdup(hi);
	at = bsearch(&key, chunks, count, sizeof *chunks, by_lo);
	free(wanted.lo);
	return at ? (size_t)(at - chunks) : count;
}

/* Sets next[i] to the chunk that begins where chunk i ends, or count, and followed[i] when chunk i
 * begins where another one ends. */
static int link_chunks(const struct mi_done_chunk **chunks, size_t count, size_t *next,
                       bool *followed, struct mi_err *err)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(chunks[i - 1]->lo, chunks[i]->lo) == 0)
			return mi_fail(err, MI_DATA, "two ranges begin at '%.200s'", chunks[i]->lo);
	for (size_t i = 0; i < count; i++) {
		next[i] = find_lo(chunks, count, chunks[i]->hi);
		if (next[i] == count)
			continue;
		if (followed[next[i]])
			return mi_fail(err, MI_DATA, "two ranges end at '%.200s'", chunks[i]->hi);
		followed[next[i]] = true;
	}
	return 0;
}

int mi_keyranges_join(struct mi_keyranges *runs, const struct mi_done *done, const char *db,
                      const char *table, struct mi_err *err)
{
	const struct mi_done_chunk **chunks = mi_alloc(done->count * sizeof *chunks);
	size_t count = pick(done, db, table, chunks);
	size_t *next = mi_alloc(count * sizeof *next);
	bool *followed = mi_alloc(count * sizeof *followed);
	size_t joined = 0;
	int ret = -1;

	if (count > 0)
		qsort(chunks, count, sizeof *chunks, by_lo);
	if (link_chunks(chunks, count, next, followed, err) != 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		size_t last = i;

		if (followed[i])
			continue;
		for (joined++; next[last] != count; last = next[last])
			joined++;
		add_range(runs, chunks[i]->lo, chunks[last]->hi);
	}
	if (joined < count) {
		(void)mi_fail(err, MI_DATA, "ranges go round in a circle");
		goto out;
	}
	ret = 0;
out:
	free(followed);
	free(next);
	free(chunks);
	return ret;
}

static int overlap(struct mi_err *err)
{
	return mi_fail(err, MI_DATA, "finished ranges overlap");
}

/* *first is the run with an open lo, or the count of runs. There may be only one. */
static int find_first(const struct mi_keyranges *runs, size_t *first, struct mi_err *err)
{
	*first = runs->count;
	for (size_t i = 0; i < runs->count; i++) {
		if (*runs->items[i].lo)
			continue;
		if (*first != runs->count)
			return overlap(err);
		*first = i;
	}
	return 0;
}

int mi_keyranges_complement(const struct mi_keyranges *runs, const struct mi_keybounds *bounds,
                            struct mi_keyranges *gaps, struct mi_err *err)
{
	const char *at = ""; /* all before this key is finished, or in a gap already listed */
	bool open_hi = false;
	size_t inside;

	if (find_first(runs, &inside, err) != 0)
		return -1;
	for (size_t i = 0; i < bounds->count; i++) {
		size_t run = bounds->items[i] / 2;

		if (open_hi && inside == run)
			return overlap(err);
		if (bounds->items[i] % 2 == 0) { /* a run begins */
			if (inside != runs->count)
				return overlap(err);
			if (strcmp(at, runs->items[run].lo) != 0)
				add_range(gaps, at, runs->items[run].lo);
			inside = run;
		} else {
			if (inside != run)
				return overlap(err);
			at = runs->items[run].hi;
			inside = runs->count;
		}
		open_hi = inside != runs->count && !*runs->items[inside].hi;
	}
	if (inside == runs->count)
		add_range(gaps, at, "");
	else if (*runs->items[inside].hi)
		return overlap(err);
	return 0;
}
