#include "binlog/inflate.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "binlog/event.h"

#define ZLIB_CONST
#include <limits.h>
#include <zlib.h>

enum { STEP = 1 << 20 };

/* Inflates the stream to exactly left bytes, which are appended to out. Returns Z_STREAM_END, or
 * zlib's code for what went wrong. */
static int inflate_all(z_stream *stream, size_t left, struct mi_buf *out)
{
	int ret = Z_OK;

	while (ret == Z_OK) {
		size_t room = left < STEP ? left : STEP;

		/* one byte more of room than is claimed shows a stream that is too long */
		mi_buf_reserve(out, room + 1);
		stream->next_out = (Bytef *)out->data + out->len;
		stream->avail_out = (uInt)(room + 1);
		ret = inflate(stream, Z_NO_FLUSH);
		room = room + 1 - stream->avail_out;
		if (room > left)
			return Z_DATA_ERROR;
		out->len += room;
		left -= room;
	}
	if (ret == Z_STREAM_END && (left > 0 || stream->avail_in > 0))
		return Z_DATA_ERROR;
	return ret;
}

bool mi_inflate(struct mi_span part, bool bare, uint64_t len, struct mi_buf *out)
{
	z_stream stream = {0};
	int ret;

	if (part.len > UINT_MAX || inflateInit2(&stream, bare ? -MAX_WBITS : MAX_WBITS) != Z_OK)
		return false;
	stream.next_in = (const unsigned char *)part.data;
	stream.avail_in = (uInt)part.len;
	ret = inflate_all(&stream, (size_t)len, out);
	(void)inflateEnd(&stream);
	return ret == Z_STREAM_END;
}

int mi_event_inflate(const struct mi_event *event, struct mi_span part, struct mi_buf *out,
                     struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(part);
	unsigned head = mi_take_u8(&in), len_bytes = head & 7;
	uint64_t len = mi_take_be(&in, len_bytes <= 4 ? len_bytes : 0);

	if (in.bad || (head & 0xf8) != 0x80 || len_bytes < 1 || len_bytes > 4)
		return mi_event_fail(event, MI_PROTOCOL, err, "its compression is unknown");
	if (!mi_inflate(mi_bytes_rest(&in), false, len, out))
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "its compressed part of %zu bytes is damaged", in.len);
	return 0;
}
