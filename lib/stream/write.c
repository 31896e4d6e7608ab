#include "stream/write.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "stream/csv_write.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/words.h"
#include "table/table.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct mi_stream {
	int fd;
	int level;
	pthread_mutex_t lock; /* guards the members below, and the order of frames in fd */
	uint64_t id, seq;
	uint64_t waited_us;
	struct mi_totals totals;
};

struct mi_writer {
	struct mi_stream *stream;
	enum mi_frame_kind kind;
	struct mi_packer *packer;
	struct mi_buf payload; /* of the frame being filled */
	struct mi_buf packed;  /* whole frames not yet handed over */
	struct mi_buf first;   /* the frame of a CHUNK record, which is written before packed */
	struct mi_totals totals;
	uint32_t table;     /* of the chunk at hand; else 0 */
	size_t chunk_bytes; /* payload bytes of the chunk at hand, packed ones included */
	uint64_t chunk_rows;
};

static uint64_t random_id(void)
{
	uint64_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof id, 0) != sizeof id)
			abort(); /* cannot fail for 8 bytes, see getrandom(2) */
	return id;
}

struct mi_stream *mi_stream_new(int fd, int level)
{
	struct mi_stream *stream = mi_alloc(sizeof *stream);

	stream->fd = fd;
	stream->level = level;
	stream->id = random_id();
	(void)pthread_mutex_init(&stream->lock, NULL);
	(void)fcntl(fd, F_SETPIPE_SZ, 1 << 20);
	return stream;
}

void mi_stream_free(struct mi_stream *stream)
{
	if (!stream)
		return;
	(void)pthread_mutex_destroy(&stream->lock);
	free(stream);
}

struct mi_writer *mi_writer_new(struct mi_stream *stream, enum mi_frame_kind kind)
{
	struct mi_writer *writer = mi_alloc(sizeof *writer);

	writer->stream = stream;
	writer->kind = kind;
	writer->packer = mi_packer_new(stream->level);
	return writer;
}

void mi_writer_free(struct mi_writer *writer)
{
	if (!writer)
		return;
	mi_packer_free(writer->packer);
	mi_buf_release(&writer->payload);
	mi_buf_release(&writer->packed);
	mi_buf_release(&writer->first);
	free(writer);
}

static void add_totals(struct mi_totals *into, const struct mi_totals *more)
{
	into->tables += more->tables;
	into->chunks += more->chunks;
	into->rows += more->rows;
	into->transactions += more->transactions;
	into->changes += more->changes;
}

uint64_t mi_stream_take_waited_us(struct mi_stream *stream)
{
	uint64_t waited;

	(void)pthread_mutex_lock(&stream->lock);
	waited = stream->waited_us;
	stream->waited_us = 0;
	(void)pthread_mutex_unlock(&stream->lock);
	return waited;
}

static void take_totals(struct mi_stream *stream, struct mi_totals *totals)
{
	(void)pthread_mutex_lock(&stream->lock);
	*totals = stream->totals;
	(void)pthread_mutex_unlock(&stream->lock);
}

/* Writes whole frames at the stream's end, after stamping them with their place, which is known
 * only now. The lock is held. */
static int append(struct mi_stream *stream, struct mi_buf *frames, struct mi_err *err)
{
	uint64_t began = mi_now_us();

	stream->seq += mi_frame_stamp(frames->data, frames->len, stream->id, stream->seq);
	if (mi_fd_write(stream->fd, frames->data, frames->len, err) != 0)
		return -1;
	stream->waited_us += mi_now_us() - began;
	mi_buf_reset(frames);
	return 0;
}

/* Writes the frames of first, then those of rest, with nothing of other writers between. */
static int hand_over(struct mi_writer *writer, struct mi_buf *first, struct mi_buf *rest,
                     struct mi_err *err)
{
	struct mi_stream *stream = writer->stream;
	int ret = 0;

	(void)pthread_mutex_lock(&stream->lock);
	if (append(stream, first, err) != 0 || append(stream, rest, err) != 0)
		ret = -1;
	add_totals(&stream->totals, &writer->totals);
	(void)pthread_mutex_unlock(&stream->lock);
	writer->totals = (struct mi_totals){0};
	return ret;
}

static int close_frame(struct mi_writer *writer, unsigned flags, struct mi_err *err)
{
	writer->chunk_bytes += writer->payload.len;
	if (mi_frame_pack(writer->packer, writer->kind, flags, writer->table,
	                  mi_buf_span(&writer->payload), &writer->packed, err) != 0)
		return -1;
	mi_buf_reset(&writer->payload);
	return 0;
}

