#include "wire/gtid.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { UUID_BYTES = 16, MAX_TAG = 32 };

/* Transaction numbers run from 1 to 2^63 - 2: "GTID Format and Storage" in the MySQL manual. */
#define MAX_GNO (INT64_MAX - 1)

struct interval {
	uint64_t first, last; /* both inside; first <= last */
};

/* One source: a UUID, and the tag behind it ("" for none). */
struct source {
	unsigned char uuid[UUID_BYTES];
	char tag[MAX_TAG + 1];
	struct interval *intervals; /* sorted, with gaps between them; never empty in a set */
	size_t count;
};

struct position {
	uint32_t domain, server;
	uint64_t seq;
};

/* At most one of the two arrays has elements. */
struct mi_gtid_set {
	struct source *sources; /* sorted by uuid, then tag */
	size_t source_count;
	struct position *positions; /* sorted by domain */
	size_t position_count;
};

struct mi_gtid_set *mi_gtid_new(void)
{
	return mi_alloc(sizeof(struct mi_gtid_set));
}

static void clear(struct mi_gtid_set *set)
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
	clear(set);
	free(set);
}

/* ---- Building: sources and intervals arrive in order ---- */

static int compare_sources(const struct source *a, const struct source *b)
{
	int order = memcmp(a->uuid, b->uuid, UUID_BYTES);

	return order ? order : strcmp(a->tag, b->tag);
}

/* A new last source with a's name, without intervals. */
static struct source *add_source(struct mi_gtid_set *set, const struct source *like)
{
	struct source *source = mi_array_add(&set->sources, &set->source_count, sizeof *source);

	memcpy(source->uuid, like->uuid, UUID_BYTES);
	memcpy(source->tag, like->tag, sizeof source->tag);
	return source;
}

/* Appends an interval that does not begin before the last one; merges what touches. */
static void add_interval(struct source *source, uint64_t first, uint64_t last)
{
	struct interval *end = source->count ? &source->intervals[source->count - 1] : NULL;

	if (end && first <= end->last + 1) {
		if (last > end->last)
			end->last = last;
		return;
	}
	end = mi_array_add(&source->intervals, &source->count, sizeof *end);
	*end = (struct interval){first, last};
}

static void drop_last_if_empty(struct mi_gtid_set *set)
{
	struct source *last = &set->sources[set->source_count - 1];

	if (last->count > 0)
		return;
	free(last->intervals);
	set->source_count--;
}

static void copy_source(struct mi_gtid_set *into, const struct source *from)
{
	struct source *source = add_source(into, from);

	for (size_t i = 0; i < from->count; i++)
		add_interval(source, from->intervals[i].first, from->intervals[i].last);
}

static void add_position(struct mi_gtid_set *set, struct position position)
{
	*(struct position *)mi_array_add(&set->positions, &set->position_count, sizeof position) =
	    position;
}

struct mi_gtid_set *mi_gtid_copy(const struct mi_gtid_set *set)
{
	struct mi_gtid_set *copy = mi_gtid_new();

	for (size_t i = 0; i < set->source_count; i++)
		copy_source(copy, &set->sources[i]);
	for (size_t i = 0; i < set->position_count; i++)
		add_position(copy, set->positions[i]);
	return copy;
}

/* ---- Parsing ---- */

struct reader {
	const char *at, *end, *begin;
};

static void skip_blanks(struct reader *in)
{
	while (in->at < in->end && isspace((unsigned char)*in->at))
		in->at++;
}

