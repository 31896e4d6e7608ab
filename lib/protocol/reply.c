#include "protocol/reply.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/packet.h"

#include <string.h>

enum { ERR_BYTE = 0xff, EOF_BYTE = 0xfe, SQLSTATE = 5 };

static int damaged(struct mi_err *err, const char *what)
{
	return mi_fail(err, MI_PROTOCOL, "%s: the packet is cut short or damaged", what);
}

/* ---- ERR and EOF ---- */

int mi_reply_err_parse(struct mi_reply_err *reply, struct mi_span payload, struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);
	uint8_t first = mi_take_u8(&in);

	*reply = (struct mi_reply_err){0};
	reply->code = mi_take_u16(&in);
	if (in.bad || first != ERR_BYTE)
		return damaged(err, "ERR");
	if (in.len > SQLSTATE && in.at[0] == '#') {
		(void)mi_take_u8(&in);
		memcpy(reply->state, mi_take(&in, SQLSTATE).data, SQLSTATE);
	}
	reply->text = mi_bytes_rest(&in);
	return 0;
}

void mi_reply_err_text(const struct mi_reply_err *reply, char text[MI_REPLY_TEXT])
{
	size_t len = reply->text.len < MI_REPLY_TEXT ? reply->text.len : MI_REPLY_TEXT - 1;

	if (len)
		memcpy(text, reply->text.data, len);
	text[len] = '\0';
}

void mi_reply_err_build(struct mi_buf *out, uint16_t code, const char *state, struct mi_span text)
{
	mi_buf_add_char(out, (char)ERR_BYTE);
	mi_packet_add_u16(out, code);
	if (state) {
		mi_buf_add_char(out, '#');
		mi_buf_add_str(out, state);
	}
	mi_buf_add_span(out, text);
}

int mi_reply_eof_parse(struct mi_reply_eof *reply, struct mi_span payload, struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);
	uint8_t first = mi_take_u8(&in);

	reply->warnings = mi_take_u16(&in);
	reply->status = mi_take_u16(&in);
	return in.bad || first != EOF_BYTE ? damaged(err, "EOF") : 0;
}

void mi_reply_eof_build(struct mi_buf *out, uint16_t warnings, uint16_t status)
{
	mi_buf_add_char(out, (char)EOF_BYTE);
	mi_packet_add_u16(out, warnings);
	mi_packet_add_u16(out, status);
}

/* ---- OK ---- */

int mi_reply_ok_parse(struct mi_reply_ok *reply, struct mi_span payload, uint64_t caps,
                      struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);

	*reply = (struct mi_reply_ok){.header = mi_take_u8(&in)};
	if (reply->header != 0 && reply->header != EOF_BYTE)
		return damaged(err, "OK");
	reply->affected = mi_take_lenenc(&in);
	reply->insert_id = mi_take_lenenc(&in);
	reply->status = mi_take_u16(&in);
	reply->warnings = mi_take_u16(&in);
	if (in.len)
		reply->info = mi_take_string(&in);
	if (caps & MI_CAP_SESSION_TRACK && reply->status & MI_STATUS_SESSION_CHANGED)
		reply->changes = mi_take_string(&in);
	return in.bad ? damaged(err, "OK") : 0;
}

void mi_reply_ok_build(struct mi_buf *out, const struct mi_reply_ok *reply, uint64_t caps)
{
	bool changes = caps & MI_CAP_SESSION_TRACK && reply->changes.len > 0;
	uint16_t status = (uint16_t)(reply->status & ~MI_STATUS_SESSION_CHANGED);

	mi_buf_add_char(out, (char)reply->header);
	mi_packet_add_lenenc(out, reply->affected);
	mi_packet_add_lenenc(out, reply->insert_id);
	mi_packet_add_u16(out, changes ? status | MI_STATUS_SESSION_CHANGED : status);
	mi_packet_add_u16(out, reply->warnings);
	if (reply->info.len || changes)
		mi_packet_add_string(out, reply->info);
	if (changes)
		mi_packet_add_string(out, reply->changes);
}

/* ---- Session state changes ---- */