/* ---- Records ---- */

/* Adds a field that may be longer than a frame: it is cut, and the record goes on in the next
 * frame. */
static int add_long(struct mi_writer *writer, struct mi_span value, struct mi_err *err)
{
	mi_buf_add_char(&writer->payload, '"');
	while (value.len > 0) {
		size_t room = MI_FRAME_MAX_PAYLOAD - 8 - writer->payload.len;
		/* half, because each byte may be a quote, which is doubled */
		size_t piece = value.len < room / 2 ? value.len : room / 2;

		mi_csv_add_escaped(&writer->payload, mi_span(value.data, piece));
		value = mi_span(value.data + piece, value.len - piece);
		if (value.len > 0 && writer->payload.len > MI_FRAME_MAX_PAYLOAD / 2 &&
		    close_frame(writer, MI_FRAME_CONTINUES, err) != 0)
			return -1;
	}
	mi_buf_add_char(&writer->payload, '"');
	return 0;
}

static int add_value(struct mi_writer *writer, struct mi_span value, bool number,
                     struct mi_err *err)
{
	size_t worst = 2 * value.len + 8;

	mi_buf_add_char(&writer->payload, ',');
	if (!value.data)
		return 0; /* NULL: nothing, without quotes */
	if (writer->payload.len > MI_FRAME_MAX_PAYLOAD / 2 &&
	    close_frame(writer, MI_FRAME_CONTINUES, err) != 0)
		return -1;
	if (worst > MI_FRAME_MAX_PAYLOAD / 2)
		return add_long(writer, value, err);
	if (number)
		mi_buf_add_span(&writer->payload, value);
	else
		mi_csv_add_quoted(&writer->payload, value);
	return 0;
}

static void begin_record(struct mi_writer *writer, const char *tag)
{
	mi_buf_add_str(&writer->payload, tag);
}

static int add_text(struct mi_writer *writer, const char *text, struct mi_err *err)
{
	return add_value(writer, text ? mi_span_str(text) : mi_span(NULL, 0), false, err);
}

static int add_number(struct mi_writer *writer, uint64_t number, struct mi_err *err)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%llu", (unsigned long long)number);

	return add_value(writer, mi_span(text, (size_t)len), true, err);
}

static int end_record(struct mi_writer *writer, struct mi_err *err)
{
	mi_buf_add_char(&writer->payload, '\n');
	if (writer->payload.len >= MI_FRAME_TARGET && close_frame(writer, 0, err) != 0)
		return -1;
	if (writer->packed.len == 0 || writer->kind == MI_FRAME_ROWS)
		return 0; /* a chunk is handed over whole */
	if (writer->payload.len > 0)
		return 0; /* a record that is in both packed and payload is handed over whole */
	return hand_over(writer, &writer->first, &writer->packed, err);
}

int mi_writer_flush(struct mi_writer *writer, struct mi_err *err)
{
	if (writer->payload.len > 0 && close_frame(writer, 0, err) != 0)
		return -1;
	if (writer->packed.len == 0)
		return 0;
	return hand_over(writer, &writer->first, &writer->packed, err);
}

/* ---- Beginning and end ---- */

static int write_header(struct mi_writer *writer, const struct mi_stream_header *header,
                        struct mi_err *err)
{
	char tool[64];
	const char *const texts[] = {
	    header->features, tool,           header->import_id, header->flavour,
	    header->version,  header->server, header->low,       header->high};

