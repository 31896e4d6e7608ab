#include "stream/frame.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "stream/deflate.h"

#include <fcntl.h>
#include <stdlib.h>

/* A member as it stands on the wire (RFC 1952; integers little-endian):
 *
 *    0  1f 8b 08 04 00 00 00 00 00 ff   gzip: deflate, FEXTRA, no time, unknown system
 *   10  XLEN = 40
 *   12  'M' 'I' LEN = 36
 *   16  u8 version, u8 kind, u16 flags, u32 table
 *   24  u64 stream, u64 seq
 *   40  u32 member size, u32 payload size
 *   48  u32 CRC-32 of bytes 52 to the end, then 16 to 47: all that is not fixed. gzip's own CRC
 *       is of the inflated bytes, and would not notice a flipped bit in deflate's padding
 *   52  deflate data
 *   -8  u32 CRC-32 of the payload, u32 payload size
 */
enum {
	VERSION = 1,
	AT_FIELDS = 16,
	AT_STREAM = 24,
	AT_SEQ = 32,
	AT_MEMBER_SIZE = 40,
	AT_PAYLOAD_SIZE = 44,
	AT_SEAL = 48,
	TRAILER = 8,
	/* stored blocks, the worst case, add 5 bytes per 64 KiB; this is more than either codec
	 * needs */
	MAX_MEMBER = MI_FRAME_MAX_PAYLOAD + MI_FRAME_MAX_PAYLOAD / 256 + 4096,
	ALL_FLAGS = MI_FRAME_CONTINUES | MI_FRAME_CHUNK_FIRST | MI_FRAME_CHUNK_LAST,
};

static const char fixed_head[AT_FIELDS] = {0x1f, (char)0x8b, 8,  4, 0,   0,   0,  0,
                                           0,    (char)0xff, 40, 0, 'M', 'I', 36, 0};

struct mi_packer {
	struct mi_deflate *deflate;
};

struct mi_packer *mi_packer_new(int level)
{
	struct mi_packer *packer = mi_alloc(sizeof *packer);

	packer->deflate = mi_deflate_new(level);
	return packer;
}

void mi_packer_free(struct mi_packer *packer)
{
	if (!packer)
		return;
	mi_deflate_free(packer->deflate);
	free(packer);
}

static uint32_t seal_of(const char *member, uint32_t data_crc)
{
	return mi_crc32(data_crc, member + AT_FIELDS, AT_SEAL - AT_FIELDS);
}

static uint32_t data_crc_of(const char *member, size_t size)
{
	return mi_crc32(0, member + MI_FRAME_HEAD, size - MI_FRAME_HEAD);
}

int mi_frame_pack(struct mi_packer *packer, enum mi_frame_kind kind, unsigned flags, uint32_t table,
                  struct mi_span payload, struct mi_buf *out, struct mi_err *err)
{
	/* as in MAX_MEMBER */
	size_t room = payload.len + payload.len / 256 + 4096;
	size_t packed;
	char *member;

	if (payload.len > MI_FRAME_MAX_PAYLOAD)
		return mi_fail(err, MI_BUG, "a frame of %zu bytes is over the limit", payload.len);
	mi_buf_reserve(out, room);
	member = out->data + out->len;
	memcpy(member, fixed_head, sizeof fixed_head);
	packed = mi_deflate_run(packer->deflate, payload, member + MI_FRAME_HEAD,
	                        room - MI_FRAME_HEAD - TRAILER);
	if (packed == 0)
		return mi_fail(err, MI_BUG, "a frame of %zu bytes does not compress", payload.len);
	member[16] = VERSION;
	member[17] = (char)kind;
	mi_put_u16(member + 18, (uint16_t)flags);
	mi_put_u32(member + 20, table);
	mi_put_u64(member + AT_STREAM, 0);
	mi_put_u64(member + AT_SEQ, 0);
	mi_put_u32(member + AT_MEMBER_SIZE, (uint32_t)(MI_FRAME_HEAD + packed + TRAILER));
	mi_put_u32(member + AT_PAYLOAD_SIZE, (uint32_t)payload.len);
	mi_put_u32(member + MI_FRAME_HEAD + packed, mi_crc32(0, payload.data, payload.len));
	mi_put_u32(member + MI_FRAME_HEAD + packed + 4, (uint32_t)payload.len);
	/* mi_frame_stamp completes the seal */
	mi_put_u32(member + AT_SEAL, data_crc_of(member, MI_FRAME_HEAD + packed + TRAILER));
	out->len += MI_FRAME_HEAD + packed + TRAILER;
	return 0;
}

uint64_t mi_frame_stamp(char *data, size_t len, uint64_t stream, uint64_t seq)
{
	uint64_t count = 0;

	while (len > 0) {
		uint32_t size = mi_get_u32(data + AT_MEMBER_SIZE);

		mi_put_u64(data + AT_STREAM, stream);
		mi_put_u64(data + AT_SEQ, seq + count++);
		mi_put_u32(data + AT_SEAL, seal_of(data, mi_get_u32(data + AT_SEAL)));
		data += size;
		len -= size;
	}
	return count;
}

