#include "protocol/packet.h"
#include "base/buf.h"
#include "base/bytes.h"

/* Takes header bytes. True: the header is complete, and the walk is inside its packet. */
static bool take_header(struct mi_packet_walk *walk, struct mi_bytes *in)
{
	while (walk->have < MI_PACKET_HEADER) {
		if (in->len == 0)
			return false;
		walk->header[walk->have++] = mi_take_u8(in);
	}
	walk->have = 0;
	walk->left = mi_packet_len(walk->header);
	walk->seq = mi_packet_seq(walk->header);
	walk->more = walk->left == MI_PACKET_MAX;
	return true;
}

static void take_body(struct mi_packet_walk *walk, struct mi_bytes *in, struct mi_span *part)
{
	*part = mi_take(in, in->len < walk->left ? in->len : walk->left);
	walk->left -= (uint32_t)part->len;
	walk->inside = walk->left > 0 || walk->more;
}

enum mi_packet_part mi_packet_walk(struct mi_packet_walk *walk, struct mi_bytes *in,
                                   struct mi_span *part)
{
	bool was_inside = walk->inside;

	*part = (struct mi_span){0};
	if (walk->left == 0 && !take_header(walk, in))
		return MI_PACKET_NOTHING;
	if (walk->left > 0 && in->len == 0)
		return MI_PACKET_NOTHING;
	take_body(walk, in, part);
	return was_inside ? MI_PACKET_BODY : MI_PACKET_BEGIN;
}

bool mi_packet_take(struct mi_bytes *in, struct mi_span *payload, uint8_t *seq)
{
	uint32_t len;

	if (in->len < MI_PACKET_HEADER)
		return false;
	len = mi_packet_len(in->at);
	if (len == MI_PACKET_MAX || len > in->len - MI_PACKET_HEADER)
		return false;
	*seq = mi_packet_seq(in->at);
	(void)mi_take(in, MI_PACKET_HEADER);
	*payload = mi_take(in, len);
	return true;
}

void mi_packet_add(struct mi_buf *out, struct mi_span payload, uint8_t *seq)
{
	size_t len;

	do {
		char header[MI_PACKET_HEADER];

		len = payload.len < MI_PACKET_MAX ? payload.len : MI_PACKET_MAX;
		mi_packet_header(header, (uint32_t)len, (*seq)++);
		mi_buf_add(out, header, sizeof header);
		mi_buf_add(out, payload.data, len);
		payload = mi_span(len ? payload.data + len : payload.data, payload.len - len);
	} while (len == MI_PACKET_MAX);
}

size_t mi_packet_begin(struct mi_buf *out)
{
	static const char header[MI_PACKET_HEADER];
	size_t begin = out->len;

	mi_buf_add(out, header, sizeof header);
	return begin;
}

int mi_packet_end(struct mi_buf *out, size_t begin, uint8_t *seq)
{
	size_t len = out->len - begin - MI_PACKET_HEADER;

	if (len >= MI_PACKET_MAX) {
		out->len = begin;
		return -1;
	}
	mi_packet_header(out->data + begin, (uint32_t)len, (*seq)++);
	return 0;
}

void mi_packet_add_u16(struct mi_buf *out, uint16_t value)
{
	char bytes[2];

	mi_put_u16(bytes, value);
	mi_buf_add(out, bytes, sizeof bytes);
}

void mi_packet_add_u32(struct mi_buf *out, uint32_t value)
{
	char bytes[4];

	mi_put_u32(bytes, value);
	mi_buf_add(out, bytes, sizeof bytes);
}

void mi_packet_add_lenenc(struct mi_buf *out, uint64_t value)
{
	char bytes[9];
	size_t len = value < 251 ? 0 : value <= 0xffff ? 2 : value <= 0xffffff ? 3 : 8;

	bytes[0] = (char)(len == 0 ? value : len == 8 ? 254 : 250 + len);
	mi_put_u64(bytes + 1, value);
	mi_buf_add(out, bytes, 1 + len);
}

void mi_packet_add_string(struct mi_buf *out, struct mi_span text)
{
	mi_packet_add_lenenc(out, text.len);
	mi_buf_add_span(out, text);
}

void mi_packet_add_zstring(struct mi_buf *out, struct mi_span text)
{
	mi_buf_add_span(out, text);
	mi_buf_add_char(out, '\0');
}
