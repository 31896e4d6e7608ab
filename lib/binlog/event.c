#include "binlog/event.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "stream/deflate.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	unsigned char type;
	const char *name;
} names[] = {
    {MI_EVENT_QUERY, "QUERY"},
    {MI_EVENT_STOP, "STOP"},
    {MI_EVENT_ROTATE, "ROTATE"},
    {MI_EVENT_INTVAR, "INTVAR"},
    {MI_EVENT_APPEND_BLOCK, "APPEND_BLOCK"},
    {MI_EVENT_DELETE_FILE, "DELETE_FILE"},
    {MI_EVENT_RAND, "RAND"},
    {MI_EVENT_USER_VAR, "USER_VAR"},
    {MI_EVENT_FORMAT, "FORMAT_DESCRIPTION"},
    {MI_EVENT_XID, "XID"},
    {MI_EVENT_BEGIN_LOAD, "BEGIN_LOAD_QUERY"},
    {MI_EVENT_EXECUTE_LOAD, "EXECUTE_LOAD_QUERY"},
    {MI_EVENT_TABLE_MAP, "TABLE_MAP"},
    {MI_EVENT_WRITE_ROWS_V1, "WRITE_ROWS_V1"},
    {MI_EVENT_UPDATE_ROWS_V1, "UPDATE_ROWS_V1"},
    {MI_EVENT_DELETE_ROWS_V1, "DELETE_ROWS_V1"},
    {MI_EVENT_INCIDENT, "INCIDENT"},
    {MI_EVENT_HEARTBEAT, "HEARTBEAT"},
    {MI_EVENT_IGNORABLE, "IGNORABLE"},
    {MI_EVENT_ROWS_QUERY, "ROWS_QUERY"},
    {MI_EVENT_WRITE_ROWS, "WRITE_ROWS"},
    {MI_EVENT_UPDATE_ROWS, "UPDATE_ROWS"},
    {MI_EVENT_DELETE_ROWS, "DELETE_ROWS"},
    {MI_EVENT_GTID, "GTID"},
    {MI_EVENT_ANONYMOUS_GTID, "ANONYMOUS_GTID"},
    {MI_EVENT_PREVIOUS_GTIDS, "PREVIOUS_GTIDS"},
    {MI_EVENT_TRANSACTION_CONTEXT, "TRANSACTION_CONTEXT"},
    {MI_EVENT_VIEW_CHANGE, "VIEW_CHANGE"},
    {MI_EVENT_XA_PREPARE, "XA_PREPARE"},
    {MI_EVENT_PARTIAL_UPDATE_ROWS, "PARTIAL_UPDATE_ROWS"},
    {MI_EVENT_TRANSACTION_PAYLOAD, "TRANSACTION_PAYLOAD"},
    {MI_EVENT_HEARTBEAT_V2, "HEARTBEAT_V2"},
    {MI_EVENT_GTID_TAGGED, "GTID_TAGGED"},
    {MI_EVENT_ANNOTATE_ROWS, "ANNOTATE_ROWS"},
    {MI_EVENT_BINLOG_CHECKPOINT, "BINLOG_CHECKPOINT"},
    {MI_EVENT_GTID_MARIADB, "GTID"},
    {MI_EVENT_GTID_LIST, "GTID_LIST"},
    {MI_EVENT_START_ENCRYPTION, "START_ENCRYPTION"},
    {MI_EVENT_QUERY_COMPRESSED, "QUERY_COMPRESSED"},
    {MI_EVENT_WRITE_ROWS_COMPRESSED_V1, "WRITE_ROWS_COMPRESSED_V1"},
    {MI_EVENT_UPDATE_ROWS_COMPRESSED_V1, "UPDATE_ROWS_COMPRESSED_V1"},
    {MI_EVENT_DELETE_ROWS_COMPRESSED_V1, "DELETE_ROWS_COMPRESSED_V1"},
    {MI_EVENT_WRITE_ROWS_COMPRESSED, "WRITE_ROWS_COMPRESSED"},
    {MI_EVENT_UPDATE_ROWS_COMPRESSED, "UPDATE_ROWS_COMPRESSED"},
    {MI_EVENT_DELETE_ROWS_COMPRESSED, "DELETE_ROWS_COMPRESSED"},
};

