#include "base/buf.h"
#include "base/err.h"
#include "sample.h"
#include "stream/deflate.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "t.h"
#include "table/table.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a reader heard. */
struct heard {
	uint64_t rows, nulls, empties, bytes, chunks, ends, begins, changes;
	char last_low[64];
};

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	struct heard *heard = user;

	(void)err;
	(void)snprintf(heard->last_low, sizeof heard->last_low, "%s", header->low);
	return 0;
}

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	(void)user, (void)table, (void)err;
	return 0;
}

static int on_chunk(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
                    struct mi_err *err)
{
	struct heard *heard = user;

	(void)table, (void)chunk, (void)err;
	heard->chunks++;
	return 0;
}

static int on_row(void *user, const struct mi_table *table, const struct mi_span *values,
                  struct mi_err *err)
{
	struct heard *heard = user;

	(void)err;
	heard->rows++;
	for (size_t i = 0; i < table->carried_count; i++) {
		heard->nulls += !values[i].data;
		heard->empties += values[i].data && values[i].len == 0;
		heard->bytes += values[i].len;
	}
	return 0;
}

static int on_table_end(void *user, const struct mi_table *table, uint64_t rows, struct mi_err *err)
{
	(void)user, (void)table, (void)rows, (void)err;
	return 0;
}

static int on_begin(void *user, const char *gtid, uint64_t commit_us, bool xa, struct mi_err *err)
{
	struct heard *heard = user;

	(void)gtid, (void)commit_us, (void)xa, (void)err;
	heard->begins++;
	return 0;
}

static int on_change(void *user, const struct mi_change *change, struct mi_err *err)
{
	struct heard *heard = user;

	(void)change, (void)err;
	heard->changes++;
	return 0;
}

static int on_commit(void *user, struct mi_err *err)
{
	(void)user, (void)err;
	return 0;
}

static int on_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	struct heard *heard = user;

	(void)totals, (void)err;
	heard->ends++;
	return 0;
}

static const struct mi_stream_ops ops = {.header = on_header,
                                         .table = on_table,
                                         .chunk = on_chunk,
                                         .row = on_row,
                                         .table_end = on_table_end,
                                         .begin = on_begin,
                                         .insert = on_change,
                                         .update = on_change,
                                         .remove = on_change,
                                         .commit = on_commit,
                                         .abort = on_commit,
                                         .end = on_end};

static int memory_file(struct mi_span bytes)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len)
		abort();
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

static int read_bytes(struct mi_span bytes, struct heard *heard, struct mi_err *err)
{
	int fd = memory_file(bytes);
	int ret;

	*heard = (struct heard){0};
	*err = (struct mi_err){0};
	ret = mi_parse_stream(fd, &ops, heard, err);
	(void)close(fd);
	return ret;
}

static struct mi_buf make_skewed(int level, uint64_t rows, size_t blob, unsigned skew)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);
	struct mi_buf bytes = {0};
	struct mi_err err = {0};
	off_t size;

	if (fd < 0 || sample_rows_stream(fd, level, rows, blob, skew, &err) != 0)
		abort();
	size = lseek(fd, 0, SEEK_END);
	mi_buf_reserve(&bytes, (size_t)size);
	bytes.len = (size_t)size;
	if (pread(fd, bytes.data, bytes.len, 0) != size)
		abort();
	(void)close(fd);
	return bytes;
}

static struct mi_buf make(int level, uint64_t rows, size_t blob)
{
	return make_skewed(level, rows, blob, 0);
}

/* The frames of a good stream, as spans. */
static size_t frames_of(const struct mi_buf *bytes, struct mi_span *frames, size_t room)
{
	size_t count = 0;

	for (size_t at = 0; at < bytes->len && count < room; count++) {
		frames[count] = mi_span(bytes->data + at, mi_get_u32(bytes->data + at + 40));
		at += frames[count].len;
	}
	return count;
}

static void damaged(void)
{
	struct mi_buf good = make(1, 3, 5);
	struct mi_err err;
	struct heard heard;
	size_t accepted = 0, unnamed = 0;
	char *copy = mi_alloc(good.len);

	CHECK(read_bytes(mi_span("", 0), &heard, &err) != 0 && err.code == MI_DATA, "empty: %s",
	      err.text);
	CHECK(read_bytes(mi_span("M", 1), &heard, &err) != 0 && err.code == MI_DATA, "1 byte: %s",
	      err.text);
	for (size_t len = 1; len < good.len; len++) {
		accepted += read_bytes(mi_span(good.data, len), &heard, &err) == 0;
		unnamed += err.code != MI_DATA || !strstr(err.text, "frame");
	}
	CHECK(accepted == 0 && unnamed == 0, "cut at each of %zu places", good.len);
	for (size_t i = 0; i < good.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, good.data, good.len);
			copy[i] = (char)(copy[i] ^ 1 << bit);
			accepted += read_bytes(mi_span(copy, good.len), &heard, &err) == 0;
			unnamed += err.code != MI_DATA || !strstr(err.text, "frame");
		}
	}
	CHECK(accepted == 0 && unnamed == 0, "each of %zu bits flipped: %zu accepted, %zu unnamed",
	      good.len * 8, accepted, unnamed);
	free(copy);
	mi_buf_release(&good);
}

