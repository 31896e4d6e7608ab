#include "binlog/gtid.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "binlog/event.h"
#include "gtid/gtid.h"
#include "gtid/set.h"

static int malformed(const struct mi_event *event, struct mi_err *err)
{
	return mi_event_fail(event, MI_PROTOCOL, err, "malformed");
}

/* ---- MySQL ---- */

/* A commit time of 7 bytes: 55 bits, and in the top bit whether a second one follows. */
static uint64_t take_commit_time(struct mi_bytes *in)
{
	uint64_t immediate = mi_take_le(in, 7);

	if (immediate >> 55)
		(void)mi_take(in, 7); /* when the original server committed */
	return immediate & ((UINT64_C(1) << 55) - 1);
}

/* In bytes: flags 1, uuid 16, number 8, then since 5.7 a type code and the logical clock; behind
 * the post-header, since 8.0, the commit time and the transaction's length. */
static int read_plain(const struct mi_event *event, struct mi_event_gtid *gtid, struct mi_err *err)
{
	struct mi_bytes post, rest;
	struct mi_span uuid;

	if (mi_event_bytes(event, 25, &post, &rest, err) != 0)
		return -1;
	gtid->statements = mi_take_u8(&post) & 1;
	uuid = mi_take(&post, MI_GTID_UUID);
	gtid->gtid.number = mi_take_u64(&post);
	memcpy(gtid->gtid.uuid, uuid.data, MI_GTID_UUID);
	if (event->type == MI_EVENT_ANONYMOUS_GTID)
		gtid->gtid = (struct mi_gtid){0};
	if (rest.len >= 7)
		gtid->commit_us = take_commit_time(&rest);
	if (!rest.bad && rest.len > 0)
		gtid->length = mi_take_lenenc(&rest);
	return rest.bad ? malformed(event, err) : 0;
}

/* The variable-length integer of "MySQL Serialization Library": the first byte ends in as many ones
 * as bytes follow it. Without these ones and the zero before them all its bytes are the value,
 * little-endian. */
static uint64_t take_varlen(struct mi_bytes *in)
{
	unsigned char first = in->len > 0 ? *in->at : 0;
	unsigned more = 0;

	while (more < 8 && first >> more & 1)
		more++;
	if (more == 8) {
		(void)mi_take_u8(in);
		return mi_take_u64(in);
	}
	return mi_take_le(in, more + 1) >> (more + 1);
}

static uint64_t take_varlen_signed(struct mi_bytes *in)
{
	uint64_t value = take_varlen(in);

	return value & 1 ? ~(value >> 1) : value >> 1;
}

/* Fields of GTID_TAGGED: each is a field's number, then its value. The numbers grow; a field that
 * is not written has its default. They are those of Gtid_event::define_fields. */
enum {
	FIELD_FLAGS,
	FIELD_UUID,
	FIELD_NUMBER,
	FIELD_TAG,
	FIELD_LAST_COMMITTED,
	FIELD_SEQUENCE,
	FIELD_IMMEDIATE,
	FIELD_ORIGINAL,
	FIELD_LENGTH,
	FIELD_VERSION,
	FIELD_ORIGINAL_VERSION,
	FIELD_TICKET,
	FIELDS
};

static bool take_uuid(struct mi_bytes *in, struct mi_event_gtid *gtid)
{
	for (int i = 0; i < MI_GTID_UUID; i++) {
		uint64_t byte = take_varlen(in);

		if (byte > 255)
			return false;
		gtid->gtid.uuid[i] = (unsigned char)byte;
	}
	return true;
}

static bool take_tag(struct mi_bytes *in, struct mi_event_gtid *gtid)
{
	uint64_t len = take_varlen(in);
	struct mi_span tag;

	if (len > MI_GTID_TAG)
		return false;
	tag = mi_take(in, len);
	if (tag.len > 0)
		memcpy(gtid->gtid.tag, tag.data, tag.len);
	return mi_gtid_tag_is_valid(tag);
}

static bool take_field(unsigned field, struct mi_bytes *in, struct mi_event_gtid *gtid)
{
	switch (field) {
	case FIELD_FLAGS:
		gtid->statements = take_varlen(in) & 1;
		return true;
	case FIELD_UUID:
		return take_uuid(in, gtid);
	case FIELD_NUMBER:
		gtid->gtid.number = take_varlen_signed(in);
		return true;
	case FIELD_TAG:
		return take_tag(in, gtid);
	case FIELD_IMMEDIATE:
		gtid->commit_us = take_varlen(in);
		return true;
	case FIELD_LENGTH:
		gtid->length = take_varlen(in);
		return true;
	default:
		(void)take_varlen(in);
		return true;
	}
}

/* Format version, size of the whole body, how many fields must be understood; then the fields. */
static int read_tagged(const struct mi_event *event, struct mi_event_gtid *gtid, struct mi_err *err)
{
	struct mi_bytes post, in;
	uint64_t version, size, needed, seen = 0;
	size_t whole;

	if (mi_event_bytes(event, 0, &post, &in, err) != 0)
		return -1;
	whole = in.len;
	version = take_varlen(&in);
	size = take_varlen(&in);
	needed = take_varlen(&in);
	if (in.bad || size != whole)
		return malformed(event, err);
	if (version > 1 || needed > FIELDS)
		return mi_event_fail(event, MI_DATA, err,
		                     "it is of a newer format than this program knows");
	while (in.len > 0) {
		uint64_t field = take_varlen(&in);

		if (field >= FIELDS)
			break; /* a newer field, which needed says may be left out */
		if (field < seen || !take_field((unsigned)field, &in, gtid))
			return malformed(event, err);
		seen = field + 1;
	}
	return in.bad || seen <= FIELD_TAG ? malformed(event, err) : 0;
}

