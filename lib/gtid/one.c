/* One transaction and a GTID set: reading its text, finding it in the set, adding it. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "gtid/gtid.h"
#include "gtid/set.h"

#include <stdlib.h>

/* ---- Reading ---- */

/* Takes a UUID off the front of text; false leaves text as it was. */
static bool take_uuid(struct mi_span *text, unsigned char uuid[MI_GTID_UUID])
{
	if (!mi_uuid_read(*text, uuid))
		return false;
	*text = mi_span(text->data + MI_UUID_TEXT, text->len - MI_UUID_TEXT);
	return true;
}

/* Takes a number up to max off the front of text. */
static bool take_number(struct mi_span *text, uint64_t max, uint64_t *number)
{
	size_t len = 0;

	*number = 0;
	for (; len < text->len && text->data[len] >= '0' && text->data[len] <= '9'; len++) {
		uint64_t digit = (uint64_t)(text->data[len] - '0');

		if (*number > (max - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	*text = mi_span(text->data + len, text->len - len);
	return len > 0;
}

static bool take_char(struct mi_span *text, char c)
{
	if (text->len == 0 || *text->data != c)
		return false;
	*text = mi_span(text->data + 1, text->len - 1);
	return true;
}

static bool read_position(struct mi_span text, struct mi_gtid *gtid)
{
	uint64_t domain, server;

	if (!take_number(&text, UINT32_MAX, &domain) || !take_char(&text, '-') ||
	    !take_number(&text, UINT32_MAX, &server) || !take_char(&text, '-') ||
	    !take_number(&text, UINT64_MAX, &gtid->number))
		return false;
	gtid->family = MI_GTID_MARIADB;
	gtid->domain = (uint32_t)domain;
	gtid->server = (uint32_t)server;
	return text.len == 0;
}

bool mi_gtid_read_run(struct mi_span text, struct mi_gtid *gtid, uint64_t *last)
{
	struct mi_span rest = text;

	*gtid = (struct mi_gtid){0};
	if (!take_uuid(&rest, gtid->uuid)) {
		*gtid = (struct mi_gtid){0};
		if (!read_position(text, gtid))
			return false;
		*last = gtid->number;
		return true;
	}
	gtid->family = MI_GTID_MYSQL;
	if (!take_char(&rest, ':') || !take_number(&rest, MI_GTID_MAX_NUMBER, &gtid->number))
		return false;
	*last = gtid->number;
	if (take_char(&rest, '-') && !take_number(&rest, MI_GTID_MAX_NUMBER, last))
		return false;
	return rest.len == 0 && gtid->number > 0 && *last >= gtid->number;
}

/* ---- Searching ---- */

/* Index of the first source that is not before the transaction's own. *found: it is that source. */
static size_t source_place(const struct mi_gtid_set *set, const struct mi_gtid *gtid, bool *found)
{
	size_t low = 0, high = set->source_count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct mi_gtid_source *source = &set->sources[middle];
		int order = memcmp(source->uuid, gtid->uuid, MI_GTID_UUID);

		if (order == 0)
			order = strcmp(source->tag, gtid->tag);
		if (order == 0)
			*found = true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t position_place(const struct mi_gtid_set *set, uint32_t domain)
{
	size_t low = 0, high = set->position_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->positions[middle].domain < domain)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Index of the first interval that ends at number or after it. */
static size_t interval_place(const struct mi_gtid_source *source, uint64_t number)
{
	size_t low = 0, high = source->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (source->intervals[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct mi_gtid_source *mi_gtid_set_source(const struct mi_gtid_set *set, const struct mi_gtid *gtid)
{
	bool found = false;
	size_t at = gtid->family == MI_GTID_MYSQL ? source_place(set, gtid, &found) : 0;

	return found ? &set->sources[at] : NULL;
}

struct mi_gtid_position *mi_gtid_set_position(const struct mi_gtid_set *set,
                                              const struct mi_gtid *gtid)
{
	size_t at = position_place(set, gtid->domain);

	return gtid->family == MI_GTID_MARIADB && at < set->position_count &&
	               set->positions[at].domain == gtid->domain
	           ? &set->positions[at]
	           : NULL;
}

bool mi_gtid_has(const struct mi_gtid_set *set, const struct mi_gtid *gtid)
{
	const struct mi_gtid_source *source = mi_gtid_set_source(set, gtid);
	const struct mi_gtid_position *position = mi_gtid_set_position(set, gtid);
	size_t at = source ? interval_place(source, gtid->number) : 0;

	if (source)
		return at < source->count && source->intervals[at].first <= gtid->number;
	return position && position->seq >= gtid->number;
}

/* ---- Adding ---- */

/* Makes room for an element at index at of the array *items (of *count), and zeroes it. Returns it.
 * items is the array's address, as for mi_array_add. */
static void *open_place(void *items, size_t *count, size_t size, size_t at)
{
	char *last = mi_array_add(items, count, size);
	char *place = last - (*count - 1 - at) * size;

	memmove(place + size, place, (size_t)(last - place));
	return memset(place, 0, size);
}

static void add_number(struct mi_gtid_source *source, uint64_t number)
{
	size_t at = interval_place(source, number);
	struct mi_gtid_interval *next = at < source->count ? &source->intervals[at] : NULL;
	struct mi_gtid_interval *before = at > 0 ? &source->intervals[at - 1] : NULL;
	bool after_before = before && before->last + 1 == number;

	if (next && next->first <= number)
		return;
	if (after_before && next && next->first == number + 1) {
		before->last = next->last;
		memmove(next, next + 1, (source->count - at - 1) * sizeof *next);
		source->count--;
	} else if (after_before) {
		before->last = number;
	} else if (next && next->first == number + 1) {
		next->first = number;
	} else {
		next = open_place(&source->intervals, &source->count, sizeof *next, at);
		*next = (struct mi_gtid_interval){number, number};
	}
}

static void add_mysql(struct mi_gtid_set *set, const struct mi_gtid *gtid)
{
	bool found;
	size_t at = source_place(set, gtid, &found);
	struct mi_gtid_source *source = found ? &set->sources[at] : NULL;

	if (!found) {
		source = open_place(&set->sources, &set->source_count, sizeof *source, at);
		memcpy(source->uuid, gtid->uuid, MI_GTID_UUID);
		memcpy(source->tag, gtid->tag, sizeof source->tag);
	}
	add_number(source, gtid->number);
}

static int add_mariadb(struct mi_gtid_set *set, const struct mi_gtid *gtid, struct mi_err *err)
{
	struct mi_gtid_position *position = mi_gtid_set_position(set, gtid);

	if (position && gtid->number <= position->seq)
		return mi_fail(err, MI_DATA,
		               "GTID %u-%u-%llu comes after %u-%u-%llu: its sequence number does "
		               "not grow",
		               gtid->domain, gtid->server, (unsigned long long)gtid->number,
		               position->domain, position->server,
		               (unsigned long long)position->seq);
	if (!position)
		position = open_place(&set->positions, &set->position_count, sizeof *position,
		                      position_place(set, gtid->domain));
	*position = (struct mi_gtid_position){gtid->domain, gtid->server, gtid->number};
	return 0;
}

int mi_gtid_add(struct mi_gtid_set *set, const struct mi_gtid *gtid, struct mi_err *err)
{
	enum mi_gtid_family family = mi_gtid_family(set);

	if (gtid->family == MI_GTID_NONE || (family != MI_GTID_NONE && family != gtid->family))
		return mi_fail(err, MI_DATA,
		               "a MySQL and a MariaDB GTID set have nothing in common");
	if (gtid->family == MI_GTID_MARIADB)
		return add_mariadb(set, gtid, err);
	if (gtid->number == 0 || gtid->number > MI_GTID_MAX_NUMBER)
		return mi_fail(err, MI_DATA, "GTID number %llu is out of range",
		               (unsigned long long)gtid->number);
	add_mysql(set, gtid);
	return 0;
}

bool mi_gtid_same(const struct mi_gtid *a, const struct mi_gtid *b)
{
	if (a->family != b->family || a->number != b->number)
		return false;
	if (a->family == MI_GTID_MARIADB)
		return a->domain == b->domain && a->server == b->server;
	return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && strcmp(a->tag, b->tag) == 0;
}
