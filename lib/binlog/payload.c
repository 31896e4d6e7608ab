#include "binlog/payload.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdlib.h>
#ifdef MI_HAVE_ZSTD
#include <zstd.h>
#endif

enum {
	FIELD_END = 0,
	FIELD_SIZE = 1,
	FIELD_COMPRESSION = 2,
	FIELD_UNCOMPRESSED = 3,
	HEADER_MOST = 256,    /* bytes before the compressed ones */
	STEP = 1 << 17,       /* bytes inflated at once */
	WINDOW_LOG_MOST = 27, /* 128 MiB */
};

enum { ZSTD = 0, NONE = 255 };

struct mi_payload {
	mi_payload_event *event;
	void *user;
	struct mi_event outer;
	struct mi_buf header; /* the bytes before the compressed ones, until they are complete */
	bool header_done;
	bool has_size, has_uncompressed;
	unsigned compression;
	uint64_t size, uncompressed; /* bytes that the header claims */
	uint64_t in, out;            /* compressed and inflated bytes so far */
	struct mi_buf events;        /* inflated bytes after the last event that was handed out */
	size_t held;                 /* size of the event kept back, at the front of events; or 0 */
	bool at_frame_end;
#ifdef MI_HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
};

struct mi_payload *mi_payload_new(mi_payload_event *event, void *user)
{
	struct mi_payload *payload = mi_alloc(sizeof *payload);

	payload->event = event;
	payload->user = user;
	return payload;
}

void mi_payload_free(struct mi_payload *payload)
{
	if (!payload)
		return;
	mi_buf_release(&payload->header);
	mi_buf_release(&payload->events);
#ifdef MI_HAVE_ZSTD
	ZSTD_freeDStream(payload->zstd);
#endif
	free(payload);
}

void mi_payload_begin(struct mi_payload *payload, const struct mi_event *outer)
{
	payload->outer = *outer;
	payload->header_done = payload->has_size = payload->has_uncompressed = false;
	payload->compression = NONE;
	payload->size = payload->uncompressed = payload->in = payload->out = 0;
	payload->held = 0;
	payload->at_frame_end = true;
	mi_buf_reset(&payload->header);
	mi_buf_reset(&payload->events);
#ifdef MI_HAVE_ZSTD
	if (payload->zstd)
		(void)ZSTD_DCtx_reset(payload->zstd, ZSTD_reset_session_only);
#endif
}

/* ---- Events out of inflated bytes ---- */

/* Hands out the event that is kept back, which stands at this offset in events. */
static int hand_out(struct mi_payload *payload, size_t at, struct mi_err *err)
{
	struct mi_span bytes = mi_span(payload->events.data + at, payload->held);
	struct mi_event event;

	if (mi_event_open_inner(payload->outer.format, bytes, &event, err) != 0)
		return -1;
	return payload->event(payload->user, &event, err);
}