struct mi_unpacker {
	struct mi_inflate *inflate;
};

struct mi_unpacker *mi_unpacker_new(void)
{
	struct mi_unpacker *unpacker = mi_alloc(sizeof *unpacker);

	unpacker->inflate = mi_inflate_new();
	return unpacker;
}

void mi_unpacker_free(struct mi_unpacker *unpacker)
{
	if (!unpacker)
		return;
	mi_inflate_free(unpacker->inflate);
	free(unpacker);
}

int mi_frame_fail(const struct mi_frame *frame, struct mi_err *err, const char *why)
{
	return mi_fail(err, MI_DATA, "bad stream: frame %llu at byte %llu: %s",
	               (unsigned long long)frame->seq, (unsigned long long)frame->offset, why);
}

int mi_frame_unpack(struct mi_unpacker *unpacker, const struct mi_frame *frame,
                    struct mi_buf *payload, struct mi_err *err)
{
	const char *member = frame->member.data;
	const char *trailer = member + frame->member_size - TRAILER;
	struct mi_span packed =
	    mi_span(member + MI_FRAME_HEAD, frame->member_size - MI_FRAME_HEAD - TRAILER);

	mi_buf_reset(payload);
	mi_buf_reserve(payload, frame->payload_size);
	if (!mi_inflate_run(unpacker->inflate, packed, payload->data, frame->payload_size))
		return mi_frame_fail(frame, err, "its deflate data is damaged");
	payload->len = frame->payload_size;
	if (mi_get_u32(trailer) != mi_crc32(0, payload->data, payload->len))
		return mi_frame_fail(frame, err, "its CRC-32 does not match");
	if (mi_get_u32(trailer + 4) != frame->payload_size)
		return mi_frame_fail(frame, err, "its two lengths differ");
	return 0;
}

void mi_frame_release(struct mi_frame *frame)
{
	mi_buf_release(&frame->member);
}

struct mi_frame_reader {
	int fd;
	uint64_t offset;   /* of the next frame in the input */
	uint64_t stream;   /* number of the stream that is being read */
	uint64_t next_seq; /* 0 between streams */
	uint64_t streams;  /* complete streams so far */
	enum mi_frame_kind last_kind;
	unsigned last_flags;
	uint32_t chunk_table; /* table of the chunk that is being read; 0: none */
	bool was_cut;         /* the input ended before a stream's end */
};

struct mi_frame_reader *mi_frame_reader_new(int fd)
{
	struct mi_frame_reader *reader = mi_alloc(sizeof *reader);

	reader->fd = fd;
	(void)fcntl(fd, F_SETPIPE_SZ, 1 << 20); /* fewer switches between the two ends of a pipe */
	return reader;
}

void mi_frame_reader_free(struct mi_frame_reader *reader)
{
	free(reader);
}

static int decode_head(const char *head, struct mi_frame *frame, struct mi_err *err)
{
	if (head[16] != VERSION) {
		(void)mi_frame_fail(frame, err, "its format version is not 1");
		return mi_hint(err, "read it with a newer version of %s", mi_progname());
	}
	frame->kind = (enum mi_frame_kind)head[17];
	frame->flags = mi_get_u16(head + 18);
	frame->table = mi_get_u32(head + 20);
	frame->stream = mi_get_u64(head + AT_STREAM);
	frame->seq = mi_get_u64(head + AT_SEQ);
	frame->member_size = mi_get_u32(head + AT_MEMBER_SIZE);
	frame->payload_size = mi_get_u32(head + AT_PAYLOAD_SIZE);
	if (!strchr("HCREZ", head[17]) || !head[17])
		return mi_frame_fail(frame, err, "its kind is unknown");
	if (frame->flags & ~(unsigned)ALL_FLAGS)
		return mi_frame_fail(frame, err, "it has unknown flags");
	if (frame->member_size > MAX_MEMBER || frame->payload_size > MI_FRAME_MAX_PAYLOAD ||
	    frame->member_size <= MI_FRAME_HEAD + TRAILER)
		return mi_frame_fail(frame, err, "it claims an impossible size");
	return 0;
}

/* A chunk's frames follow one another: CHUNK_FIRST, then the same table until CHUNK_LAST. */
static int check_chunk(struct mi_frame_reader *reader, const struct mi_frame *frame,
                       struct mi_err *err)
{
	bool first = frame->flags & MI_FRAME_CHUNK_FIRST;