const char *mi_event_name(unsigned type)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].type == type)
			return names[i].name;
	return "unknown";
}

int mi_event_fail(const struct mi_event *event, int code, struct mi_err *err, const char *fmt, ...)
{
	char why[sizeof err->text];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	return mi_fail(err, code, "%s event (type %u) that ends at position %u%s: %s",
	               mi_event_name(event->type), event->type, event->next_pos,
	               event->inner ? " of a compressed transaction" : "", why);
}

/* ---- Header, checksum, FORMAT_DESCRIPTION ---- */

int mi_event_head(const struct mi_event_format *format, const void *bytes, struct mi_event *event,
                  struct mi_err *err)
{
	const unsigned char *at = bytes;

	*event = (struct mi_event){
	    .time = mi_get_u32(at),
	    .type = at[4],
	    .server_id = mi_get_u32(at + 5),
	    .size = mi_get_u32(at + 9),
	    .next_pos = mi_get_u32(at + 13),
	    .flags = mi_get_u16(at + 17),
	    .format = format,
	};
	if (event->size < MI_EVENT_HEAD)
		return mi_event_fail(event, MI_PROTOCOL, err, "it claims a size of %u bytes",
		                     event->size);
	return 0;
}

static int open_head(const struct mi_event_format *format, struct mi_span bytes,
                     struct mi_event *event, struct mi_err *err)
{
	if (bytes.len < MI_EVENT_HEAD)
		return mi_fail(err, MI_PROTOCOL,
		               "a binary log event of %zu bytes is shorter than its header",
		               bytes.len);
	if (mi_event_head(format, bytes.data, event, err) != 0)
		return -1;
	if (event->size != bytes.len)
		return mi_event_fail(event, MI_PROTOCOL, err, "it claims %u bytes and has %zu",
		                     event->size, bytes.len);
	event->body = mi_span(bytes.data + MI_EVENT_HEAD, bytes.len - MI_EVENT_HEAD);
	return 0;
}

/* The checksum that an event should have. A FORMAT event's was made before the server set
 * MI_EVENT_IN_USE in it. */
static uint32_t sum_of(const struct mi_event *event, const unsigned char *bytes, size_t len)
{
	unsigned char head[MI_EVENT_HEAD];
	uint32_t sum;

	memcpy(head, bytes, sizeof head);
	if (event->type == MI_EVENT_FORMAT)
		head[17] &= (unsigned char)~MI_EVENT_IN_USE;
	sum = mi_crc32(0, head, sizeof head);
	return mi_crc32(sum, bytes + sizeof head, len - sizeof head);
}

static int check_sum(struct mi_event *event, struct mi_span bytes, struct mi_err *err)
{
	size_t len = bytes.len - MI_EVENT_CRC;
	uint32_t want, got;

	if (event->body.len < MI_EVENT_CRC)
		return mi_event_fail(event, MI_PROTOCOL, err, "it has no room for its checksum");
	want = mi_get_u32(bytes.data + len);
	got = sum_of(event, (const unsigned char *)bytes.data, len);
	if (want != got)
		return mi_event_fail(event, MI_DATA, err,
		                     "it is damaged: checksum %08x, should be %08x", got, want);
	event->body.len -= MI_EVENT_CRC;
	return 0;
}

/* In bytes: binlog version 2, server version 50, time 4, header length 1, a post-header length for
 * each type; then, since checksums exist (MySQL 5.6, MariaDB 5.3), the algorithm 1, and a checksum
 * 4, which the caller has taken off. */
