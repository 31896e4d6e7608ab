#include "stream/parse.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "stream/csv_read.h"
#include "stream/field.h"
#include "stream/frame.h"
#include "stream/parse_parts.h"
#include "stream/proof.h"
#include "stream/words.h"
#include "table/table.h"

#include <stdlib.h>

/* ---- Fields ---- */

/* Rows and changes first: they are nearly all of a stream. */
static const struct {
	const char *tag;
	enum mi_frame_kind kind;
	mi_record_fn *handle;
} handlers[] = {
    {MI_TAG_ROW, MI_FRAME_ROWS, mi_on_row},
    {MI_TAG_INSERT, MI_FRAME_EVENTS, mi_on_insert},
    {MI_TAG_UPDATE, MI_FRAME_EVENTS, mi_on_update},
    {MI_TAG_DELETE, MI_FRAME_EVENTS, mi_on_delete},
    {MI_TAG_BEGIN, MI_FRAME_EVENTS, mi_on_begin},
    {MI_TAG_COMMIT, MI_FRAME_EVENTS, mi_on_commit},
    {MI_TAG_CHUNK, MI_FRAME_ROWS, mi_on_chunk},
    {MI_TAG_HEADER, MI_FRAME_HEADER, mi_on_header},
    {MI_TAG_TABLE, MI_FRAME_CONTROL, mi_on_table},
    {MI_TAG_COLUMN, MI_FRAME_CONTROL, mi_on_column},
    {MI_TAG_KEY, MI_FRAME_CONTROL, mi_on_key},
    {MI_TAG_FKEY, MI_FRAME_CONTROL, mi_on_fkey},
    {MI_TAG_EXPECT, MI_FRAME_CONTROL, mi_on_expect},
    {MI_TAG_DDL, MI_FRAME_CONTROL, mi_on_ddl},
    {MI_TAG_TABLE_END, MI_FRAME_CONTROL, mi_on_table_end},
    {MI_TAG_ABORT, MI_FRAME_EVENTS, mi_on_abort},
    {MI_TAG_XA, MI_FRAME_EVENTS, mi_on_xa},
    {MI_TAG_STATEMENT, MI_FRAME_EVENTS, mi_on_statement},
    {MI_TAG_SKIP, MI_FRAME_EVENTS, mi_on_skip},
    {MI_TAG_PAST, MI_FRAME_EVENTS, mi_on_past},
    {MI_TAG_HEARTBEAT, MI_FRAME_EVENTS, mi_on_heartbeat},
    {MI_TAG_END, MI_FRAME_END, mi_on_end},
};

static int on_record(void *user, const struct mi_span *fields, size_t count)
{
	struct mi_parser *parser = user;

	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
		if (!fields[0].data || !mi_span_is(fields[0], handlers[i].tag))
			continue;
		if (parser->frame->kind != handlers[i].kind)
			return mi_parser_bad(parser, "it holds a record of another kind of frame");
		if (parser->building && handlers[i].handle != mi_on_column &&
		    handlers[i].handle != mi_on_key && handlers[i].handle != mi_on_fkey)
			return mi_parser_bad(parser, "a TABLE record lacks columns or keys");
		return handlers[i].handle(parser, fields + 1, count - 1);
	}
	return mi_parser_bad(parser, "it holds an unknown record");
}

/* ---- Frames ---- */

struct mi_parser *mi_parser_new(const struct mi_stream_ops *ops, void *user)
{
	struct mi_parser *parser = mi_alloc(sizeof *parser);

	parser->ops = ops;
	parser->user = user;
	parser->csv = mi_csv_new(on_record, parser);
	return parser;
}

void mi_parser_free(struct mi_parser *parser)
{
	if (!parser)
		return;
	mi_csv_free(parser->csv);
	mi_table_free(parser->building);
	mi_tables_release(&parser->tables);
	mi_buf_release(&parser->strings);
	free(parser);
}

void mi_parser_begin_chunk(struct mi_parser *parser, const struct mi_table *table)
{
	mi_csv_reset(parser->csv);
	parser->chunk_only = true;
	parser->chunk_table = table;
	parser->chunk_begun = false;
	parser->chunk_rows_due = 0;
}

const struct mi_table *mi_parser_table(const struct mi_parser *parser, uint32_t id)
{
	return mi_tables_by_id(&parser->tables, id);
}

const struct mi_proof *mi_parser_proof(const struct mi_parser *parser)
{
	return &parser->proof;
}

void mi_parser_prove(struct mi_parser *parser)
{
	parser->proves_all = true;
}

const struct mi_totals *mi_parser_totals(const struct mi_parser *parser)
{
	return &parser->totals;
}