static void shuffled(void)
{
	struct mi_buf good = make(0, 3, 5), other = make(1, 2, 2), mixed = {0};
	struct mi_span frames[32], others[32];
	size_t count = frames_of(&good, frames, 32), other_count = frames_of(&other, others, 32);
	struct heard heard;
	struct mi_err err;
	size_t accepted = 0;

	for (size_t skip = 0; skip < count; skip++) {
		mi_buf_reset(&mixed);
		for (size_t i = 0; i < count; i++)
			if (i != skip)
				mi_buf_add_span(&mixed, frames[i]);
		accepted += read_bytes(mi_buf_span(&mixed), &heard, &err) == 0;
		mi_buf_reset(&mixed);
		for (size_t i = 0; i < count; i++)
			for (int times = 0; times < (i == skip ? 2 : 1); times++)
				mi_buf_add_span(&mixed, frames[i]);
		accepted += read_bytes(mi_buf_span(&mixed), &heard, &err) == 0;
		mi_buf_reset(&mixed);
		for (size_t i = 0; i < count; i++)
			mi_buf_add_span(&mixed, frames[i == skip                 ? (i + 1) % count
			                               : i == (skip + 1) % count ? skip
			                                                         : i]);
		accepted += read_bytes(mi_buf_span(&mixed), &heard, &err) == 0;
		mi_buf_reset(&mixed);
		for (size_t i = 0; i < count; i++)
			mi_buf_add_span(&mixed,
			                i == skip && i < other_count ? others[i] : frames[i]);
		accepted += read_bytes(mi_buf_span(&mixed), &heard, &err) == 0;
	}
	CHECK(accepted == 0, "lost, doubled, swapped and foreign frames: %zu accepted", accepted);

	mi_buf_reset(&mixed);
	mi_buf_add_span(&mixed, mi_buf_span(&good));
	mi_buf_add_span(&mixed, mi_buf_span(&other));
	CHECK(read_bytes(mi_buf_span(&mixed), &heard, &err) == 0 && heard.ends == 2 &&
	          heard.rows == 5,
	      "two streams in a row: %s", err.text);
	mi_buf_add_str(&mixed, "x");
	CHECK(read_bytes(mi_buf_span(&mixed), &heard, &err) != 0, "rubbish behind: %s", err.text);
	mi_buf_release(&mixed);
	mi_buf_release(&other);
	mi_buf_release(&good);
}

static void round_trips(void)
{
	static const struct {
		int level;
		uint64_t rows;
		size_t blob;
	} cases[] = {{0, 0, 0},       {1, 1, 0},       {9, 1, 1},       {1, 100000, 10},
	             {0, 3, 1 << 20}, {1, 7, 2 << 20}, {1, 3, 9 << 20}, {0, 2, 33 << 20}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mi_buf bytes = make(cases[i].level, cases[i].rows, cases[i].blob);
		uint64_t rows = cases[i].rows, nulls = rows / 3, ids = 0;
		uint64_t texts = (rows + 1) / 3; /* rows 2, 5, 8, ... have the long name */
		struct heard heard;
		struct mi_err err;
		bool ok = read_bytes(mi_buf_span(&bytes), &heard, &err) == 0;

		for (uint64_t n = 1; n <= rows; n++)
			ids += (uint64_t)snprintf(NULL, 0, "%llu", (unsigned long long)n);
		CHECK(ok && heard.rows == rows && heard.nulls == nulls && heard.chunks == 2 &&
		          heard.bytes == ids + texts * 13 + rows * cases[i].blob &&
		          strcmp(heard.last_low, "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5") == 0,
		      "%llu rows with %zu bytes at level %d, %zu bytes of stream %s",
		      (unsigned long long)rows, cases[i].blob, cases[i].level, bytes.len, err.text);
		mi_buf_release(&bytes);
	}
}

/* A frame of hand-made text behind a good header. */
static int read_payload(enum mi_frame_kind kind, const char *text, struct mi_err *err)
{
	static const char header[] =
	    "MI,1,\"events\",\"\",\"t\",\"i\",\"mysql\",\"9\",\"s\",\"\",\"\",0\n";
	struct mi_packer *packer = mi_packer_new(1);
	struct mi_buf bytes = {0};
	struct heard heard;
	int ret = -1;

	*err = (struct mi_err){0};
	if (mi_frame_pack(packer, MI_FRAME_HEADER, 0, 0, mi_span_str(header), &bytes, err) != 0 ||
	    mi_frame_pack(packer, kind, 0, 0, mi_span_str(text), &bytes, err) != 0 ||
	    mi_frame_pack(packer, MI_FRAME_END, 0, 0, mi_span_str("END,0,0,0,0,0\n"), &bytes,
	                  err) != 0)
		abort();
	(void)mi_frame_stamp(bytes.data, bytes.len, 7, 0);
	ret = read_bytes(mi_buf_span(&bytes), &heard, err);
	mi_packer_free(packer);
	mi_buf_release(&bytes);
	return ret;
}

