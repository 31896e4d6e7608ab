/* Packets: walked and joined whatever way they were cut, and what is claimed but not there. */
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/packet.h"
#include "t.h"

#include <stdlib.h>

static struct mi_buf stream_of(const size_t *sizes, size_t count)
{
	struct mi_buf out = {0}, payload = {0};
	uint8_t seq = 0;

	for (size_t i = 0; i < count; i++) {
		mi_buf_reset(&payload);
		mi_buf_reserve(&payload, sizes[i] + 1);
		for (size_t n = 0; n < sizes[i]; n++)
			payload.data[n] = (char)(n * 7 + i);
		payload.len = sizes[i];
		mi_packet_add(&out, mi_buf_span(&payload), &seq);
	}
	mi_buf_release(&payload);
	return out;
}

struct seen {
	size_t begun, ended, bytes;
	bool empty_begin;
};

static void walk_piece(struct mi_packet_walk *walk, struct mi_span piece, struct seen *seen)
{
	struct mi_bytes in = mi_bytes(piece);
	enum mi_packet_part part;
	struct mi_span bytes;

	while ((part = mi_packet_walk(walk, &in, &bytes)) != MI_PACKET_NOTHING) {
		seen->begun += part == MI_PACKET_BEGIN;
		seen->ended += mi_packet_ended(walk);
		seen->bytes += bytes.len;
		if (part == MI_PACKET_BEGIN && bytes.len == 0 && !mi_packet_ended(walk))
			seen->empty_begin = true;
	}
	if (in.len)
		seen->bytes = SIZE_MAX / 2;
}

static void walks(void)
{
	static const size_t sizes[] = {1, 0, 300, 5, 0, 70000};
	struct mi_buf stream = stream_of(sizes, 6);

	for (size_t cut = 1; cut < 12; cut++) {
		struct mi_packet_walk walk = {0};
		struct seen seen = {0};

		for (size_t at = 0; at < stream.len; at += cut)
			walk_piece(&walk,
			           mi_span(stream.data + at,
			                   stream.len - at < cut ? stream.len - at : cut),
			           &seen);
		CHECK(seen.begun == 6 && seen.ended == 6 && seen.bytes == 70306 &&
		          !seen.empty_begin && walk.seq == 5,
		      "six payloads in pieces of %zu", cut);
	}
	mi_buf_release(&stream);
}

/* 2^24 - 1 bytes, and twice that, end with a packet that is empty. */
static void full_packets(void)
{
	static const size_t sizes[] = {MI_PACKET_MAX - 1, MI_PACKET_MAX, 2 * (size_t)MI_PACKET_MAX,
	                               MI_PACKET_MAX + 10};
	static const unsigned packets[] = {1, 2, 3, 2};

	for (size_t i = 0; i < 4; i++) {
		struct mi_buf stream = stream_of(&sizes[i], 1);
		struct mi_packet_walk walk = {0};
		struct seen seen = {0};

		CHECK(stream.len == sizes[i] + 4 * packets[i], "%zu bytes: %u packets", sizes[i],
		      packets[i]);
		walk_piece(&walk, mi_buf_span(&stream), &seen);
		CHECK(seen.begun == 1 && seen.ended == 1 && seen.bytes == sizes[i],
		      "walked as one payload");
		CHECK(walk.seq == packets[i] - 1, "the last packet's number");
		mi_buf_release(&stream);
	}
}

static void in_place(void)
{
	struct mi_span payload;
	uint8_t seq;
	struct mi_bytes in = mi_bytes(mi_span("\x03\x00\x00\x09xyz\x01\x00\x00", 10));
	CHECK(mi_packet_take(&in, &payload, &seq) && mi_span_is(payload, "xyz") && seq == 9,
	      "taken in place");
	CHECK(!mi_packet_take(&in, &payload, &seq) && in.len == 3, "half a header is left alone");
	in = mi_bytes(mi_span("\x02\x00\x00\x00x", 5));
	CHECK(!mi_packet_take(&in, &payload, &seq) && in.len == 5, "half a payload is left alone");
}

static void numbers(void)
{
	static const uint64_t values[] = {0,       250,      251,       252,       0xffff,
	                                  0x10000, 0xffffff, 0x1000000, UINT64_MAX};
	static const size_t sizes[] = {1, 1, 3, 3, 3, 4, 4, 9, 9};
	struct mi_buf out = {0};

	for (size_t i = 0; i < 9; i++) {
		struct mi_bytes in;

		mi_buf_reset(&out);
		mi_packet_add_lenenc(&out, values[i]);
		in = mi_bytes(mi_buf_span(&out));
		CHECK(out.len == sizes[i] && mi_take_lenenc(&in) == values[i] && !in.bad,
		      "%llu in %zu bytes", (unsigned long long)values[i], sizes[i]);
	}
	mi_buf_release(&out);
}

static void strings(void)
{
	struct mi_bytes in = mi_bytes(mi_span("ab\0c", 4));

	CHECK(mi_span_is(mi_take_zstring(&in), "ab") && in.len == 1, "up to a NUL");
	CHECK(mi_take_zstring(&in).len == 0 && in.bad, "without one it is bad");
	in = mi_bytes(mi_span("\xfe\xff\xff\xff\xff\xff\xff\xff\xff"
	                      "abc",
	                      12));
	CHECK(mi_take_string(&in).len == 0 && in.bad, "a length of 2^64 - 1");
	in = mi_bytes(mi_span("ab\0", 3));
	CHECK(mi_span_is(mi_take_tail(&in), "ab") && in.len == 0 && !in.bad, "a tail with a NUL");
}

int main(void)
{
	walks();
	full_packets();
	in_place();
	numbers();
	strings();
	DONE();
}
