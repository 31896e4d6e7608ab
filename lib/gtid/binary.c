#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "gtid/set.h"

/* MySQL's binary form of a GTID set. The count of sources comes first, in 8 bytes. In the form with
 * tags the highest and the lowest byte of these are 1, and the count is in the 6 bytes between.
 * Then for each source its UUID; in the form with tags, the tag's length times 2 in a byte, and the
 * tag; then the count of intervals, and for each the first number and the one after the last, all
 * in 8 bytes. Integers are little-endian. */
enum { FORM_TAGGED = 1 };

static void put_u64(struct mi_buf *out, uint64_t value)
{
	char bytes[8];

	mi_put_u64(bytes, value);
	mi_buf_add(out, bytes, sizeof bytes);
}

static bool has_tags(const struct mi_gtid_set *set)
{
	for (size_t i = 0; i < set->source_count; i++)
		if (*set->sources[i].tag)
			return true;
	return false;
}

int mi_gtid_encode(const struct mi_gtid_set *set, struct mi_buf *out, struct mi_err *err)
{
	bool tagged = has_tags(set);

	if (set->position_count)
		return mi_fail(err, MI_USAGE, "a MariaDB position has no binary form");
	put_u64(out, tagged ? (uint64_t)FORM_TAGGED << 56 | set->source_count << 8 | FORM_TAGGED
	                    : set->source_count);
	for (size_t i = 0; i < set->source_count; i++) {
		const struct mi_gtid_source *source = &set->sources[i];

		mi_buf_add(out, source->uuid, MI_GTID_UUID);
		if (tagged) {
			mi_buf_add_char(out, (char)(strlen(source->tag) * 2));
			mi_buf_add_str(out, source->tag);
		}
		put_u64(out, source->count);
		for (size_t j = 0; j < source->count; j++) {
			put_u64(out, source->intervals[j].first);
			put_u64(out, source->intervals[j].last + 1);
		}
	}
	return 0;
}

/* ---- Reading ---- */

bool mi_gtid_tag_is_valid(struct mi_span tag)
{
	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.data[i];

		if (!((c >= 'a' && c <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return tag.len <= MI_GTID_TAG;
}

static bool take_tag(struct mi_bytes *in, struct mi_gtid_source *source)
{
	uint64_t twice = mi_take_u8(in);
	struct mi_span tag = mi_take(in, twice / 2);

	if (twice % 2 || !mi_gtid_tag_is_valid(tag))
		return false;
	if (tag.len > 0)
		memcpy(source->tag, tag.data, tag.len);
	return true;
}

static bool take_intervals(struct mi_bytes *in, struct mi_gtid_source *source)
{
	uint64_t count = mi_take_u64(in), end = 0;

	if (count == 0 || count > in->len / 16)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t first = mi_take_u64(in), after = mi_take_u64(in);

		if (first <= end || after <= first || after - 1 > MI_GTID_MAX_NUMBER)
			return false;
		mi_gtid_source_append(source, first, after - 1);
		end = after;
	}
	return true;
}

static bool take_set(struct mi_bytes *in, struct mi_gtid_set *set)
{
	uint64_t count = mi_take_u64(in);
	unsigned form = (unsigned)(count >> 56);

	if (form > FORM_TAGGED || (form == FORM_TAGGED && (count & 0xff) != FORM_TAGGED))
		return false;
	if (form == FORM_TAGGED)
		count = count << 8 >> 16;
	for (uint64_t i = 0; i < count; i++) {
		struct mi_gtid_source like = {0}, *source;
		struct mi_span uuid = mi_take(in, MI_GTID_UUID);

		if (in->bad || (form == FORM_TAGGED && !take_tag(in, &like)))
			return false;
		memcpy(like.uuid, uuid.data, MI_GTID_UUID);
		source = mi_gtid_set_append(set, &like);
		if (!take_intervals(in, source))
			return false;
	}
	return !in->bad && in->len == 0 && mi_gtid_set_normalize(set);
}

int mi_gtid_decode(struct mi_span bytes, struct mi_gtid_set **set, struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(bytes);
	struct mi_gtid_set *made = mi_gtid_new();

	if (!take_set(&in, made)) {
		mi_gtid_free(made);
		return mi_fail(err, MI_PROTOCOL, "malformed binary GTID set (%zu bytes)",
		               bytes.len);
	}
	*set = made;
	return 0;
}
