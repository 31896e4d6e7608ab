/* Cuts of integer keys at the edges of their types, and the complement of what is finished. */
#include "base/buf.h"
#include "base/err.h"
#include "chunk/cut.h"
#include "chunk/done.h"
#include "t.h"

#include <stdlib.h>

/* The boundaries, blank-separated. */
static void cuts(bool is_unsigned, const char *min, const char *max, uint64_t pieces,
                 const char *want)
{
	struct mi_keycut cut;
	struct mi_buf got = {0};
	char text[MI_KEYCUT_ROOM];

	if (!mi_keycut_init(&cut, is_unsigned, min, max, pieces))
		mi_buf_add_str(&got, "refused");
	else
		for (int i = 0; i < 1000 && mi_keycut_next(&cut, text); i++)
			mi_buf_addf(&got, "%s%s", i ? " " : "", text);
	CHECK_STR(mi_buf_cstr(&got), want, want);
	mi_buf_release(&got);
}

static void integers(void)
{
	cuts(false, "", "5", 2, "refused");
	cuts(false, "x", "5", 2, "refused");
	cuts(false, "1", "5x", 2, "refused");
	cuts(false, "-", "5", 2, "refused");
	cuts(false, " 1", "5", 2, "refused");
	cuts(true, "-1", "5", 2, "refused");
	cuts(false, "5", "1", 2, "refused");
	cuts(false, "0", "9223372036854775808", 2, "refused");
	cuts(true, "0", "18446744073709551616", 2, "refused");

	cuts(false, "1", "100", 0, "");
	cuts(false, "1", "100", 1, "");
	cuts(false, "7", "7", 8, "");
	cuts(false, "7", "8", 8, "");
	cuts(false, "7", "9", 8, "8");
	cuts(false, "1", "100", 4, "26 51 76");
	cuts(false, "-10", "10", 3, "-3 4");
	cuts(false, "-128", "127", 2, "0");
	cuts(true, "0", "255", 2, "128");
	cuts(true, "0", "18446744073709551615", 1, "");
	cuts(true, "0", "18446744073709551615", 2, "9223372036854775808");
	cuts(true, "0", "18446744073709551615", 4,
	     "4611686018427387904 9223372036854775808 13835058055282163712");
	cuts(false, "-9223372036854775808", "9223372036854775807", 2, "0");
	cuts(false, "-9223372036854775808", "9223372036854775807", 4,
	     "-4611686018427387904 0 4611686018427387904");
	cuts(true, "18446744073709551612", "18446744073709551615", 4,
	     "18446744073709551613 18446744073709551614");
	cuts(false, "9223372036854775805", "9223372036854775807", 100, "9223372036854775806");
}

/* Keys here are single letters, so that the server's order is strcmp's. */
static int by_key(const void *a, const void *b, void *arg)
{
	const struct mi_keyranges *runs = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const char *k = x % 2 ? runs->items[x / 2].hi : runs->items[x / 2].lo;
	const char *l = y % 2 ? runs->items[y / 2].hi : runs->items[y / 2].lo;
	int order = strcmp(k, l);

	return order ? order : (int)(y % 2) - (int)(x % 2);
}

static void sort_bounds(struct mi_keyranges *runs, struct mi_keybounds *bounds)
{
	bounds->items = calloc(2 * runs->count + 1, sizeof *bounds->items);
	bounds->count = 0;
	for (size_t i = 0; i < runs->count; i++) {
		if (*runs->items[i].lo)
			bounds->items[bounds->count++] = 2 * i;
		if (*runs->items[i].hi)
			bounds->items[bounds->count++] = 2 * i + 1;
	}
	qsort_r(bounds->items, bounds->count, sizeof *bounds->items, by_key, runs);
}

static void complement(const char *text, const char *want)
{
	struct mi_done done = {0};
	struct mi_keyranges runs = {0}, gaps = {0};
	struct mi_keybounds bounds = {0};
	struct mi_buf lines = {0}, got = {0};
	struct mi_err err = {0};

	for (; *text; text++) { /* "-a ab b-" */
		char lo[2] = {*text == '-' ? 0 : *text, 0}, hi[2] = {0, 0};

		text++;
		hi[0] = *text == '-' ? 0 : *text;
		mi_done_print_chunk(&lines, "d", "t", 0, lo, hi, false);
		if (!text[1])
			break;
		text++;
	}
	mi_done_print_chunk(&lines, "other", "t", 0, "a", "b", false);
	mi_done_print_chunk(&lines, "d", "t", 3, "", "", false);
	if (mi_done_parse(&done, mi_buf_span(&lines), &err) == 0 &&
	    mi_keyranges_join(&runs, &done, "d", "t", &err) == 0) {
		sort_bounds(&runs, &bounds);
		if (mi_keyranges_complement(&runs, &bounds, &gaps, &err) == 0)
			for (size_t i = 0; i < gaps.count; i++)
				mi_buf_addf(&got, "%s(%s,%s]", i ? " " : "", gaps.items[i].lo,
				            gaps.items[i].hi);
	}
	if (err.code)
		mi_buf_add_str(&got, err.text);
	CHECK_STR(mi_buf_cstr(&got), want, want);
	mi_buf_release(&got);
	mi_buf_release(&lines);
	free(bounds.items);
	mi_keyranges_release(&runs);
	mi_keyranges_release(&gaps);
	mi_done_release(&done);
}

int main(void)
{
	integers();
	complement("", "(,]");
	complement("--", "");
	complement("-c c-", "");
	complement("-c", "(c,]");
	complement("c-", "(,c]");
	complement("cd", "(,c] (d,]");
	complement("de ab bc -a", "(c,d] (e,]");
	complement("mn gh ef bc", "(,b] (c,e] (f,g] (h,m] (n,]");
	complement("-a ab ef f-", "(b,e]");
	complement("ab ac", "two ranges begin at 'a'");
	complement("ac bc cd", "two ranges end at 'c'");
	complement("ac bc", "finished ranges overlap");
	complement("ac bd", "finished ranges overlap");
	complement("ad bc", "finished ranges overlap");
	complement("-- ab", "finished ranges overlap");
	complement("-- b-", "finished ranges overlap");
	complement("a- b-", "finished ranges overlap");
	complement("-b a-", "finished ranges overlap");
	complement("ba", "finished ranges overlap");
	complement("ab bc ca", "ranges go round in a circle");
	DONE();
}
