/* Frames: the pieces of a stream, each a complete gzip member (RFC 1952) whose FEXTRA field says
 * how long the member is, so that frames can be handed to threads before they are inflated.
 * mi-stream(5) is the format's manual. */
#ifndef MI_STREAM_FRAME_H
#define MI_STREAM_FRAME_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MI_FRAME_HEAD = 52, /* bytes before the deflate data: 12 + 4 + 36, see stream/frame.c */
	MI_FRAME_TARGET = 1 << 20, /* a writer closes a frame at the first record end past this */
	MI_FRAME_MAX_PAYLOAD = 4 << 20, /* a reader refuses more; longer records are cut */
};

enum mi_frame_kind {
	MI_FRAME_HEADER = 'H',  /* first of a stream: one MI record */
	MI_FRAME_CONTROL = 'C', /* definitions and DDL */
	MI_FRAME_ROWS = 'R',    /* a piece of one chunk */
	MI_FRAME_EVENTS = 'E',  /* transactions */
	MI_FRAME_END = 'Z',     /* last of a stream: one END record */
};

enum mi_frame_flag {
	MI_FRAME_CONTINUES = 1,   /* the last record goes on in the next frame */
	MI_FRAME_CHUNK_FIRST = 2, /* ROWS: the first of a chunk, whose frames follow one another */
	MI_FRAME_CHUNK_LAST = 4,  /* ROWS: the last of a chunk */
};

struct mi_frame {
	enum mi_frame_kind kind;
	unsigned flags;        /* enum mi_frame_flag */
	uint32_t table;        /* ROWS: the table's number; else 0 */
	uint64_t stream;       /* random, the same in all frames of a stream */
	uint64_t seq;          /* 0, 1, 2, ... within the stream */
	uint32_t member_size;  /* bytes of the gzip member, header and trailer included */
	uint32_t payload_size; /* bytes of the payload, inflated */
	uint64_t offset;       /* of the member's first byte in the input, for messages */
	struct mi_buf member;  /* the whole gzip member */
};

void mi_frame_release(struct mi_frame *frame);

/* Compression state, one per thread. level 0 stores, 1..9 compress. */
struct mi_packer;
struct mi_packer *mi_packer_new(int level);
void mi_packer_free(struct mi_packer *packer); /* harmless on NULL */

/* Appends payload as one gzip member to out. Its stream and seq are left zero: mi_frame_stamp sets
 * them when the frame's place in the stream is known. MI_BUG: payload is over
 * MI_FRAME_MAX_PAYLOAD. */
MI_MUST int mi_frame_pack(struct mi_packer *packer, enum mi_frame_kind kind, unsigned flags,
                          uint32_t table, struct mi_span payload, struct mi_buf *out,
                          struct mi_err *err);

/* Stamps the members that stand in data one after another with stream, and with seq, seq+1, ...
 * Returns how many there were. data comes from mi_frame_pack and has not been stamped yet. */
uint64_t mi_frame_stamp(char *data, size_t len, uint64_t stream, uint64_t seq);

/* Decompression state, one per thread. */
struct mi_unpacker;
struct mi_unpacker *mi_unpacker_new(void);
void mi_unpacker_free(struct mi_unpacker *unpacker); /* harmless on NULL */

/* Inflates a frame into payload, replacing what was there; checks CRC and length (MI_DATA). */
MI_MUST int mi_frame_unpack(struct mi_unpacker *unpacker, const struct mi_frame *frame,
                            struct mi_buf *payload, struct mi_err *err);

/* Fails with MI_DATA: "bad stream: frame 3 at byte 1234: why". Returns -1. */
int mi_frame_fail(const struct mi_frame *frame, struct mi_err *err, const char *why);

/* Reads frames from a file descriptor, which stays the caller's, and checks each frame's header,
 * checksum and place: a stream is HEADER, others, END with sequence numbers without gap; further
 * streams may follow. */
struct mi_frame_reader;
struct mi_frame_reader *mi_frame_reader_new(int fd);
void mi_frame_reader_free(struct mi_frame_reader *reader); /* harmless on NULL */

/* 1: *frame is the next frame (its member buffer is reused when it has one); 0: the input ended
 * after a complete stream; -1: MI_DATA for damage, a missing end or an empty input, else what
 * mi_read_or_stop says. frame is {0} before the first call. */
MI_MUST int mi_frame_next(struct mi_frame_reader *reader, struct mi_frame *frame,
                          struct mi_err *err);

/* Tells why mi_frame_next has failed. True: the input ended too early; false: it is damaged, or
 * could not be read. */
bool mi_frame_reader_was_cut(const struct mi_frame_reader *reader);

#endif