static bool take_char(struct reader *in, char c)
{
	skip_blanks(in);
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

static bool take_number(struct reader *in, uint64_t max, uint64_t *number)
{
	const char *start;

	skip_blanks(in);
	start = in->at;
	*number = 0;
	while (in->at < in->end && isdigit((unsigned char)*in->at)) {
		uint64_t digit = (uint64_t)(*in->at - '0');

		if (*number > (max - digit) / 10)
			return false;
		*number = *number * 10 + digit;
		in->at++;
	}
	return in->at > start;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 32 hex digits, with dashes after the 8th, 12th, 16th and 20th. */
static bool take_uuid(struct reader *in, unsigned char *uuid)
{
	skip_blanks(in);
	for (int i = 0; i < UUID_BYTES; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) &&
		    (in->at == in->end || *in->at++ != '-'))
			return false;
		if (in->end - in->at < 2)
			return false;
		high = hex_value(in->at[0]);
		low = hex_value(in->at[1]);
		if (high < 0 || low < 0)
			return false;
		uuid[i] = (unsigned char)(high << 4 | low);
		in->at += 2;
	}
	return true;
}

/* A letter or underscore, then letters, digits, underscores; up to 32 in all; made lower case. */
static bool take_tag(struct reader *in, char *tag)
{
	size_t len = 0;

	while (in->at < in->end && (isalnum((unsigned char)*in->at) || *in->at == '_') &&
	       len < MAX_TAG)
		tag[len++] = (char)tolower((unsigned char)*in->at++);
	tag[len] = '\0';
	return len > 0 &&
	       (in->at == in->end || !(isalnum((unsigned char)*in->at) || *in->at == '_'));
}