static int read_mysql(const struct mi_event *event, struct mi_event_gtid *gtid, struct mi_err *err)
{
	gtid->gtid.family = MI_GTID_MYSQL;
	if (event->type == MI_EVENT_GTID_TAGGED) {
		if (read_tagged(event, gtid, err) != 0)
			return -1;
	} else if (read_plain(event, gtid, err) != 0) {
		return -1;
	}
	if (gtid->gtid.family == MI_GTID_MYSQL &&
	    (gtid->gtid.number == 0 || gtid->gtid.number > MI_GTID_MAX_NUMBER))
		return mi_event_fail(event, MI_PROTOCOL, err, "number %llu is out of range",
		                     (unsigned long long)gtid->gtid.number);
	return 0;
}

/* ---- MariaDB ---- */

enum { GROUP_COMMIT_ID = 2, MULTI_ENGINE = 1 };

/* In bytes: seq 8, domain 4, flags 1; then, as far as flags say so, a commit id 8, an XA id; then
 * extra flags 1 and what these bring; zeros up to the post-header's 19 bytes. */
static int read_mariadb(const struct mi_event *event, struct mi_event_gtid *gtid,
                        struct mi_err *err)
{
	struct mi_bytes post, rest, in = mi_bytes(event->body);

	if (mi_event_bytes(event, 19, &post, &rest, err) != 0)
		return -1;
	gtid->gtid.family = MI_GTID_MARIADB;
	gtid->gtid.server = event->server_id;
	gtid->gtid.number = mi_take_u64(&in);
	gtid->gtid.domain = mi_take_u32(&in);
	gtid->flags = mi_take_u8(&in);
	if (gtid->flags & GROUP_COMMIT_ID)
		(void)mi_take_u64(&in);
	if (gtid->flags & (MI_GTID_PREPARED_XA | MI_GTID_COMPLETED_XA)) {
		unsigned gtrid, bqual;

		gtid->xid.format = mi_take_u32(&in);
		gtrid = mi_take_u8(&in);
		bqual = mi_take_u8(&in);
		gtid->xid.gtrid = mi_take(&in, gtrid);
		gtid->xid.bqual = mi_take(&in, bqual);
		if (gtrid > 64 || bqual > 64)
			return malformed(event, err);
	}
	if (in.len > 0) {
		gtid->extra = mi_take_u8(&in);
		if (gtid->extra & MULTI_ENGINE)
			(void)mi_take_u8(&in);
		if (gtid->extra & (MI_GTID_COMMIT_ALTER | MI_GTID_ROLLBACK_ALTER))
			(void)mi_take_u64(&in);
	}
	return in.bad || gtid->gtid.number == 0 ? malformed(event, err) : 0;
}

int mi_event_gtid(const struct mi_event *event, struct mi_event_gtid *gtid, struct mi_err *err)
{
	*gtid = (struct mi_event_gtid){.commit_us = (uint64_t)event->time * 1000000};
	if (event->type == MI_EVENT_GTID_MARIADB)
		return read_mariadb(event, gtid, err);
	return read_mysql(event, gtid, err);
}

/* ---- Sets ---- */

/* In bytes: 4 with a count in the lower 28 bits and flags above; then domain 4, server 4, seq 8 for
 * each. */
static int read_list(const struct mi_event *event, struct mi_gtid_set *set, struct mi_err *err)
{
	struct mi_bytes post, in;
	uint32_t count;

	if (mi_event_bytes(event, 4, &post, &in, err) != 0)
		return -1;
	count = mi_take_u32(&post) & ((UINT32_C(1) << 28) - 1);
	if (count > in.len / 16)
		return malformed(event, err);
	while (count-- > 0) {
		struct mi_gtid gtid = {.family = MI_GTID_MARIADB};

		gtid.domain = mi_take_u32(&in);
		gtid.server = mi_take_u32(&in);
		gtid.number = mi_take_u64(&in);
		if (!mi_gtid_has(set, &gtid) && mi_gtid_add(set, &gtid, err) != 0)
			return -1;
	}
	return 0;
}

int mi_event_gtid_set(const struct mi_event *event, struct mi_gtid_set **set, struct mi_err *err)
{
	struct mi_bytes post, in;

	if (event->type == MI_EVENT_GTID_LIST) {
		struct mi_gtid_set *list = mi_gtid_new();

		if (read_list(event, list, err) == 0) {
			*set = list;
			return 0;
		}
		mi_gtid_free(list);
		return -1;
	}
	if (mi_event_bytes(event, 0, &post, &in, err) != 0)
		return -1;
	if (mi_gtid_decode(mi_bytes_rest(&in), set, err) != 0)
		return mi_within(err, "PREVIOUS_GTIDS event");
	return 0;
}
