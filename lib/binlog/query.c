#include "binlog/query.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/inflate.h"

enum { MANY_DBS = 254 };

/* A count, and so many names, each ended by a NUL. False: malformed. */
static bool take_dbs(struct mi_bytes *in, struct mi_event_query *query)
{
	unsigned count = mi_take_u8(in);
	const unsigned char *begin = in->at;

	if (count == MANY_DBS) {
		query->many_dbs = true;
		return !in->bad;
	}
	for (unsigned i = 0; i < count; i++) {
		const unsigned char *end = in->len > 0 ? memchr(in->at, 0, in->len) : NULL;

		if (!end)
			return false;
		(void)mi_take(in, (uint64_t)(end - in->at) + 1);
	}
	query->db_count = count;
	query->dbs = mi_span(begin, (size_t)(in->at - begin));
	return !in->bad;
}

/* Bytes of a status variable's value that is of no interest here; 0: not such a variable. */
static unsigned uninteresting(unsigned code)
{
	switch (code) {
	case 10: /* data written */
		return 4;
	case 8: /* charset_database */
		return 2;
	case 9:   /* table_map_for_update */
	case 17:  /* DDL logged with xid */
	case 129: /* MariaDB: xid */
		return 8;
	default:
		return 0;
	}
}

static void take_increments(struct mi_bytes *in, struct mi_event_query *query)
{
	query->increment = mi_take_u16(in);
	query->offset = mi_take_u16(in);
}

static unsigned take_u24(struct mi_bytes *in)
{
	unsigned low = mi_take_u16(in);

	return low | (unsigned)mi_take_u8(in) << 16;
}

static void take_charset(struct mi_bytes *in, struct mi_event_query *query)
{
	query->has_charset = true;
	query->client = mi_take_u16(in);
	query->connection = mi_take_u16(in);
	query->server = mi_take_u16(in);
}

/* MariaDB: the extra flags of the statement's GTID event, and with COMMIT_ALTER or ROLLBACK_ALTER a
 * sequence number. */
static void skip_gtid_flags(struct mi_bytes *in)
{
	unsigned flags = mi_take_u8(in);

	if (flags & 0x0c)
		(void)mi_take_u64(in);
}

/* False: code is unknown, and with it the length of its value. */
static bool take_variable(unsigned code, struct mi_bytes *in, struct mi_event_query *query)
{
	switch (code) {
	case 0:
		query->has_options = true;
		query->options = mi_take_u32(in);
		return true;
	case 1:
		query->has_sql_mode = true;
		query->sql_mode = mi_take_u64(in);
		return true;
	case 2: /* catalog, ended by a NUL */
		(void)mi_take(in, (uint64_t)mi_take_u8(in) + 1);
		return true;
	case 3:
		take_increments(in, query);
		return true;
	case 4:
		take_charset(in, query);
		return true;
	case 5:
		query->time_zone = mi_take(in, mi_take_u8(in));
		return true;
	case 6: /* catalog */
		(void)mi_take(in, mi_take_u8(in));
		return true;
	case 7:
		query->months = mi_take_u16(in);
		return true;
	case 11: /* invoker: user and host */
		(void)mi_take(in, mi_take_u8(in));
		(void)mi_take(in, mi_take_u8(in));
		return true;
	case 12:
		in->bad |= !take_dbs(in, query);
		return true;
	case 13:
	case 128: /* MariaDB */
		query->microseconds = take_u24(in);
		return true;
	case 16:
		query->has_timestamps = true;
		query->timestamps = mi_take_u8(in) != 0;
		return true;
	case 18:
		query->utf8mb4 = mi_take_u16(in);
		return true;
	case 19:
		query->has_primary_key = true;
		query->primary_key = mi_take_u8(in) != 0;
		return true;
	case 20:
		query->encrypts = mi_take_u8(in) != 0;
		return true;
	case 130:
		skip_gtid_flags(in);
		return true;
	case 131:
		query->collations = mi_take(in, (uint64_t)mi_take_u8(in) * 4);
		return true;
	default:
		if (uninteresting(code) == 0)
			return false;
		(void)mi_take(in, uninteresting(code));
		return true;
	}
}

static bool read_status(struct mi_span status, struct mi_event_query *query)
{
	struct mi_bytes in = mi_bytes(status);

	while (in.len > 0) {
		unsigned code = mi_take_u8(&in);

		if (!take_variable(code, &in, query)) {
			query->unknown = (int)code;
			return true;
		}
	}
	return !in.bad;
}

/* post-header, in bytes: thread 4, seconds of execution 4, length of db 1, error 2, length of
 * status 2 */
int mi_event_query(const struct mi_event *event, struct mi_buf *scratch,
                   struct mi_event_query *query, struct mi_err *err)
{
	struct mi_bytes post, rest;
	struct mi_span status;
	unsigned db_len, status_len;

	*query = (struct mi_event_query){.time = event->time, .unknown = -1};
	if (mi_event_bytes(event, 13, &post, &rest, err) != 0)
		return -1;
	query->thread = mi_take_u32(&post);
	(void)mi_take(&post, 4);
	db_len = mi_take_u8(&post);
	query->error = mi_take_u16(&post);
	status_len = mi_take_u16(&post);
	status = mi_take(&rest, status_len);
	query->db = mi_take(&rest, db_len);
	if (mi_take_u8(&rest) != 0 || rest.bad || !read_status(status, query))
		return mi_event_fail(event, MI_PROTOCOL, err, "malformed");
	query->text = mi_bytes_rest(&rest);
	if (event->type != MI_EVENT_QUERY_COMPRESSED)
		return 0;
	mi_buf_reset(scratch);
	if (mi_event_inflate(event, query->text, scratch, err) != 0)
		return -1;
	query->text = mi_buf_span(scratch);
	return 0;
}

bool mi_event_query_db(struct mi_span *rest, struct mi_span *name)
{
	const char *end = rest->len > 0 ? memchr(rest->data, 0, rest->len) : NULL;

	if (!end)
		return false;
	*name = mi_span(rest->data, (size_t)(end - rest->data));
	*rest = mi_span(end + 1, rest->len - name->len - 1);
	return true;
}
