#include "binlog/reader.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/payload.h"

#include <stdlib.h>
#include <zlib.h>

/* The event at hand: its header is not complete yet; it is gathered whole; it is a compressed
 * transaction, which is passed through in pieces. */
enum state { HEAD, WHOLE, PAYLOAD };

struct mi_binlog_reader {
	mi_binlog_event *event;
	void *user;
	struct mi_event_format format;
	enum state state;
	struct mi_buf pieces; /* of an event that is gathered whole */
	struct mi_payload *payload;
	/* The compressed transaction that is passed through: */
	struct mi_event outer;              /* its event's head */
	uint64_t seen;                      /* bytes of that event so far, head included */
	uint32_t sum;                       /* checksum of these bytes */
	unsigned char wanted[MI_EVENT_CRC]; /* the checksum at the event's end */
};

struct mi_binlog_reader *mi_binlog_reader_new(bool checksums, mi_binlog_event *event, void *user)
{
	struct mi_binlog_reader *reader = mi_alloc(sizeof *reader);

	reader->event = event;
	reader->user = user;
	reader->payload = mi_payload_new(event, user);
	mi_binlog_reader_restart(reader, checksums);
	return reader;
}

void mi_binlog_reader_free(struct mi_binlog_reader *reader)
{
	if (!reader)
		return;
	mi_payload_free(reader->payload);
	mi_buf_release(&reader->pieces);
	free(reader);
}

void mi_binlog_reader_restart(struct mi_binlog_reader *reader, bool checksums)
{
	reader->format = (struct mi_event_format){.checksums = checksums};
	reader->state = HEAD;
	mi_buf_reset(&reader->pieces);
}

/* ---- Compressed transactions, piece by piece ---- */

/* Where the outer event's body ends and its checksum begins, in bytes from the event's start. */
static uint64_t body_end(const struct mi_binlog_reader *reader)
{
	return reader->outer.size - (reader->format.checksums ? MI_EVENT_CRC : 0);
}

/* head: the event's first bytes, its common header whole. */
static int begin_payload(struct mi_binlog_reader *reader, const char *head, struct mi_err *err)
{
	if (mi_event_head(&reader->format, head, &reader->outer, err) != 0)
		return -1;
	if (!reader->format.known || reader->outer.type > reader->format.types)
		return mi_event_fail(&reader->outer, MI_PROTOCOL, err,
		                     "no FORMAT_DESCRIPTION came before that knows it");
	if (body_end(reader) < MI_EVENT_HEAD)
		return mi_event_fail(&reader->outer, MI_PROTOCOL, err, "malformed");
	reader->state = PAYLOAD;
	reader->seen = MI_EVENT_HEAD;
	reader->sum = (uint32_t)crc32_z(0, (const Bytef *)head, MI_EVENT_HEAD);
	mi_payload_begin(reader->payload, &reader->outer);
	return 0;
}

static int push_payload(struct mi_binlog_reader *reader, struct mi_span piece, struct mi_err *err)
{
	uint64_t end = body_end(reader), size = reader->outer.size;
	uint64_t body = reader->seen < end ? end - reader->seen : 0;
	struct mi_span sum;

	if (piece.len > size - reader->seen)
		return mi_event_fail(&reader->outer, MI_PROTOCOL, err,
		                     "more than the %llu bytes that it claims",
		                     (unsigned long long)size);
	if (body > piece.len)
		body = piece.len;
	sum = mi_span(piece.data + body, piece.len - (size_t)body);
	if (sum.len > 0)
		memcpy(reader->wanted + (reader->seen + body - end), sum.data, sum.len);
	reader->seen += piece.len;
	reader->sum = (uint32_t)crc32_z(reader->sum, (const Bytef *)piece.data, (z_size_t)body);
	return mi_payload_push(reader->payload, mi_span(piece.data, (size_t)body), err);
}

static int end_payload(struct mi_binlog_reader *reader, struct mi_err *err)
{
	uint32_t wanted = mi_get_u32(reader->wanted);

	if (reader->seen != reader->outer.size)
		return mi_event_fail(&reader->outer, MI_PROTOCOL, err,
		                     "it claims %u bytes and has %llu", reader->outer.size,
		                     (unsigned long long)reader->seen);
	if (reader->format.checksums && wanted != reader->sum)
		return mi_event_fail(&reader->outer, MI_DATA, err,
		                     "it is damaged: checksum %08x, should be %08x", reader->sum,
		                     wanted);
	return mi_payload_end(reader->payload, err);
}

/* ---- Events ---- */

static int whole_event(struct mi_binlog_reader *reader, struct mi_span bytes, struct mi_err *err)
{
	struct mi_event event;

	if (mi_event_open(&reader->format, bytes, &event, err) != 0)
		return -1;
	return reader->event(reader->user, &event, err);
}

/* Decides by an event's first bytes (its whole header at least, or all of a shorter event) whether
 * it is gathered whole or passed through. */
static int begin_event(struct mi_binlog_reader *reader, struct mi_span first, struct mi_err *err)
{
	reader->state = WHOLE;
	if (first.len < MI_EVENT_HEAD ||
	    (unsigned char)first.data[4] != MI_EVENT_TRANSACTION_PAYLOAD)
		return 0;
	if (begin_payload(reader, first.data, err) != 0)
		return -1;
	return push_payload(reader, mi_span(first.data + MI_EVENT_HEAD, first.len - MI_EVENT_HEAD),
	                    err);
}

static int end_event(struct mi_binlog_reader *reader, struct mi_span bytes, struct mi_err *err)
{
	enum state state = reader->state;

	reader->state = HEAD;
	return state == PAYLOAD ? end_payload(reader, err) : whole_event(reader, bytes, err);
}

int mi_binlog_push(struct mi_binlog_reader *reader, struct mi_span piece, bool last,
                   struct mi_err *err)
{
	struct mi_span bytes = piece;

	if (reader->state == PAYLOAD) {
		if (push_payload(reader, piece, err) != 0)
			return -1;
		return last ? end_event(reader, piece, err) : 0;
	}
	if (!last || reader->pieces.len > 0) {
		mi_buf_add_span(&reader->pieces, piece);
		bytes = mi_buf_span(&reader->pieces);
	}
	if (reader->state == HEAD && (last || bytes.len >= MI_EVENT_HEAD)) {
		if (begin_event(reader, bytes, err) != 0)
			return -1;
		if (reader->state == PAYLOAD)
			mi_buf_reset(&reader->pieces);
	}
	if (!last)
		return 0;
	mi_buf_reset(&reader->pieces);
	return end_event(reader, bytes, err);
}
