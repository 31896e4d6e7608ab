#include "gtid/gtid.h"
#include "base/err.h"
#include "gtid/set.h"

#include <stdlib.h>

/* ---- Relations ---- */

bool mi_gtid_equal(const struct mi_gtid_set *a, const struct mi_gtid_set *b)
{
	if (a->source_count != b->source_count || a->position_count != b->position_count)
		return false;
	for (size_t i = 0; i < a->source_count; i++) {
		const struct mi_gtid_source *x = &a->sources[i], *y = &b->sources[i];

		if (mi_gtid_source_order(x, y) != 0 || x->count != y->count ||
		    memcmp(x->intervals, y->intervals, x->count * sizeof *x->intervals) != 0)
			return false;
	}
	for (size_t i = 0; i < a->position_count; i++)
		if (a->positions[i].domain != b->positions[i].domain ||
		    a->positions[i].seq != b->positions[i].seq)
			return false;
	return true;
}

static bool source_contains(const struct mi_gtid_source *a, const struct mi_gtid_source *b)
{
	size_t i = 0;

	for (size_t j = 0; j < b->count; j++) {
		while (i < a->count && a->intervals[i].last < b->intervals[j].first)
			i++;
		if (i == a->count || a->intervals[i].first > b->intervals[j].first ||
		    a->intervals[i].last < b->intervals[j].last)
			return false;
	}
	return true;
}

bool mi_gtid_contains(const struct mi_gtid_set *a, const struct mi_gtid_set *b)
{
	size_t i = 0;

	for (size_t j = 0; j < b->source_count; j++) {
		while (i < a->source_count &&
		       mi_gtid_source_order(&a->sources[i], &b->sources[j]) < 0)
			i++;
		if (i == a->source_count ||
		    mi_gtid_source_order(&a->sources[i], &b->sources[j]) != 0 ||
		    !source_contains(&a->sources[i], &b->sources[j]))
			return false;
	}
	i = 0;
	for (size_t j = 0; j < b->position_count; j++) {
		while (i < a->position_count && a->positions[i].domain < b->positions[j].domain)
			i++;
		if (i == a->position_count || a->positions[i].domain != b->positions[j].domain ||
		    a->positions[i].seq < b->positions[j].seq)
			return false;
	}
	return true;
}

/* ---- Arithmetic: each makes a new set of two sorted ones, walking both once ---- */

static void union_source(const struct mi_gtid_source *a, const struct mi_gtid_source *b,
                         struct mi_gtid_source *out)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		const struct mi_gtid_interval *next;

		if (j == b->count ||
		    (i < a->count && a->intervals[i].first <= b->intervals[j].first))
			next = &a->intervals[i++];
		else
			next = &b->intervals[j++];
		mi_gtid_source_append(out, next->first, next->last);
	}
}

static void intersect_source(const struct mi_gtid_source *a, const struct mi_gtid_source *b,
                             struct mi_gtid_source *out)
{
	size_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		const struct mi_gtid_interval *x = &a->intervals[i], *y = &b->intervals[j];
		uint64_t first = x->first > y->first ? x->first : y->first;
		uint64_t last = x->last < y->last ? x->last : y->last;

		if (first <= last)
			mi_gtid_source_append(out, first, last);
		if (x->last < y->last)
			i++;
		else
			j++;
	}
}

static void subtract_source(const struct mi_gtid_source *a, const struct mi_gtid_source *b,
                            struct mi_gtid_source *out)
{
	size_t j = 0;

	for (size_t i = 0; i < a->count; i++) {
		uint64_t first = a->intervals[i].first, last = a->intervals[i].last;

		while (j < b->count && b->intervals[j].last < first)
			j++;
		/* an interval of b that reaches past this one of a may cut a's next one: j stays */
		for (size_t k = j; k < b->count && b->intervals[k].first <= last; k++) {
			if (b->intervals[k].first > first)
				mi_gtid_source_append(out, first, b->intervals[k].first - 1);
			first = b->intervals[k].last + 1;
		}
		if (first <= last)
			mi_gtid_source_append(out, first, last);
	}
}

static void copy_source(struct mi_gtid_set *into, const struct mi_gtid_source *from)
{
	struct mi_gtid_source *source = mi_gtid_set_append(into, from);

	for (size_t i = 0; i < from->count; i++)
		mi_gtid_source_append(source, from->intervals[i].first, from->intervals[i].last);
}