static int read_format(const struct mi_event *event, struct mi_event_format *format,
                       struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(event->body);
	unsigned binlog = mi_take_u16(&in);
	struct mi_span version = mi_take(&in, 50);
	unsigned head;
	unsigned char algorithm;

	(void)mi_take(&in, 4);
	head = mi_take_u8(&in);
	if (in.bad || in.len < 1 + MI_EVENT_GTID || in.len > 1 + sizeof format->post - 1)
		return mi_event_fail(event, MI_PROTOCOL, err, "it is of a server before 5.6");
	if (binlog != 4 || head != MI_EVENT_HEAD)
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "binary log version %u with headers of %u bytes is unknown",
		                     binlog, head);
	*format = (struct mi_event_format){.known = true, .types = (unsigned)in.len - 1};
	memcpy(format->version, version.data, version.len);
	format->mariadb = strstr(format->version, "MariaDB") != NULL;
	memcpy(format->post + 1, in.at, format->types);
	algorithm = in.at[format->types];
	if (algorithm > 1)
		return mi_event_fail(event, MI_PROTOCOL, err, "checksum algorithm %u is unknown",
		                     algorithm);
	format->checksums = algorithm == 1;
	return 0;
}

static int open_format(struct mi_event_format *format, struct mi_span bytes, struct mi_event *event,
                       struct mi_err *err)
{
	/* the checksum's bytes are there whatever the algorithm; without one they say nothing */
	struct mi_event_format made;

	if (event->body.len < MI_EVENT_CRC)
		return mi_event_fail(event, MI_PROTOCOL, err, "it is too short");
	event->body.len -= MI_EVENT_CRC;
	if (read_format(event, &made, err) != 0)
		return -1;
	event->body.len += MI_EVENT_CRC;
	if (made.checksums && check_sum(event, bytes, err) != 0)
		return -1;
	if (!made.checksums)
		event->body.len -= MI_EVENT_CRC;
	*format = made;
	return 0;
}

int mi_event_open(struct mi_event_format *format, struct mi_span bytes, struct mi_event *event,
                  struct mi_err *err)
{
	if (open_head(format, bytes, event, err) != 0)
		return -1;
	if (event->type == MI_EVENT_FORMAT)
		return open_format(format, bytes, event, err);
	if (!format->known && event->type != MI_EVENT_ROTATE && event->type != MI_EVENT_HEARTBEAT &&
	    event->type != MI_EVENT_HEARTBEAT_V2)
		return mi_event_fail(event, MI_PROTOCOL, err, "no FORMAT_DESCRIPTION came before");
	return format->checksums ? check_sum(event, bytes, err) : 0;
}

int mi_event_open_inner(const struct mi_event_format *format, struct mi_span bytes,
                        struct mi_event *event, struct mi_err *err)
{
	if (open_head(format, bytes, event, err) != 0)
		return -1;
	event->inner = true;
	if (event->type == MI_EVENT_FORMAT || event->type == MI_EVENT_TRANSACTION_PAYLOAD ||
	    event->type == MI_EVENT_ROTATE)
		return mi_event_fail(event, MI_PROTOCOL, err, "it does not belong there");
	return 0;
}

int mi_event_bytes(const struct mi_event *event, size_t least, struct mi_bytes *post,
                   struct mi_bytes *rest, struct mi_err *err)
{
	const struct mi_event_format *format = event->format;
	/* before FORMAT there are only ROTATE and HEARTBEAT, whose post-headers never changed */
	bool early = !format->known;
	size_t len = early ? least : format->post[event->type & 0xff];

	if (!early && event->type > format->types)
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "the source's format description does not know it");
	if (len < least || event->body.len < len)
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "%zu bytes are too short for a post-header of %zu, at least "
		                     "%zu",
		                     event->body.len, len, least);
	*post = mi_bytes(mi_span(event->body.data, len));
	*rest = mi_bytes(mi_span(event->body.data + len, event->body.len - len));
	return 0;
}

/* ---- Small bodies ---- */