	(void)snprintf(tool, sizeof tool, "%s %s", mi_progname(), mi_version);
	begin_record(writer, MI_TAG_HEADER);
	if (add_number(writer, 1, err) != 0 ||
	    add_text(writer, mi_stream_kind_words[header->kind], err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (add_text(writer, texts[i] ? texts[i] : "", err) != 0)
			return -1;
	if (add_number(writer, header->time_us ? header->time_us : mi_wall_us(), err) != 0 ||
	    end_record(writer, err) != 0)
		return -1;
	return mi_writer_flush(writer, err);
}

int mi_stream_begin(struct mi_stream *stream, const struct mi_stream_header *header,
                    struct mi_err *err)
{
	struct mi_writer *writer = mi_writer_new(stream, MI_FRAME_HEADER);
	int ret = write_header(writer, header, err);

	mi_writer_free(writer);
	return ret;
}

int mi_stream_end(struct mi_stream *stream, struct mi_err *err)
{
	struct mi_writer *writer = mi_writer_new(stream, MI_FRAME_END);
	struct mi_totals totals;
	int ret = -1;

	take_totals(stream, &totals);
	begin_record(writer, MI_TAG_END);
	if (add_number(writer, totals.tables, err) == 0 &&
	    add_number(writer, totals.chunks, err) == 0 &&
	    add_number(writer, totals.rows, err) == 0 &&
	    add_number(writer, totals.transactions, err) == 0 &&
	    add_number(writer, totals.changes, err) == 0 && end_record(writer, err) == 0)
		ret = mi_writer_flush(writer, err);
	mi_writer_free(writer);
	return ret;
}

/* ---- Definitions ---- */

static void add_word(struct mi_buf *words, bool wanted, const char *word)
{
	if (wanted)
		mi_buf_addf(words, "%s%s", words->len ? " " : "", word);
}

static int write_column(struct mi_writer *writer, uint32_t id, const struct mi_column *column,
                        struct mi_err *err)
{
	struct mi_buf words = {0};
	int ret = -1;

	add_word(&words, column->is_unsigned, MI_WORD_UNSIGNED);
	add_word(&words, column->nullable, MI_WORD_NULLABLE);
	add_word(&words, column->auto_increment, MI_WORD_AUTO_INCREMENT);
	add_word(&words, column->invisible, MI_WORD_INVISIBLE);
	add_word(&words, column->variable, MI_WORD_VARIABLE);
	add_word(&words, column->proven, MI_WORD_PROVEN);
	begin_record(writer, MI_TAG_COLUMN);
	if (add_number(writer, id, err) != 0 || add_text(writer, column->name, err) != 0 ||
	    add_text(writer, mi_type_name(column->type), err) != 0 ||
	    add_text(writer, column->type_text, err) != 0 ||
	    add_text(writer, column->charset, err) != 0 ||
	    add_text(writer, column->collation, err) != 0 ||
	    add_number(writer, column->bytes, err) != 0 ||
	    add_text(writer, mi_buf_cstr(&words), err) != 0 ||
	    add_text(writer, mi_generated_words[column->generated], err) != 0)
		goto out;
	ret = end_record(writer, err);
out:
	mi_buf_release(&words);
	return ret;
}

static int write_key(struct mi_writer *writer, uint32_t id, const struct mi_key *key,
                     struct mi_err *err)
{
	begin_record(writer, MI_TAG_KEY);
	if (add_number(writer, id, err) != 0 || add_text(writer, key->name, err) != 0 ||
	    add_text(writer, mi_key_kind_words[key->kind], err) != 0)
		return -1;
	for (size_t i = 0; i < key->part_count; i++) {
		const struct mi_key_part *part = &key->parts[i];

		/* columns count from 1: 0 is an expression */
		if (add_number(writer, (uint64_t)(part->column + 1), err) != 0 ||
		    add_number(writer, part->prefix, err) != 0 ||
		    add_number(writer, part->descending, err) != 0)
			return -1;
	}
	return end_record(writer, err);
}

static int write_fkey(struct mi_writer *writer, uint32_t id, const struct mi_fkey *fkey,
                      struct mi_err *err)
{
	begin_record(writer, MI_TAG_FKEY);
	if (add_number(writer, id, err) != 0 || add_text(writer, fkey->name, err) != 0 ||
	    add_text(writer, fkey->ref_db, err) != 0 ||
	    add_text(writer, fkey->ref_table, err) != 0 ||
	    add_text(writer, fkey->on_update, err) != 0 ||
	    add_text(writer, fkey->on_delete, err) != 0)
		return -1;
	for (size_t i = 0; i < fkey->column_count; i++)
		if (add_text(writer, fkey->columns[i], err) != 0 ||
		    add_text(writer, fkey->ref_columns[i], err) != 0)
			return -1;
	return end_record(writer, err);
}

int mi_record_table(struct mi_writer *writer, const struct mi_table *table, struct mi_err *err)
{
	begin_record(writer, MI_TAG_TABLE);
	if (add_number(writer, table->id, err) != 0 || add_text(writer, table->db, err) != 0 ||
	    add_text(writer, table->name, err) != 0 || add_text(writer, table->engine, err) != 0 ||
	    add_text(writer, table->collation, err) != 0 ||
	    add_number(writer, table->column_count, err) != 0 ||
	    add_number(writer, table->key_count, err) != 0 ||
	    add_number(writer, table->fkey_count, err) != 0 ||
	    add_text(writer, table->digest, err) != 0 ||
	    (*table->text_digest && add_text(writer, table->text_digest, err) != 0) ||
	    end_record(writer, err) != 0)
		return -1;
	for (size_t i = 0; i < table->column_count; i++)
		if (write_column(writer, table->id, &table->columns[i], err) != 0)
			return -1;
	for (size_t i = 0; i < table->key_count; i++)
		if (write_key(writer, table->id, &table->keys[i], err) != 0)
			return -1;
	for (size_t i = 0; i < table->fkey_count; i++)
		if (write_fkey(writer, table->id, &table->fkeys[i], err) != 0)
			return -1;
	writer->totals.tables++;
	return 0;
}

int mi_record_expect(struct mi_writer *writer, const char *db, const char *name, struct mi_err *err)
{
	begin_record(writer, MI_TAG_EXPECT);
	if (add_text(writer, db, err) != 0 || add_text(writer, name, err) != 0)
		return -1;
	return end_record(writer, err);
}

static int add_settings(struct mi_writer *writer, const struct mi_ddl *ddl, size_t from, size_t to,
                        struct mi_err *err)
{
	for (size_t i = from; i < to; i++)
		if (add_text(writer, ddl->settings[i], err) != 0)
			return -1;
	return 0;
}

static int write_ddl(struct mi_writer *writer, const char *tag, const struct mi_ddl *ddl,
                     struct mi_err *err)
{
	const char *const texts[] = {ddl->section, ddl->kind, ddl->db, ddl->object, ddl->name};
	size_t end = MI_DDL_FIRST_SETTINGS;

	begin_record(writer, tag);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (add_text(writer, texts[i] ? texts[i] : "", err) != 0)
			return -1;
	if (add_settings(writer, ddl, 0, MI_DDL_FIRST_SETTINGS, err) != 0 ||
	    add_text(writer, ddl->text, err) != 0)
		return -1;
	for (size_t i = MI_DDL_FIRST_SETTINGS; i < MI_DDL_SETTINGS; i++)
		if (ddl->settings[i])
			end = i < MI_DDL_EVENT_SETTINGS ? MI_DDL_EVENT_SETTINGS : i + 1;
	if (add_settings(writer, ddl, MI_DDL_FIRST_SETTINGS, end, err) != 0)
		return -1;
	return end_record(writer, err);
}

int mi_record_ddl(struct mi_writer *writer, const struct mi_ddl *ddl, struct mi_err *err)
{
	return write_ddl(writer, MI_TAG_DDL, ddl, err);
}

int mi_record_table_end(struct mi_writer *writer, const struct mi_table *table, uint64_t rows,
                        struct mi_err *err)
{
	begin_record(writer, MI_TAG_TABLE_END);
	if (add_number(writer, table->id, err) != 0 || add_number(writer, rows, err) != 0)
		return -1;
	return end_record(writer, err);
}

/* ---- Rows ---- */

int mi_record_chunk_begin(struct mi_writer *writer, const struct mi_table *table,
                          struct mi_err *err)
{
	if (writer->kind != MI_FRAME_ROWS || writer->table != 0)
		return mi_fail(err, MI_BUG, "a chunk begins inside another");
	writer->table = table->id;
	writer->chunk_bytes = 0;
	writer->chunk_rows = 0;
	return 0;
}

static int write_values(struct mi_writer *writer, const struct mi_table *table,
                        const struct mi_span *values, struct mi_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *column = &table->columns[i];

		if (!column->carried)
			continue;
		if (add_value(writer, values[n++], mi_type_is_number(column->type), err) != 0)
			return -1;
	}
	for (size_t i = 0; table->proven_count > 0 && i < table->column_count; i++)
		if (table->columns[i].proven &&
		    add_value(writer, values[n++], mi_type_is_number(table->columns[i].type),
		              err) != 0)
			return -1;
	return 0;
}

int mi_record_row(struct mi_writer *writer, const struct mi_table *table,
                  const struct mi_span *values, struct mi_err *err)
{
	begin_record(writer, MI_TAG_ROW);
	if (write_values(writer, table, values, err) != 0)
		return -1;
	writer->chunk_rows++;
	return end_record(writer, err);
}

size_t mi_writer_chunk_bytes(const struct mi_writer *writer)
{
	return writer->chunk_bytes + writer->payload.len;
}

uint64_t mi_writer_chunk_rows(const struct mi_writer *writer)
{
	return writer->chunk_rows;
}

/* Packs the CHUNK record into writer->first. */
static int pack_chunk_record(struct mi_writer *writer, const struct mi_chunk *chunk,
                             struct mi_err *err)
{
	struct mi_buf rows = writer->packed;
	int ret = -1;

