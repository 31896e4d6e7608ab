/* Finding items by hash: what is put in is found, and nothing else, however hashes collide. */
#include "base/buf.h"
#include "base/set.h"
#include "t.h"

#include <stdlib.h>

enum { ITEMS = 3000 };

struct query {
	const uint64_t *items;
	uint64_t wanted;
};

static bool is(const void *user, size_t item)
{
	const struct query *query = user;

	return query->items[item] == query->wanted;
}

/* How many of the numbers below limit are found where they should be, or not found when they are
 * not among the items, which are the even ones. */
static size_t right(const struct mi_set *set, const uint64_t *items, uint64_t limit,
                    uint64_t (*hash)(uint64_t))
{
	size_t ok = 0;

	for (uint64_t n = 0; n < limit; n++) {
		const struct query query = {items, n};
		size_t found = mi_set_find(set, hash(n), is, &query);

		ok += n % 2 || n / 2 >= set->count ? found == MI_SET_NONE : found == n / 2;
	}
	return ok;
}

static void fill_and_find(uint64_t (*hash)(uint64_t), size_t reserve, size_t count,
                          const char *what)
{
	static uint64_t items[ITEMS];
	struct mi_set set = {0};
	size_t wrong = 0;

	mi_set_reserve(&set, reserve);
	for (size_t i = 0; i < count; i++) {
		const struct query query = {items, 2 * i};

		items[i] = 2 * i;
		wrong += mi_set_put(&set, hash(2 * i), is, &query, i) != i;
		wrong += mi_set_put(&set, hash(2 * i), is, &query, i + 1) != i;
	}
	CHECK(wrong == 0 && set.count == count && 2 * count <= set.room, "%s: put once", what);
	CHECK(right(&set, items, 2 * count + 10, hash) == 2 * count + 10, "%s: found", what);
	mi_set_clear(&set);
	CHECK(right(&set, items, 10, hash) == 10 && set.count == 0, "%s: empty again", what);
	mi_set_release(&set);
}

static uint64_t by_bytes(uint64_t n)
{
	return mi_set_hash(MI_SET_HASH, mi_span(&n, sizeof n));
}

static uint64_t one_for_all(uint64_t n)
{
	(void)n;
	return 5;
}

/* Differ in what a slot does not keep. */
static uint64_t by_high_bits(uint64_t n)
{
	return n << 61;
}

int main(void)
{
	struct mi_set empty = {0};
	const struct query query = {NULL, 0};

	CHECK(mi_set_find(&empty, 7, is, &query) == MI_SET_NONE, "nothing is in an empty set");
	mi_set_clear(&empty);
	mi_set_release(&empty);
	CHECK(mi_set_hash(MI_SET_HASH, mi_span("foobar", 6)) == UINT64_C(0x85944171f73967e8),
	      "FNV-1a");
	fill_and_find(by_bytes, 0, ITEMS, "grown");
	fill_and_find(by_bytes, ITEMS, ITEMS, "reserved");
	fill_and_find(one_for_all, 0, 200, "one hash");
	fill_and_find(by_high_bits, 0, 200, "hashes alike");
	DONE();
}