	if (frame->kind != MI_FRAME_ROWS) {
		if (reader->chunk_table)
			return mi_frame_fail(frame, err, "a chunk was not finished before it");
		if (frame->table || frame->flags & ~(unsigned)MI_FRAME_CONTINUES)
			return mi_frame_fail(frame, err, "only rows belong to a chunk");
		return 0;
	}
	if (frame->table == 0)
		return mi_frame_fail(frame, err, "its rows belong to no table");
	if (first == (reader->chunk_table != 0))
		return mi_frame_fail(frame, err,
		                     first ? "a chunk was not finished before it"
		                           : "its chunk has not begun");
	if (!first && frame->table != reader->chunk_table)
		return mi_frame_fail(frame, err, "it belongs to another table than its chunk");
	if ((frame->flags & MI_FRAME_CHUNK_LAST) && (frame->flags & MI_FRAME_CONTINUES))
		return mi_frame_fail(frame, err, "its chunk ends inside a record");
	reader->chunk_table = frame->flags & MI_FRAME_CHUNK_LAST ? 0 : frame->table;
	return 0;
}

static int check_order(struct mi_frame_reader *reader, const struct mi_frame *frame,
                       struct mi_err *err)
{
	bool continued = reader->next_seq > 0 && (reader->last_flags & MI_FRAME_CONTINUES);

	if (reader->next_seq == 0) {
		if (frame->kind != MI_FRAME_HEADER)
			return mi_frame_fail(frame, err, "a stream does not begin with its header");
		reader->stream = frame->stream;
	} else if (frame->kind == MI_FRAME_HEADER) {
		return mi_frame_fail(frame, err, "a stream begins before the one before it ended");
	}
	if (frame->stream != reader->stream)
		return mi_frame_fail(frame, err, "it belongs to another stream");
	if (frame->seq != reader->next_seq) {
		(void)mi_frame_fail(frame, err, "it is out of order");
		return mi_hint(err,
		               "frame %llu was expected: frames were lost, doubled or reordered",
		               (unsigned long long)reader->next_seq);
	}
	if (continued && frame->kind != reader->last_kind)
		return mi_frame_fail(frame, err, "the record before it was not finished");
	if (frame->kind == MI_FRAME_END && (frame->flags & MI_FRAME_CONTINUES))
		return mi_frame_fail(frame, err, "its last record is not finished");
	return check_chunk(reader, frame, err);
}

static void advance(struct mi_frame_reader *reader, const struct mi_frame *frame)
{
	reader->offset += frame->member_size;
	reader->last_kind = frame->kind;
	reader->last_flags = frame->flags;
	reader->next_seq++;
	if (frame->kind == MI_FRAME_END) {
		reader->next_seq = 0;
		reader->streams++;
	}
}

/* The input has ended where a frame might begin. */
static int at_end_of_input(struct mi_frame_reader *reader, struct mi_err *err)
{
	reader->was_cut = reader->next_seq > 0 || reader->streams == 0;
	if (reader->next_seq > 0) {
		(void)mi_fail(err, MI_DATA,
		              "bad stream: it ends after frame %llu, at byte %llu, "
		              "without END",
		              (unsigned long long)(reader->next_seq - 1),
		              (unsigned long long)reader->offset);
		return mi_hint(err, "whatever wrote it did not finish: look at its messages");
	}
	if (reader->streams == 0)
		return mi_fail(err, MI_DATA, "bad stream: the input is empty");
	return 0;
}

int mi_frame_next(struct mi_frame_reader *reader, struct mi_frame *frame, struct mi_err *err)
{
	char head[MI_FRAME_HEAD];
	size_t got, rest;

	frame->offset = reader->offset;
	frame->seq = reader->next_seq; /* for messages, until the header is known to be sound */
	if (mi_read_or_stop(reader->fd, head, sizeof head, &got, err) != 0)
		return mi_within(err, "the stream at byte %llu",
		                 (unsigned long long)reader->offset);
	if (got == 0)
		return at_end_of_input(reader, err);
	if (memcmp(head, fixed_head, got < sizeof fixed_head ? got : sizeof fixed_head) != 0)
		return mi_frame_fail(frame, err, "this is not a frame of a stream");
	reader->was_cut = got < sizeof head;
	if (reader->was_cut)
		return mi_frame_fail(frame, err, "the input ends inside its header");
	if (decode_head(head, frame, err) != 0)
		return -1;
	rest = frame->member_size - sizeof head;
	mi_buf_reset(&frame->member);
	mi_buf_reserve(&frame->member, frame->member_size);
	memcpy(frame->member.data, head, sizeof head);
	if (mi_read_or_stop(reader->fd, frame->member.data + sizeof head, rest, &got, err) != 0)
		return mi_within(err, "the stream at byte %llu",
		                 (unsigned long long)reader->offset);
	reader->was_cut = got < rest;
	if (reader->was_cut)
		return mi_frame_fail(frame, err, "the input ends inside it");
	frame->member.len = frame->member_size;
	if (mi_get_u32(head + AT_SEAL) !=
	    seal_of(head, data_crc_of(frame->member.data, frame->member_size)))
		return mi_frame_fail(frame, err, "it is damaged: its checksum does not match");
	if (check_order(reader, frame, err) != 0)
		return -1;
	advance(reader, frame);
	return 1;
}

bool mi_frame_reader_was_cut(const struct mi_frame_reader *reader)
{
	return reader->was_cut;
}