static int malformed(const struct mi_event *event, struct mi_err *err)
{
	return mi_event_fail(event, MI_PROTOCOL, err, "malformed");
}

int mi_event_rotate(const struct mi_event *event, struct mi_event_rotate *rotate,
                    struct mi_err *err)
{
	struct mi_bytes post, rest;

	if (mi_event_bytes(event, 8, &post, &rest, err) != 0)
		return -1;
	rotate->position = mi_take_u64(&post);
	rotate->file = mi_bytes_rest(&rest);
	return rotate->file.len > 0 ? 0 : malformed(event, err);
}

int mi_event_xid(const struct mi_event *event, uint64_t *number, struct mi_err *err)
{
	struct mi_bytes post, rest;

	if (mi_event_bytes(event, 0, &post, &rest, err) != 0)
		return -1;
	*number = mi_take_u64(&rest);
	return rest.bad ? malformed(event, err) : 0;
}

int mi_event_xa_prepare(const struct mi_event *event, struct mi_event_xa_prepare *xa,
                        struct mi_err *err)
{
	struct mi_bytes post, rest;
	uint32_t gtrid, bqual;

	if (mi_event_bytes(event, 0, &post, &rest, err) != 0)
		return -1;
	xa->one_phase = mi_take_u8(&rest) != 0;
	xa->xid.format = mi_take_u32(&rest);
	gtrid = mi_take_u32(&rest);
	bqual = mi_take_u32(&rest);
	if (rest.bad || gtrid > 64 || bqual > 64)
		return malformed(event, err);
	xa->xid.gtrid = mi_take(&rest, gtrid);
	xa->xid.bqual = mi_take(&rest, bqual);
	return rest.bad ? malformed(event, err) : 0;
}

/* Fields of type, length, value; type 0 ends them. Type 1 is the file's name, 2 the position. */
static int heartbeat_v2(const struct mi_event *event, struct mi_bytes *in,
                        struct mi_event_heartbeat *beat, struct mi_err *err)
{
	while (in->len > 0) {
		uint64_t type = mi_take_lenenc(in), len;
		struct mi_bytes value;

		if (type == 0)
			break;
		len = mi_take_lenenc(in);
		value = mi_bytes(mi_take(in, len));
		if (type == 1)
			beat->file = mi_bytes_rest(&value);
		else if (type == 2)
			beat->position = mi_take_lenenc(&value);
		if (in->bad || value.bad)
			return malformed(event, err);
	}
	return in->bad ? malformed(event, err) : 0;
}

int mi_event_heartbeat(const struct mi_event *event, struct mi_event_heartbeat *beat,
                       struct mi_err *err)
{
	struct mi_bytes post, rest;

	if (mi_event_bytes(event, 0, &post, &rest, err) != 0)
		return -1;
	*beat = (struct mi_event_heartbeat){.file = {"", 0}, .position = event->next_pos};
	if (event->type == MI_EVENT_HEARTBEAT_V2)
		return heartbeat_v2(event, &rest, beat, err);
	beat->file = mi_bytes_rest(&rest);
	return 0;
}

int mi_event_statement(const struct mi_event *event, struct mi_span *text, struct mi_err *err)
{
	struct mi_bytes post, rest;

	if (mi_event_bytes(event, 0, &post, &rest, err) != 0)
		return -1;
	if (event->type == MI_EVENT_ROWS_QUERY)
		(void)mi_take_u8(&rest); /* one byte of length, too small for most statements */
	*text = mi_bytes_rest(&rest);
	return rest.bad ? malformed(event, err) : 0;
}

int mi_event_incident(const struct mi_event *event, struct mi_event_incident *incident,
                      struct mi_err *err)
{
	struct mi_bytes post, rest;

	if (mi_event_bytes(event, 2, &post, &rest, err) != 0)
		return -1;
	incident->number = mi_take_u16(&post);
	incident->message = mi_take(&rest, mi_take_u8(&rest));
	return rest.bad ? malformed(event, err) : 0;
}