static bool next_variable(struct mi_track_walk *walk, struct mi_track *track)
{
	track->kind = MI_TRACK_VARIABLE;
	track->name = mi_take_string(&walk->pairs);
	track->value = mi_take_string(&walk->pairs);
	if (walk->pairs.bad)
		(void)mi_bytes_want(&walk->in, UINT64_MAX);
	return !walk->in.bad;
}

/* True for kinds whose value has a length of its own. MI_TRACK_STATE has the bare "1", and an entry
 * of a kind that is not known here is passed on as it is. */
static bool has_length(uint8_t kind)
{
	return kind != MI_TRACK_STATE && kind <= MI_TRACK_TRANSACTION;
}

bool mi_track_next(struct mi_track_walk *walk, struct mi_track *track)
{
	struct mi_span start = mi_bytes_rest(&walk->in), data;
	struct mi_bytes in;

	*track = (struct mi_track){0};
	if (walk->pairs.len)
		return next_variable(walk, track);
	if (walk->in.len == 0)
		return false;
	track->kind = mi_take_u8(&walk->in);
	data = mi_take_string(&walk->in);
	if (walk->in.bad)
		return false;
	track->whole = mi_span(start.data, start.len - walk->in.len);
	in = mi_bytes(data);
	if (track->kind == MI_TRACK_VARIABLE) {
		walk->pairs = in;
		return next_variable(walk, track);
	}
	if (track->kind == MI_TRACK_GTIDS)
		(void)mi_take_u8(&in); /* the set's encoding; there is only 0, text */
	track->value = has_length(track->kind) ? mi_take_string(&in) : data;
	if (in.bad)
		(void)mi_bytes_want(&walk->in, UINT64_MAX);
	return !walk->in.bad;
}

static size_t lenenc_size(uint64_t value)
{
	return value < 251 ? 1 : value <= 0xffff ? 3 : value <= 0xffffff ? 4 : 9;
}

void mi_track_add(struct mi_buf *changes, uint8_t kind, struct mi_span name, struct mi_span value)
{
	uint64_t len = value.len;

	if (has_length(kind))
		len += lenenc_size(value.len);
	if (kind == MI_TRACK_VARIABLE)
		len += lenenc_size(name.len) + name.len;
	if (kind == MI_TRACK_GTIDS)
		len++;
	mi_buf_add_char(changes, (char)kind);
	mi_packet_add_lenenc(changes, len);
	if (kind == MI_TRACK_VARIABLE)
		mi_packet_add_string(changes, name);
	if (kind == MI_TRACK_GTIDS)
		mi_buf_add_char(changes, 0);
	if (has_length(kind))
		mi_packet_add_string(changes, value);
	else
		mi_buf_add_span(changes, value);
}

static int add_kept(struct mi_buf *kept, struct mi_span changes, mi_track_keep_fn *keep, void *arg,
                    struct mi_err *err)
{
	struct mi_track_walk walk = {.in = mi_bytes(changes)};
	struct mi_track track;

	while (mi_track_next(&walk, &track)) {
		if (keep && !keep(arg, &track))
			continue;
		if (track.kind == MI_TRACK_VARIABLE || track.kind == MI_TRACK_SCHEMA)
			mi_track_add(kept, track.kind, track.name, track.value);
		else
			mi_buf_add_span(kept, track.whole);
	}
	return walk.in.bad ? damaged(err, "session state changes") : 0;
}

int mi_reply_ok_rewrite(struct mi_buf *out, struct mi_span payload, uint64_t from, uint64_t to,
                        mi_track_keep_fn *keep, void *arg, struct mi_err *err)
{
	struct mi_buf kept = {0};
	struct mi_reply_ok reply;
	int ret = -1;

	if (mi_reply_ok_parse(&reply, payload, from, err) != 0)
		return -1;
	if (to & MI_CAP_SESSION_TRACK && reply.changes.len &&
	    add_kept(&kept, reply.changes, keep, arg, err) != 0)
		goto out;
	reply.changes = mi_buf_span(&kept);
	mi_reply_ok_build(out, &reply, to);
	ret = 0;
out:
	mi_buf_release(&kept);
	return ret;
}