	writer->packed = writer->first;
	begin_record(writer, MI_TAG_CHUNK);
	if (add_number(writer, writer->table, err) == 0 &&
	    add_number(writer, chunk->part, err) == 0 && add_text(writer, chunk->lo, err) == 0 &&
	    add_text(writer, chunk->hi, err) == 0 &&
	    add_number(writer, writer->chunk_rows, err) == 0 &&
	    (!chunk->proof || add_text(writer, chunk->proof, err) == 0) &&
	    end_record(writer, err) == 0)
		ret = close_frame(writer, MI_FRAME_CHUNK_FIRST, err);
	writer->first = writer->packed;
	writer->packed = rows;
	return ret;
}

int mi_record_chunk_end(struct mi_writer *writer, const struct mi_chunk *chunk, struct mi_err *err)
{
	if (writer->table == 0)
		return mi_fail(err, MI_BUG, "a chunk ends that has not begun");
	if (close_frame(writer, MI_FRAME_CHUNK_LAST, err) != 0 ||
	    pack_chunk_record(writer, chunk, err) != 0)
		return -1;
	writer->totals.chunks++;
	writer->totals.rows += writer->chunk_rows;
	writer->table = 0;
	return hand_over(writer, &writer->first, &writer->packed, err);
}

/* ---- Events ---- */

int mi_record_begin(struct mi_writer *writer, const char *gtid, uint64_t commit_us, bool xa,
                    struct mi_err *err)
{
	begin_record(writer, MI_TAG_BEGIN);
	if (add_text(writer, gtid, err) != 0 || add_number(writer, commit_us, err) != 0 ||
	    (xa && add_text(writer, MI_BEGIN_XA, err) != 0))
		return -1;
	return end_record(writer, err);
}

int mi_record_change(struct mi_writer *writer, const struct mi_change *change, struct mi_err *err)
{
	begin_record(writer, !change->before  ? MI_TAG_INSERT
	                     : !change->after ? MI_TAG_DELETE
	                                      : MI_TAG_UPDATE);
	if (add_number(writer, change->table->id, err) != 0 ||
	    add_number(writer, change->fk_flags, err) != 0)
		return -1;
	if (change->before && write_values(writer, change->table, change->before, err) != 0)
		return -1;
	if (change->after && write_values(writer, change->table, change->after, err) != 0)
		return -1;
	writer->totals.changes++;
	return end_record(writer, err);
}

int mi_record_commit(struct mi_writer *writer, struct mi_err *err)
{
	begin_record(writer, MI_TAG_COMMIT);
	writer->totals.transactions++;
	return end_record(writer, err);
}

int mi_record_abort(struct mi_writer *writer, struct mi_err *err)
{
	begin_record(writer, MI_TAG_ABORT);
	return end_record(writer, err);
}

int mi_record_xa(struct mi_writer *writer, enum mi_xa_step step, struct mi_span xid,
                 struct mi_err *err)
{
	begin_record(writer, MI_TAG_XA);
	if (add_text(writer, mi_xa_words[step], err) != 0 ||
	    add_value(writer, xid, false, err) != 0)
		return -1;
	writer->totals.transactions += step == MI_XA_PREPARE;
	return end_record(writer, err);
}

int mi_record_statement(struct mi_writer *writer, const struct mi_ddl *ddl, struct mi_err *err)
{
	return write_ddl(writer, MI_TAG_STATEMENT, ddl, err);
}

int mi_record_skip(struct mi_writer *writer, const char *gtid_set, struct mi_err *err)
{
	begin_record(writer, MI_TAG_SKIP);
	if (add_text(writer, gtid_set, err) != 0)
		return -1;
	return end_record(writer, err);
}

int mi_record_past(struct mi_writer *writer, const char *gtid_set, const char *what,
                   struct mi_err *err)
{
	begin_record(writer, MI_TAG_PAST);
	if (add_text(writer, gtid_set, err) != 0 || add_text(writer, what, err) != 0)
		return -1;
	return end_record(writer, err);
}

int mi_record_heartbeat(struct mi_writer *writer, uint64_t time_us, struct mi_err *err)
{
	begin_record(writer, MI_TAG_HEARTBEAT);
	if (add_number(writer, time_us, err) != 0)
		return -1;
	return end_record(writer, err);
}