static void drop_last_if_empty(struct mi_gtid_set *set)
{
	struct mi_gtid_source *last = &set->sources[set->source_count - 1];

	if (last->count > 0)
		return;
	free(last->intervals);
	set->source_count--;
}

typedef void source_fn(const struct mi_gtid_source *a, const struct mi_gtid_source *b,
                       struct mi_gtid_source *out);

/* Fills out with both's result for each source that both sets have. keep_a, keep_b: sources that
 * only a, or only b, has are copied. */
static void combine(const struct mi_gtid_set *a, const struct mi_gtid_set *b, source_fn *both,
                    bool keep_a, bool keep_b, struct mi_gtid_set *out)
{
	size_t i = 0, j = 0;

	while (i < a->source_count || j < b->source_count) {
		int order = i == a->source_count ? 1
		            : j == b->source_count
		                ? -1
		                : mi_gtid_source_order(&a->sources[i], &b->sources[j]);

		if (order < 0 && keep_a)
			copy_source(out, &a->sources[i]);
		if (order > 0 && keep_b)
			copy_source(out, &b->sources[j]);
		if (order == 0) {
			both(&a->sources[i], &b->sources[j],
			     mi_gtid_set_append(out, &a->sources[i]));
			drop_last_if_empty(out);
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static void combine_positions(const struct mi_gtid_set *a, const struct mi_gtid_set *b,
                              bool is_union, struct mi_gtid_set *out)
{
	size_t i = 0, j = 0;

	while (i < a->position_count || j < b->position_count) {
		const struct mi_gtid_position *x = i < a->position_count ? &a->positions[i] : NULL;
		const struct mi_gtid_position *y = j < b->position_count ? &b->positions[j] : NULL;
		int order = !x ? 1 : !y ? -1 : mi_gtid_position_order(x, y);

		if (order == 0)
			mi_gtid_set_append_position(out, (x->seq > y->seq) == is_union ? *x : *y);
		else if (is_union)
			mi_gtid_set_append_position(out, order < 0 ? *x : *y);
		i += order <= 0;
		j += order >= 0;
	}
}

static int check_families(const struct mi_gtid_set *a, const struct mi_gtid_set *b,
                          struct mi_err *err)
{
	if ((a->source_count && b->position_count) || (a->position_count && b->source_count))
		return mi_fail(err, MI_USAGE,
		               "a MySQL and a MariaDB GTID set have nothing in common");
	return 0;
}

static void become(struct mi_gtid_set *set, struct mi_gtid_set *result)
{
	mi_gtid_set_clear(set);
	*set = *result;
}

int mi_gtid_union(struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err)
{
	struct mi_gtid_set out = {0};

	if (check_families(a, b, err) != 0)
		return -1;
	combine(a, b, union_source, true, true, &out);
	combine_positions(a, b, true, &out);
	become(a, &out);
	return 0;
}

int mi_gtid_intersect(struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err)
{
	struct mi_gtid_set out = {0};

	if (check_families(a, b, err) != 0)
		return -1;
	combine(a, b, intersect_source, false, false, &out);
	combine_positions(a, b, false, &out);
	become(a, &out);
	return 0;
}

int mi_gtid_subtract(struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err)
{
	struct mi_gtid_set out = {0};

	if (check_families(a, b, err) != 0)
		return -1;
	if (a->position_count || b->position_count)
		return mi_fail(err, MI_USAGE, "MariaDB positions cannot be subtracted");
	combine(a, b, subtract_source, true, false, &out);
	become(a, &out);
	return 0;
}

int mi_gtid_count(const struct mi_gtid_set *set, uint64_t *count, struct mi_err *err)
{
	*count = 0;
	if (set->position_count)
		return mi_fail(err, MI_USAGE, "a MariaDB position has no count");
	for (size_t i = 0; i < set->source_count; i++) {
		for (size_t j = 0; j < set->sources[i].count; j++) {
			const struct mi_gtid_interval *interval = &set->sources[i].intervals[j];
			uint64_t more = interval->last - interval->first + 1;

			if (more > UINT64_MAX - *count)
				return mi_fail(err, MI_USAGE, "the count is over 2^64 - 1");
			*count += more;
		}
	}
	return 0;
}