static void hostile_records(void)
{
	static const struct {
		enum mi_frame_kind kind;
		const char *text;
	} rows[] = {
	    {MI_FRAME_CONTROL, "WHAT,1\n"},
	    {MI_FRAME_CONTROL, "TABLE\n"},
	    {MI_FRAME_CONTROL, "TABLE,1,\"d\",\"t\",\"e\",\"c\",4294967296,0,0,"
	                       "\"0123456789abcdef0123456789abcdef\"\n"},
	    {MI_FRAME_CONTROL,
	     "TABLE,1,\"d\",\"t\",\"e\",\"c\",1,0,0,\"0123456789abcdef0123456789abcdef\"\n"},
	    {MI_FRAME_CONTROL,
	     "TABLE,0,\"d\",\"t\",\"e\",\"c\",1,0,0,\"0123456789abcdef0123456789abcdef\"\n"},
	    {MI_FRAME_CONTROL,
	     "TABLE,1,\"d\",\"t\",\"e\",\"c\",1,0,0,\"0123456789abcdef0123456789abcdef\"\n"
	     "COLUMN,1,\"a\",\"int\",\"int\",,,4,\"\",\"no\"\n"}, /* wrong digest */
	    {MI_FRAME_CONTROL, "COLUMN,1,\"a\",\"int\",\"int\",,,4,\"\",\"no\"\n"},
	    {MI_FRAME_CONTROL, "KEY,1,\"k\",\"primary\",1,0,0\n"},
	    {MI_FRAME_CONTROL, "TABLEEND,1,0\n"},
	    {MI_FRAME_CONTROL, "BEGIN,\"u:1\",0\n"},
	    {MI_FRAME_CONTROL, "R,1\n"},
	    {MI_FRAME_CONTROL, "\"TABLE"},
	    {MI_FRAME_CONTROL, "TABLE,\"a\"b\n"},
	    {MI_FRAME_EVENTS, "COMMIT\n"},
	    {MI_FRAME_EVENTS, "I,1,0,1\n"},
	    {MI_FRAME_EVENTS, "BEGIN,\"u:1\",0\nBEGIN,\"u:2\",0\n"},
	    {MI_FRAME_EVENTS, "BEGIN,\"u:1\",0\nI,1,0,1\n"},
	    {MI_FRAME_EVENTS, "BEGIN,\"u:1\",-1\n"},
	    {MI_FRAME_EVENTS, "BEGIN,\"u:1\",18446744073709551616\n"},
	    {MI_FRAME_EVENTS, "BEGIN,\"u:1\",0\n"},         /* END inside a transaction */
	    {MI_FRAME_EVENTS, "BEGIN,\"u:1\",0\nCOMMIT\n"}, /* END does not count it */
	    {MI_FRAME_EVENTS, ",\n"},
	};
	struct mi_err err;

	CHECK(read_payload(MI_FRAME_EVENTS, "", &err) == 0, "a hand-made stream: %s", err.text);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(read_payload(rows[i].kind, rows[i].text, &err) != 0 && err.code == MI_DATA,
		      "record %zu: %s", i, err.text);
}

static void large_claim(void)
{
	struct mi_buf good = make(0, 1, 1);
	struct mi_err err;
	struct heard heard;

	/* a claim over the limit is refused by its own frame, whose header is sealed anew */
	mi_put_u32(good.data + 44, MI_FRAME_MAX_PAYLOAD + 1);
	for (char *at = good.data; at < good.data + good.len; at += mi_get_u32(at + 40))
		mi_put_u32(at + 48, mi_crc32(0, at + 52, mi_get_u32(at + 40) - 52));
	(void)mi_frame_stamp(good.data, good.len, 7, 0);
	CHECK(read_bytes(mi_buf_span(&good), &heard, &err) != 0 &&
	          strstr(err.text, "impossible size"),
	      "a large claim: %s", err.text);
	mi_buf_release(&good);
}

/* A chunk whose rows are whole, and not those of its proof. */
static void wrong_proof(void)
{
	struct mi_buf bytes = make_skewed(1, 3, 5, 1);
	struct heard heard = {0};
	struct mi_err err = {0};

	CHECK(read_bytes(mi_buf_span(&bytes), &heard, &err) != 0 && err.code == MI_DATA &&
	          strstr(err.text, "proof"),
	      "a wrong proof is found: %s", err.text);
	mi_buf_release(&bytes);
}

int main(void)
{
	damaged();
	wrong_proof();
	shuffled();
	hostile_records();
	large_claim();
	round_trips();
	DONE();
}