/* Intervals in any order, as text has them, sorted and merged into source at the end. */
static int by_first(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void sort_intervals(struct source *source)
{
	struct source merged = {0};

	qsort(source->intervals, source->count, sizeof *source->intervals, by_first);
	for (size_t i = 0; i < source->count; i++)
		add_interval(&merged, source->intervals[i].first, source->intervals[i].last);
	free(source->intervals);
	source->intervals = merged.intervals;
	source->count = merged.count;
}

static bool take_interval(struct reader *in, struct source *source)
{
	struct interval interval;

	if (!take_number(in, MAX_GNO, &interval.first) || interval.first == 0)
		return false;
	interval.last = interval.first;
	if (take_char(in, '-') &&
	    (!take_number(in, MAX_GNO, &interval.last) || interval.last < interval.first))
		return false;
	*(struct interval *)mi_array_add(&source->intervals, &source->count, sizeof interval) =
	    interval;
	return true;
}

/* uuid:tag:1-3:5:tag2:7-9, and servers also print the tags of one uuid one after another. */
static bool take_mysql(struct reader *in, struct mi_gtid_set *raw)
{
	struct source like = {0};
	struct source *source = NULL;

	if (!take_uuid(in, like.uuid))
		return false;
	while (take_char(in, ':')) {
		skip_blanks(in);
		if (in->at < in->end && (isalpha((unsigned char)*in->at) || *in->at == '_')) {
			if (!take_tag(in, like.tag))
				return false;
			source = NULL;
			continue;
		}
		if (!source)
			source = add_source(raw, &like);
		if (!take_interval(in, source))
			return false;
	}
	return source != NULL;
}

static bool take_mariadb(struct reader *in, struct mi_gtid_set *raw)
{
	uint64_t domain, server, seq;

	if (!take_number(in, UINT32_MAX, &domain) || !take_char(in, '-') ||
	    !take_number(in, UINT32_MAX, &server) || !take_char(in, '-') ||
	    !take_number(in, UINT64_MAX, &seq))
		return false;
	add_position(raw, (struct position){(uint32_t)domain, (uint32_t)server, seq});
	return true;
}

static int by_source(const void *a, const void *b)
{
	return compare_sources(a, b);
}

static int by_domain(const void *a, const void *b)
{
	const struct position *x = a, *y = b;

	return x->domain < y->domain ? -1 : x->domain > y->domain;
}

/* Sorts, and joins what the text named more than once. False: a MariaDB domain twice. */
static bool normalize(struct mi_gtid_set *raw)
{
	size_t kept = 0;

	if (raw->source_count)
		qsort(raw->sources, raw->source_count, sizeof *raw->sources, by_source);
	for (size_t i = 0; i < raw->source_count; i++) {
		struct source *source = &raw->sources[i];
		struct source *last = kept ? &raw->sources[kept - 1] : NULL;

		if (!last || compare_sources(last, source) != 0) {
			raw->sources[kept++] = *source;
			continue;
		}
		for (size_t j = 0; j < source->count; j++)
			*(struct interval *)mi_array_add(&last->intervals, &last->count,
			                                 sizeof(struct interval)) =
			    source->intervals[j];
		free(source->intervals);
	}
	raw->source_count = kept;
	for (size_t i = 0; i < kept; i++)
		sort_intervals(&raw->sources[i]);
	if (raw->position_count)
		qsort(raw->positions, raw->position_count, sizeof *raw->positions, by_domain);
	for (size_t i = 1; i < raw->position_count; i++)
		if (raw->positions[i].domain == raw->positions[i - 1].domain)
			return false;
	return true;
}

/* UUIDs have 8 hex digits before their first dash; a MariaDB domain is decimal and short, or its
 * second dash comes where a UUID has not got one. */
static bool looks_like_mysql(const struct reader *in)
{
	const char *dash = memchr(in->at, '-', (size_t)(in->end - in->at));
	const char *colon = memchr(in->at, ':', (size_t)(in->end - in->at));

	return colon && dash && dash - in->at == 8;
}

static int bad_place(const struct reader *in, struct mi_err *err)
{
	int rest = in->end - in->at < 40 ? (int)(in->end - in->at) : 40;

	return mi_fail(err, MI_USAGE, "bad GTID set at character %td: '%.*s'",
	               in->at - in->begin + 1, rest, rest ? in->at : "");
}

static int take_set(struct reader *in, struct mi_gtid_set *set, struct mi_err *err)
{
	skip_blanks(in);
	while (in->at < in->end) {
		bool mysql = looks_like_mysql(in);
		bool ok = mysql ? take_mysql(in, set) : take_mariadb(in, set);

		skip_blanks(in);
		if (!ok || (in->at < in->end && *in->at != ','))
			return bad_place(in, err);
		if (set->source_count && set->position_count)
			return mi_fail(err, MI_USAGE, "bad GTID set: it mixes MySQL and MariaDB");
		(void)take_char(in, ','); /* servers accept one at the end, too */
		skip_blanks(in);
	}
	if (!normalize(set))
		return mi_fail(err, MI_USAGE, "bad GTID set: it names a domain twice");
	return 0;
}

int mi_gtid_parse(struct mi_span text, struct mi_gtid_set **set, struct mi_err *err)
{
	struct reader in = {text.data, text.data + text.len, text.data};
	struct mi_gtid_set *made = mi_gtid_new();

	if (text.len > 0 && take_set(&in, made, err) != 0) {
		mi_gtid_free(made);
		return -1;
	}
	*set = made;
	return 0;
}

/* ---- Printing ---- */

static void print_uuid(const unsigned char *uuid, struct mi_buf *out)
{
	for (int i = 0; i < UUID_BYTES; i++)
		mi_buf_addf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
		            uuid[i]);
}

static void print_intervals(const struct source *source, struct mi_buf *out)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct interval *interval = &source->intervals[i];

		mi_buf_addf(out, ":%llu", (unsigned long long)interval->first);
		if (interval->last > interval->first)
			mi_buf_addf(out, "-%llu", (unsigned long long)interval->last);
	}
}

