#include "gtid/set.h"
#include "base/buf.h"
#include "gtid/gtid.h"

#include <stdlib.h>

struct mi_gtid_set *mi_gtid_new(void)
{
	return mi_alloc(sizeof(struct mi_gtid_set));
}

void mi_gtid_set_clear(struct mi_gtid_set *set)
{
	for (size_t i = 0; i < set->source_count; i++)
		free(set->sources[i].intervals);
	free(set->sources);
	free(set->positions);
	*set = (struct mi_gtid_set){0};
}

void mi_gtid_free(struct mi_gtid_set *set)
{
	if (!set)
		return;
	mi_gtid_set_clear(set);
	free(set);
}

int mi_gtid_source_order(const struct mi_gtid_source *a, const struct mi_gtid_source *b)
{
	int order = memcmp(a->uuid, b->uuid, MI_GTID_UUID);

	return order ? order : strcmp(a->tag, b->tag);
}

int mi_gtid_position_order(const struct mi_gtid_position *a, const struct mi_gtid_position *b)
{
	return a->domain < b->domain ? -1 : a->domain > b->domain;
}

struct mi_gtid_source *mi_gtid_set_append(struct mi_gtid_set *set,
                                          const struct mi_gtid_source *like)
{
	struct mi_gtid_source *source =
	    mi_array_add(&set->sources, &set->source_count, sizeof *source);

	memcpy(source->uuid, like->uuid, MI_GTID_UUID);
	memcpy(source->tag, like->tag, sizeof source->tag);
	return source;
}

void mi_gtid_set_append_position(struct mi_gtid_set *set, struct mi_gtid_position position)
{
	struct mi_gtid_position *added =
	    mi_array_add(&set->positions, &set->position_count, sizeof *added);

	*added = position;
}

void mi_gtid_source_append_raw(struct mi_gtid_source *source, uint64_t first, uint64_t last)
{
	struct mi_gtid_interval *added =
	    mi_array_add(&source->intervals, &source->count, sizeof *added);

	*added = (struct mi_gtid_interval){first, last};
}

void mi_gtid_source_append(struct mi_gtid_source *source, uint64_t first, uint64_t last)
{
	struct mi_gtid_interval *end = source->count ? &source->intervals[source->count - 1] : NULL;

	if (!end || first > end->last + 1)
		mi_gtid_source_append_raw(source, first, last);
	else if (last > end->last)
		end->last = last;
}

struct mi_gtid_set *mi_gtid_copy(const struct mi_gtid_set *set)
{
	struct mi_gtid_set *copy = mi_gtid_new();

	for (size_t i = 0; i < set->source_count; i++) {
		const struct mi_gtid_source *from = &set->sources[i];
		struct mi_gtid_source *into = mi_gtid_set_append(copy, from);

		for (size_t j = 0; j < from->count; j++)
			mi_gtid_source_append(into, from->intervals[j].first,
			                      from->intervals[j].last);
	}
	for (size_t i = 0; i < set->position_count; i++)
		mi_gtid_set_append_position(copy, set->positions[i]);
	return copy;
}

enum mi_gtid_family mi_gtid_family(const struct mi_gtid_set *set)
{
	if (set->source_count)
		return MI_GTID_MYSQL;
	return set->position_count ? MI_GTID_MARIADB : MI_GTID_NONE;
}

bool mi_gtid_is_empty(const struct mi_gtid_set *set)
{
	return mi_gtid_family(set) == MI_GTID_NONE;
}

/* ---- Sorting what came in any order ---- */

static int by_first(const void *a, const void *b)
{
	const struct mi_gtid_interval *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int by_source(const void *a, const void *b)
{
	return mi_gtid_source_order(a, b);
}

static int by_domain(const void *a, const void *b)
{
	return mi_gtid_position_order(a, b);
}

static void sort_intervals(struct mi_gtid_source *source)
{
	struct mi_gtid_source merged = {0};

	qsort(source->intervals, source->count, sizeof *source->intervals, by_first);
	for (size_t i = 0; i < source->count; i++)
		mi_gtid_source_append(&merged, source->intervals[i].first,
		                      source->intervals[i].last);
	free(source->intervals);
	source->intervals = merged.intervals;
	source->count = merged.count;
}

/* Neighbouring sources of the same uuid and tag become one source. */
static void join_sources(struct mi_gtid_set *raw)
{
	size_t kept = 0;

	for (size_t i = 0; i < raw->source_count; i++) {
		struct mi_gtid_source *source = &raw->sources[i];
		struct mi_gtid_source *last = kept ? &raw->sources[kept - 1] : NULL;

		if (!last || mi_gtid_source_order(last, source) != 0) {
			raw->sources[kept++] = *source;
			continue;
		}
		for (size_t j = 0; j < source->count; j++)
			mi_gtid_source_append_raw(last, source->intervals[j].first,
			                          source->intervals[j].last);
		free(source->intervals);
	}
	raw->source_count = kept;
}

bool mi_gtid_set_normalize(struct mi_gtid_set *raw)
{
	if (raw->source_count)
		qsort(raw->sources, raw->source_count, sizeof *raw->sources, by_source);
	join_sources(raw);
	for (size_t i = 0; i < raw->source_count; i++)
		sort_intervals(&raw->sources[i]);
	if (raw->position_count)
		qsort(raw->positions, raw->position_count, sizeof *raw->positions, by_domain);
	for (size_t i = 1; i < raw->position_count; i++)
		if (raw->positions[i].domain == raw->positions[i - 1].domain)
			return false;
	return true;
}