static void drop_front(struct mi_buf *buf, size_t len)
{
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

/* Hands out events while a whole one follows; the last whole one is kept back. */
static int split(struct mi_payload *payload, struct mi_err *err)
{
	size_t at = 0;

	for (;;) {
		const char *next = payload->events.data + at + payload->held;
		size_t left = payload->events.len - at - payload->held;
		struct mi_event event;

		if (left < MI_EVENT_HEAD)
			break;
		if (mi_event_head(payload->outer.format, next, &event, err) != 0)
			return -1;
		if (left < event.size)
			break;
		if (payload->held > 0 && hand_out(payload, at, err) != 0)
			return -1;
		at += payload->held;
		payload->held = event.size;
	}
	if (at > 0)
		drop_front(&payload->events, at);
	return 0;
}

static int take_inflated(struct mi_payload *payload, size_t len, struct mi_err *err)
{
	payload->events.len += len;
	payload->out += len;
	if (payload->has_uncompressed && payload->out > payload->uncompressed)
		return mi_event_fail(&payload->outer, MI_PROTOCOL, err,
		                     "it holds more than the %llu bytes that it claims",
		                     (unsigned long long)payload->uncompressed);
	return split(payload, err);
}

/* ---- Inflating ---- */

#ifdef MI_HAVE_ZSTD
static int start_zstd(struct mi_payload *payload, struct mi_err *err)
{
	if (payload->zstd)
		return 0;
	payload->zstd = ZSTD_createDStream();
	if (!payload->zstd)
		return mi_event_fail(&payload->outer, MI_AGAIN, err, "zstd cannot start");
	if (ZSTD_isError(
		ZSTD_DCtx_setParameter(payload->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MOST)))
		return mi_event_fail(&payload->outer, MI_BUG, err, "zstd refuses its window");
	return 0;
}

static int inflate_zstd(struct mi_payload *payload, struct mi_span piece, struct mi_err *err)
{
	ZSTD_inBuffer in = {piece.data, piece.len, 0};

	if (start_zstd(payload, err) != 0)
		return -1;
	for (;;) {
		ZSTD_outBuffer out;
		size_t ret;

		mi_buf_reserve(&payload->events, STEP);
		out = (ZSTD_outBuffer){payload->events.data + payload->events.len, STEP, 0};
		ret = ZSTD_decompressStream(payload->zstd, &out, &in);
		if (ZSTD_isError(ret))
			return mi_event_fail(&payload->outer, MI_PROTOCOL, err,
			                     "its zstd data is damaged: %s",
			                     ZSTD_getErrorName(ret));
		payload->at_frame_end = ret == 0;
		if (take_inflated(payload, out.pos, err) != 0)
			return -1;
		/* when the output is full, zstd may have more to come of input that it has taken */
		if (in.pos == in.size && out.pos < out.size)
			return 0;
	}
}
#else
static int inflate_zstd(struct mi_payload *payload, struct mi_span piece, struct mi_err *err)
{
	(void)piece;
	(void)mi_event_fail(&payload->outer, MI_CONFIG, err, "this program was built without zstd");
	return mi_hint(err, "install zstd's development package and build it again");
}
#endif

static int inflate_piece(struct mi_payload *payload, struct mi_span piece, struct mi_err *err)
{
	payload->in += piece.len;
	if (payload->has_size && payload->in > payload->size)
		return mi_event_fail(&payload->outer, MI_PROTOCOL, err,
		                     "it is longer than the %llu bytes that it claims",
		                     (unsigned long long)payload->size);
	if (payload->compression == ZSTD)
		return inflate_zstd(payload, piece, err);
	mi_buf_add_span(&payload->events, piece);
	payload->events.len -= piece.len;
	return take_inflated(payload, piece.len, err);
}

/* ---- The header: (type, length, value) in length-encoded integers, ended by type 0 ---- */

static void take_field(struct mi_payload *payload, uint64_t type, struct mi_bytes *value)
{
	uint64_t number;

	if (type > FIELD_UNCOMPRESSED)
		return; /* a newer field; the caller passes over it by its length */
	number = mi_take_lenenc(value);
	if (type == FIELD_SIZE) {
		payload->has_size = true;
		payload->size = number;
	} else if (type == FIELD_UNCOMPRESSED) {
		payload->has_uncompressed = true;
		payload->uncompressed = number;
	} else {
		payload->compression = number > NONE ? NONE + 1 : (unsigned)number;
	}
}

/* True when the header is complete; *used is its length then. *bad: a value in it is malformed. */
static bool read_header(struct mi_payload *payload, size_t *used, bool *bad)
{
	struct mi_bytes in = mi_bytes(mi_buf_span(&payload->header));

	*bad = false;
	for (;;) {
		uint64_t type = mi_take_lenenc(&in), len;
		struct mi_bytes value;

		if (in.bad)
			return false;
		if (type == FIELD_END)
			break;
		len = mi_take_lenenc(&in);
		value = mi_bytes(mi_take(&in, len));
		if (in.bad)
			return false;
		take_field(payload, type, &value);
		*bad |= value.bad;
	}
	*used = payload->header.len - in.len;
	return true;
}

static int push_header(struct mi_payload *payload, struct mi_span *piece, struct mi_err *err)
{
	size_t room = HEADER_MOST - payload->header.len, before = payload->header.len, used;
	bool bad;

	mi_buf_add(&payload->header, piece->data, piece->len < room ? piece->len : room);
	if (!read_header(payload, &used, &bad)) {
		if (payload->header.len == HEADER_MOST)
			return mi_event_fail(&payload->outer, MI_PROTOCOL, err, "malformed");
		piece->len = 0;
		return 0;
	}
	if (bad)
		return mi_event_fail(&payload->outer, MI_PROTOCOL, err, "malformed");
	if (payload->compression != ZSTD && payload->compression != NONE)
		return mi_event_fail(&payload->outer, MI_DATA, err, "its compression is unknown");
	payload->header_done = true;
	*piece = mi_span(piece->data + (used - before), piece->len - (used - before));
	return 0;
}

int mi_payload_push(struct mi_payload *payload, struct mi_span piece, struct mi_err *err)
{
	if (piece.len == 0)
		return 0;
	if (!payload->header_done && push_header(payload, &piece, err) != 0)
		return -1;
	return piece.len > 0 ? inflate_piece(payload, piece, err) : 0;
}

int mi_payload_end(struct mi_payload *payload, struct mi_err *err)
{
	bool whole = payload->header_done && payload->at_frame_end &&
	             payload->events.len == payload->held &&
	             (!payload->has_size || payload->in == payload->size) &&
	             (!payload->has_uncompressed || payload->out == payload->uncompressed);

	if (!whole)
		return mi_event_fail(
		    &payload->outer, MI_PROTOCOL, err, "it ends early, after %llu bytes of %llu",
		    (unsigned long long)payload->out, (unsigned long long)payload->uncompressed);
	if (payload->held > 0 && hand_out(payload, 0, err) != 0)
		return -1;
	mi_buf_reset(&payload->events);
	payload->held = 0;
	return 0;
}