void mi_gtid_print(const struct mi_gtid_set *set, struct mi_buf *out)
{
	for (size_t i = 0; i < set->source_count; i++) {
		const struct source *source = &set->sources[i];

		if (i > 0)
			mi_buf_add_char(out, ',');
		print_uuid(source->uuid, out);
		if (*source->tag)
			mi_buf_addf(out, ":%s", source->tag);
		print_intervals(source, out);
	}
	for (size_t i = 0; i < set->position_count; i++) {
		const struct position *position = &set->positions[i];

		mi_buf_addf(out, "%s%u-%u-%llu", i ? "," : "", position->domain, position->server,
		            (unsigned long long)position->seq);
	}
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

/* ---- Relations ---- */

bool mi_gtid_equal(const struct mi_gtid_set *a, const struct mi_gtid_set *b)
{
	if (a->source_count != b->source_count || a->position_count != b->position_count)
		return false;
	for (size_t i = 0; i < a->source_count; i++) {
		const struct source *x = &a->sources[i], *y = &b->sources[i];

		if (compare_sources(x, y) != 0 || x->count != y->count ||
		    memcmp(x->intervals, y->intervals, x->count * sizeof *x->intervals) != 0)
			return false;
	}
	for (size_t i = 0; i < a->position_count; i++)
		if (a->positions[i].domain != b->positions[i].domain ||
		    a->positions[i].seq != b->positions[i].seq)
			return false;
	return true;
}

static bool source_contains(const struct source *a, const struct source *b)
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
		while (i < a->source_count && compare_sources(&a->sources[i], &b->sources[j]) < 0)
			i++;
		if (i == a->source_count || compare_sources(&a->sources[i], &b->sources[j]) != 0 ||
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

static void union_source(const struct source *a, const struct source *b, struct source *out)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		const struct interval *next;

		if (j == b->count ||
		    (i < a->count && a->intervals[i].first <= b->intervals[j].first))
			next = &a->intervals[i++];
		else
			next = &b->intervals[j++];
		add_interval(out, next->first, next->last);
	}
}

static void intersect_source(const struct source *a, const struct source *b, struct source *out)
{
	size_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		const struct interval *x = &a->intervals[i], *y = &b->intervals[j];
		uint64_t first = x->first > y->first ? x->first : y->first;
		uint64_t last = x->last < y->last ? x->last : y->last;

		if (first <= last)
			add_interval(out, first, last);
		if (x->last < y->last)
			i++;
		else
			j++;
	}
}

static void subtract_source(const struct source *a, const struct source *b, struct source *out)
{
	size_t j = 0;

	for (size_t i = 0; i < a->count; i++) {
		uint64_t first = a->intervals[i].first, last = a->intervals[i].last;

		while (j < b->count && b->intervals[j].last < first)
			j++;
		/* the hole that reaches past this interval may cut the next one too: j stays */
		for (size_t k = j; k < b->count && b->intervals[k].first <= last; k++) {
			if (b->intervals[k].first > first)
				add_interval(out, first, b->intervals[k].first - 1);
			first = b->intervals[k].last + 1;
		}
		if (first <= last)
			add_interval(out, first, last);
	}
}

typedef void source_fn(const struct source *a, const struct source *b, struct source *out);

/* keep_a, keep_b: what becomes of sources that only one of the sets has. */
static void combine(const struct mi_gtid_set *a, const struct mi_gtid_set *b, source_fn *both,
                    bool keep_a, bool keep_b, struct mi_gtid_set *out)
{
	size_t i = 0, j = 0;

	while (i < a->source_count || j < b->source_count) {
		int order = i == a->source_count ? 1
		            : j == b->source_count
		                ? -1
		                : compare_sources(&a->sources[i], &b->sources[j]);

		if (order < 0 && keep_a)
			copy_source(out, &a->sources[i]);
		if (order > 0 && keep_b)
			copy_source(out, &b->sources[j]);
		if (order == 0) {
			both(&a->sources[i], &b->sources[j], add_source(out, &a->sources[i]));
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
		const struct position *x = i < a->position_count ? &a->positions[i] : NULL;
		const struct position *y = j < b->position_count ? &b->positions[j] : NULL;
		int order = !x ? 1 : !y ? -1 : by_domain(x, y);

		if (order == 0)
			add_position(out, (x->seq > y->seq) == is_union ? *x : *y);
		else if (is_union)
			add_position(out, order < 0 ? *x : *y);
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
	clear(set);
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
			const struct interval *interval = &set->sources[i].intervals[j];
			uint64_t more = interval->last - interval->first + 1;

			if (more > UINT64_MAX - *count)
				return mi_fail(err, MI_USAGE, "the count is over 2^64 - 1");
			*count += more;
		}
	}
	return 0;
}