/* Prepares for a frame's records, and checks that a chunk's frame has a table. */
static int enter_frame(struct mi_parser *parser)
{
	const struct mi_frame *frame = parser->frame;

	if (frame->kind == MI_FRAME_HEADER) {
		mi_tables_release(&parser->tables);
		parser->totals = (struct mi_totals){0};
		parser->in_transaction = false;
	}
	if (frame->kind == MI_FRAME_ROWS && (frame->flags & MI_FRAME_CHUNK_FIRST)) {
		if (!parser->chunk_only)
			parser->chunk_table = mi_tables_by_id(&parser->tables, frame->table);
		parser->chunk_begun = false;
	}
	if (frame->kind == MI_FRAME_ROWS &&
	    (!parser->chunk_table || parser->chunk_table->id != frame->table))
		return mi_parser_bad(parser, "its table has not been defined");
	return 0;
}

/* Checks, after a frame's records, that the frame ends where it may; ends a chunk. */
static int leave_frame(struct mi_parser *parser)
{
	const struct mi_frame *frame = parser->frame;
	const struct mi_table *table = parser->chunk_table;

	if (!(frame->flags & MI_FRAME_CONTINUES) && !mi_csv_at_record_end(parser->csv))
		return mi_parser_bad(parser, "its last record is not finished");
	if (frame->kind == MI_FRAME_END && parser->building)
		return mi_parser_bad(parser, "a TABLE record lacks columns or keys");
	if (!(frame->flags & MI_FRAME_CHUNK_LAST))
		return 0;
	if (!parser->chunk_begun || parser->chunk_rows_due > 0)
		return mi_parser_bad(parser, "it has fewer rows than its CHUNK record says");
	if (parser->proves && !mi_proof_eq(&parser->proof, &parser->chunk_proof))
		return mi_parser_bad(parser, "its rows are not those of its CHUNK record's proof");
	parser->chunk_table = parser->chunk_only ? table : NULL;
	if (!parser->ops->chunk_end)
		return 0;
	return mi_parser_told(parser->ops->chunk_end(parser->user, table, parser->err));
}

int mi_parser_feed(struct mi_parser *parser, const struct mi_frame *frame, struct mi_span payload,
                   struct mi_err *err)
{
	int result;

	parser->frame = frame;
	parser->err = err;
	result = enter_frame(parser);
	if (result == 0)
		result = mi_csv_feed(parser->csv, payload);
	if (result == 1)
		result =
		    mi_parser_bad(parser, "its text is not the CSV that mi-stream(5) describes");
	if (result == 0)
		result = leave_frame(parser);
	return result == 0 ? 0 : -1;
}

/* ---- A whole input ---- */

static int read_frames(struct mi_frame_reader *reader, struct mi_unpacker *unpacker,
                       struct mi_parser *parser, struct mi_err *err)
{
	struct mi_frame frame = {0};
	struct mi_buf payload = {0};
	int got;

	while ((got = mi_frame_next(reader, &frame, err)) == 1) {
		if (mi_stop_asked()) {
			got = mi_stop_fail(err);
			break;
		}
		if (mi_frame_unpack(unpacker, &frame, &payload, err) != 0 ||
		    mi_parser_feed(parser, &frame, mi_buf_span(&payload), err) != 0) {
			got = -1;
			break;
		}
	}
	mi_frame_release(&frame);
	mi_buf_release(&payload);
	return got;
}

int mi_parse_stream(int fd, const struct mi_stream_ops *ops, void *user, struct mi_err *err)
{
	struct mi_frame_reader *reader = mi_frame_reader_new(fd);
	struct mi_unpacker *unpacker = mi_unpacker_new();
	struct mi_parser *parser = mi_parser_new(ops, user);
	int ret;

	parser->checks_totals = true;
	ret = read_frames(reader, unpacker, parser, err);
	mi_parser_free(parser);
	mi_unpacker_free(unpacker);
	mi_frame_reader_free(reader);
	return ret;
}

/* ---- Records whose content is of no interest ---- */

int mi_ignore_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	(void)user;
	(void)header;
	(void)err;
	return 0;
}

int mi_ignore_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	(void)user;
	(void)table;
	(void)err;
	return 0;
}

int mi_ignore_expect(void *user, const char *db, const char *name, struct mi_err *err)
{
	(void)user;
	(void)db;
	(void)name;
	(void)err;
	return 0;
}

int mi_ignore_ddl(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	(void)user;
	(void)ddl;
	(void)err;
	return 0;
}

int mi_ignore_commit(void *user, struct mi_err *err)
{
	(void)user;
	(void)err;
	return 0;
}

int mi_ignore_heartbeat(void *user, uint64_t time_us, struct mi_err *err)
{
	(void)user;
	(void)time_us;
	(void)err;
	return 0;
}

int mi_ignore_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	(void)user;
	(void)totals;
	(void)err;
	return 0;
}
