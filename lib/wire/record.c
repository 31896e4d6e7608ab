#include "wire/record.h"
#include "base/opt.h"
#include "base/stop.h"
#include "wire/csvin.h"
#include "wire/vocabulary.h"

#include <stdlib.h>

enum { MAX_COLUMNS = 4096, MAX_PARTS = 64, HANDLER_FAILED = 2 };

struct mi_parser {
	const struct mi_stream_ops *ops;
	void *user;
	struct mi_csv *csv;
	struct mi_tables tables;
	struct mi_table *building; /* a TABLE whose COLUMN, KEY and FKEY records are arriving */
	size_t columns_due, keys_due, fkeys_due;
	char digest[33];       /* the one the TABLE record claims */
	struct mi_buf strings; /* copies of fields with a NUL behind, for the record at hand */

	enum mi_stream_kind kind;
	bool chunk_only;
	const struct mi_table *chunk_table; /* chunk at hand: set from CHUNK_FIRST on */
	bool chunk_begun;                   /* its CHUNK record has been seen */
	uint64_t chunk_rows_due;
	bool in_transaction;
	bool checks_totals; /* it sees every frame, so END must agree with what it counted */
	struct mi_totals totals;

	const struct mi_frame *frame; /* during mi_parser_feed */
	struct mi_err *err;
};

static int bad(struct mi_parser *parser, const char *why)
{
	(void)mi_frame_fail(parser->frame, parser->err, why);
	return HANDLER_FAILED;
}

/* ---- Fields ---- */

static bool as_number(struct mi_span field, uint64_t *number)
{
	char text[24];

	if (!field.data || field.len >= sizeof text)
		return false;
	memcpy(text, field.data, field.len);
	text[field.len] = '\0';
	return mi_opt_number(text, number);
}

/* Copies text fields (not rows) to strings with a NUL behind. False: one holds a NUL itself. */
static bool as_strings(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                       const char **strings)
{
	size_t need = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		need += fields[i].len + 1;
	mi_buf_reset(&parser->strings);
	mi_buf_reserve(&parser->strings, need + 1);
	for (size_t i = 0; i < count; i++) {
		char *copy = parser->strings.data + at;

		if (memchr(fields[i].data ? fields[i].data : "", '\0', fields[i].len))
			return false;
		strings[i] = fields[i].data ? copy : NULL;
		if (fields[i].len)
			memcpy(copy, fields[i].data, fields[i].len);
		copy[fields[i].len] = '\0';
		at += fields[i].len + 1;
	}
	return true;
}

static bool word_index(struct mi_span word, const char *const *words, size_t count, size_t *index)
{
	for (*index = 0; *index < count; ++*index)
		if (word.data && mi_span_is(word, words[*index]))
			return true;
	return false;
}

static char *dup_field(struct mi_span field)
{
	return field.data ? mi_strndup(field.data, field.len) : NULL;
}

/* ---- Handlers, one per tag ---- */

typedef int handler_fn(struct mi_parser *parser, const struct mi_span *fields, size_t count);

/* Reports what an ops function answered. */
static int told(int answer)
{
	return answer == 0 ? 0 : HANDLER_FAILED;
}

static int on_header(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_stream_header header = {0};
	const char *texts[10];
	size_t kind;

	if (count != 11 || !as_number(fields[0], &header.format) ||
	    !as_number(fields[10], &header.time_us) || !as_strings(parser, fields, 10, texts))
		return bad(parser, "its MI record is malformed");
	if (header.format != 1)
		return bad(parser, "the format version in its MI record is not 1");
	if (!word_index(fields[1], mi_stream_kind_words, 3, &kind))
		return bad(parser, "its MI record names an unknown kind of stream");
	for (size_t i = 2; i < 10; i++)
		if (!texts[i])
			return bad(parser, "its MI record lacks a value");
	if (*texts[2])
		return bad(parser, "it requires features that this version does not know");
	header.kind = parser->kind = (enum mi_stream_kind)kind;
	header.features = texts[2];
	header.tool = texts[3];
	header.import_id = texts[4];
	header.flavour = texts[5];
	header.version = texts[6];
	header.server = texts[7];
	header.low = texts[8];
	header.high = texts[9];
	if (!parser->ops->header)
		return 0;
	return told(parser->ops->header(parser->user, &header, parser->err));
}

static int finish_table(struct mi_parser *parser)
{
	struct mi_table *table = parser->building;

	if (parser->columns_due || parser->keys_due || parser->fkeys_due)
		return 0;
	parser->building = NULL;
	*(struct mi_table **)mi_array_add(&parser->tables.items, &parser->tables.count,
	                                  sizeof table) = table;
	mi_table_finish(table);
	if (strcmp(table->digest, parser->digest) != 0)
		return bad(parser, "a TABLE record's digest does not match its definition");
	parser->totals.tables++;
	if (!parser->ops->table)
		return bad(parser, "a TABLE record does not belong here");
	return told(parser->ops->table(parser->user, table, parser->err));
}

static int on_table(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	uint64_t id;
	uint64_t columns, keys, fkeys;

	if (count != 9 || !as_number(fields[0], &id) || !fields[1].len || !fields[2].len ||
	    !as_number(fields[5], &columns) || !as_number(fields[6], &keys) ||
	    !as_number(fields[7], &fkeys) || fields[8].len != 32)
		return bad(parser, "a TABLE record is malformed");
	if (id == 0 || id > UINT32_MAX || mi_tables_by_id(&parser->tables, (uint32_t)id))
		return bad(parser, "a TABLE record's number is not new");
	if (columns == 0 || columns > MAX_COLUMNS || keys > MAX_COLUMNS || fkeys > MAX_COLUMNS)
		return bad(parser, "a TABLE record claims impossible counts");
	table = mi_alloc(sizeof *table);
	table->id = (uint32_t)id;
	table->db = dup_field(fields[1]);
	table->name = dup_field(fields[2]);
	table->engine = dup_field(fields[3]);
	table->collation = dup_field(fields[4]);
	memcpy(parser->digest, fields[8].data, 32);
	parser->columns_due = columns;
	parser->keys_due = keys;
	parser->fkeys_due = fkeys;
	parser->building = table;
	return 0;
}

static bool take_words(struct mi_column *column, struct mi_span words)
{
	while (words.len > 0) {
		const char *blank = memchr(words.data, ' ', words.len);
		size_t len = blank ? (size_t)(blank - words.data) : words.len;
		struct mi_span word = mi_span(words.data, len);

		if (mi_span_is(word, MI_WORD_UNSIGNED))
			column->is_unsigned = true;
		else if (mi_span_is(word, MI_WORD_NULLABLE))
			column->nullable = true;
		else if (mi_span_is(word, MI_WORD_AUTO_INCREMENT))
			column->auto_increment = true;
		else if (mi_span_is(word, MI_WORD_INVISIBLE))
			column->invisible = true;
		else if (mi_span_is(word, MI_WORD_VARIABLE))
			column->variable = true;
		else
			return false;
		len += blank != NULL;
		words = mi_span(words.data + len, words.len - len);
	}
	return true;
}

/* The TABLE that a COLUMN, KEY or FKEY record belongs to, or NULL. */
static struct mi_table *table_being_built(struct mi_parser *parser, struct mi_span id_field,
                                          size_t due)
{
	uint64_t id;

	if (!parser->building || due == 0 || !as_number(id_field, &id) ||
	    id != parser->building->id)
		return NULL;
	return parser->building;
}

static int on_column(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	struct mi_column *column;
	uint64_t bytes;
	size_t generated;

	if (count != 9 || !(table = table_being_built(parser, fields[0], parser->columns_due)) ||
	    !fields[1].len || !as_number(fields[6], &bytes) || bytes > UINT32_MAX ||
	    !word_index(fields[8], mi_generated_words, 3, &generated))
		return bad(parser, "a COLUMN record is malformed or misplaced");
	column = mi_array_add(&table->columns, &table->column_count, sizeof *column);
	column->name = dup_field(fields[1]);
	column->type_text = dup_field(fields[3]);
	column->charset = dup_field(fields[4]);
	column->collation = dup_field(fields[5]);
	column->bytes = (unsigned)bytes;
	column->generated = (enum mi_generated)generated;
	if (!mi_type_parse(fields[2], &column->type))
		return bad(parser, "a COLUMN record names an unknown type");
	if (!column->type_text || !take_words(column, fields[7]))
		return bad(parser, "a COLUMN record has an unknown attribute");
	parser->columns_due--;
	return finish_table(parser);
}

static int on_key(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	struct mi_key *key;
	size_t kind;

	if (count < 6 || count % 3 != 0 || count > 3 + 3 * MAX_PARTS || parser->columns_due ||
	    !(table = table_being_built(parser, fields[0], parser->keys_due)) || !fields[1].len ||
	    !word_index(fields[2], mi_key_kind_words, 5, &kind))
		return bad(parser, "a KEY record is malformed or misplaced");
	key = mi_array_add(&table->keys, &table->key_count, sizeof *key);
	key->name = dup_field(fields[1]);
	key->kind = (enum mi_key_kind)kind;
	for (size_t i = 3; i < count; i += 3) {
		struct mi_key_part *part;
		uint64_t column, prefix, descending;

		if (!as_number(fields[i], &column) || column > table->column_count ||
		    !as_number(fields[i + 1], &prefix) || prefix > UINT32_MAX ||
		    !as_number(fields[i + 2], &descending) || descending > 1)
			return bad(parser, "a KEY record's part is malformed");
		part = mi_array_add(&key->parts, &key->part_count, sizeof *part);
		*part = (struct mi_key_part){(int)column - 1, (unsigned)prefix, descending == 1};
	}
	parser->keys_due--;
	return finish_table(parser);
}

static int on_fkey(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	struct mi_fkey *fkey;

	if (count < 8 || count % 2 != 0 || count > 6 + 2 * MAX_PARTS || parser->columns_due ||
	    parser->keys_due || !(table = table_being_built(parser, fields[0], parser->fkeys_due)))
		return bad(parser, "an FKEY record is malformed or misplaced");
	for (size_t i = 1; i < count; i++)
		if (!fields[i].len)
			return bad(parser, "an FKEY record lacks a value");
	fkey = mi_array_add(&table->fkeys, &table->fkey_count, sizeof *fkey);
	fkey->name = dup_field(fields[1]);
	fkey->ref_db = dup_field(fields[2]);
	fkey->ref_table = dup_field(fields[3]);
	fkey->on_update = dup_field(fields[4]);
	fkey->on_delete = dup_field(fields[5]);
	fkey->column_count = (count - 6) / 2;
	fkey->columns = mi_alloc(fkey->column_count * sizeof(char *));
	fkey->ref_columns = mi_alloc(fkey->column_count * sizeof(char *));
	for (size_t i = 0; i < fkey->column_count; i++) {
		fkey->columns[i] = dup_field(fields[6 + 2 * i]);
		fkey->ref_columns[i] = dup_field(fields[7 + 2 * i]);
	}
	parser->fkeys_due--;
	return finish_table(parser);
}

static int on_expect(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *texts[2];

	if (count != 2 || !fields[0].len || !fields[1].len || !as_strings(parser, fields, 2, texts))
		return bad(parser, "an EXPECT record is malformed");
	if (!parser->ops->expect)
		return bad(parser, "an EXPECT record does not belong here");
	return told(parser->ops->expect(parser->user, texts[0], texts[1], parser->err));
}

static bool take_ddl(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                     struct mi_ddl *ddl)
{
	const char *texts[9];

	if (count != 9 || !as_strings(parser, fields, 9, texts))
		return false;
	for (size_t i = 0; i < 9; i++)
		if (!texts[i])
			return false;
	*ddl = (struct mi_ddl){.section = texts[0],
	                       .kind = texts[1],
	                       .db = texts[2],
	                       .object = texts[3],
	                       .name = texts[4],
	                       .sql_mode = texts[5],
	                       .charset = texts[6],
	                       .collation = texts[7],
	                       .text = texts[8]};
	return true;
}

static int on_ddl(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_ddl ddl;

	if (!take_ddl(parser, fields, count, &ddl))
		return bad(parser, "a DDL record is malformed");
	if (!parser->ops->ddl)
		return bad(parser, "a DDL record does not belong here");
	return told(parser->ops->ddl(parser->user, &ddl, parser->err));
}

static int on_table_end(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const struct mi_table *table;
	uint64_t id, rows;

	if (count != 2 || !as_number(fields[0], &id) || id > UINT32_MAX ||
	    !as_number(fields[1], &rows) ||
	    !(table = mi_tables_by_id(&parser->tables, (uint32_t)id)))
		return bad(parser, "a TABLEEND record is malformed");
	if (!parser->ops->table_end)
		return bad(parser, "a TABLEEND record does not belong here");
	return told(parser->ops->table_end(parser->user, table, rows, parser->err));
}

static int on_chunk(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_chunk chunk = {0};
	const char *texts[2];
	uint64_t id;

	if (count != 5 || !as_number(fields[0], &id) || !as_number(fields[1], &chunk.part) ||
	    !as_strings(parser, fields + 2, 2, texts) || !texts[0] || !texts[1] ||
	    !as_number(fields[4], &chunk.rows) || parser->chunk_begun ||
	    id != parser->chunk_table->id)
		return bad(parser, "a CHUNK record is malformed or misplaced");
	chunk.lo = texts[0];
	chunk.hi = texts[1];
	if (chunk.part && (*chunk.lo || *chunk.hi))
		return bad(parser, "a CHUNK record has a range and a part");
	parser->chunk_begun = true;
	parser->chunk_rows_due = chunk.rows;
	parser->totals.chunks++;
	if (!parser->ops->chunk)
		return bad(parser, "a CHUNK record does not belong here");
	return told(parser->ops->chunk(parser->user, parser->chunk_table, &chunk, parser->err));
}

static int on_row(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	if (!parser->chunk_begun || parser->chunk_rows_due == 0)
		return bad(parser, "it has more rows than its CHUNK record says");
	if (count != parser->chunk_table->carried_count)
		return bad(parser, "a row has another number of columns than its table");
	parser->chunk_rows_due--;
	parser->totals.rows++;
	if (!parser->ops->row)
		return bad(parser, "rows do not belong here");
	return told(parser->ops->row(parser->user, parser->chunk_table, fields, parser->err));
}

static int on_begin(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *gtid;
	uint64_t commit_us;

	if (count != 2 || !fields[0].len || !as_strings(parser, fields, 1, &gtid) ||
	    !as_number(fields[1], &commit_us) || parser->in_transaction)
		return bad(parser, "a BEGIN record is malformed or misplaced");
	parser->in_transaction = true;
	if (!parser->ops->begin)
		return bad(parser, "events do not belong here");
	return told(parser->ops->begin(parser->user, gtid, commit_us, parser->err));
}

static int change(struct mi_parser *parser, const struct mi_span *fields, size_t count, bool before,
                  bool after, int (*call)(void *, const struct mi_change *, struct mi_err *))
{
	struct mi_change change = {0};
	uint64_t id, fk_flags;
	size_t width;

	if (count < 2 || !parser->in_transaction || !as_number(fields[0], &id) || id > UINT32_MAX ||
	    !as_number(fields[1], &fk_flags) || fk_flags > (MI_FK_SQL | MI_FK_NO_CHECKS) ||
	    !(change.table = mi_tables_by_id(&parser->tables, (uint32_t)id)))
		return bad(parser, "a change record is malformed or misplaced");
	width = change.table->carried_count;
	if (count - 2 != width * ((size_t)before + (size_t)after))
		return bad(parser, "a row image has another number of columns than its table");
	change.fk_flags = (unsigned)fk_flags;
	change.before = before ? fields + 2 : NULL;
	change.after = after ? fields + 2 + (before ? width : 0) : NULL;
	parser->totals.changes++;
	if (!call)
		return bad(parser, "events do not belong here");
	return told(call(parser->user, &change, parser->err));
}

static int on_insert(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	return change(parser, fields, count, false, true, parser->ops->insert);
}

static int on_update(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	return change(parser, fields, count, true, true, parser->ops->update);
}

static int on_delete(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	return change(parser, fields, count, true, false, parser->ops->remove);
}

static int end_transaction(struct mi_parser *parser, size_t count,
                           int (*call)(void *, struct mi_err *))
{
	if (count != 0 || !parser->in_transaction)
		return bad(parser, "a transaction ends that has not begun");
	parser->in_transaction = false;
	if (!call)
		return bad(parser, "events do not belong here");
	return told(call(parser->user, parser->err));
}

static int on_commit(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	(void)fields;
	parser->totals.transactions++;
	return end_transaction(parser, count, parser->ops->commit);
}

static int on_abort(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	(void)fields;
	return end_transaction(parser, count, parser->ops->abort);
}

static int on_xa(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	size_t step;

	if (count != 2 || !word_index(fields[0], mi_xa_words, 3, &step) || !fields[1].len ||
	    !parser->in_transaction)
		return bad(parser, "an XA record is malformed or misplaced");
	parser->in_transaction = false;
	parser->totals.transactions += step == MI_XA_PREPARE;
	if (!parser->ops->xa)
		return bad(parser, "events do not belong here");
	return told(parser->ops->xa(parser->user, (enum mi_xa_step)step, fields[1], parser->err));
}

static int on_statement(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_ddl ddl;

	if (!take_ddl(parser, fields, count, &ddl) || !parser->in_transaction)
		return bad(parser, "a STATEMENT record is malformed or misplaced");
	if (!parser->ops->statement)
		return bad(parser, "events do not belong here");
	return told(parser->ops->statement(parser->user, &ddl, parser->err));
}

static int on_skip(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *set;

	if (count != 1 || !as_strings(parser, fields, 1, &set) || !set || parser->in_transaction)
		return bad(parser, "a SKIP record is malformed or misplaced");
	if (!parser->ops->skip)
		return bad(parser, "events do not belong here");
	return told(parser->ops->skip(parser->user, set, parser->err));
}

static int on_heartbeat(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	uint64_t time_us;

	if (count != 1 || !as_number(fields[0], &time_us))
		return bad(parser, "a HEARTBEAT record is malformed");
	if (!parser->ops->heartbeat)
		return bad(parser, "events do not belong here");
	return told(parser->ops->heartbeat(parser->user, time_us, parser->err));
}

static int on_end(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_totals totals;

	if (count != 5 || !as_number(fields[0], &totals.tables) ||
	    !as_number(fields[1], &totals.chunks) || !as_number(fields[2], &totals.rows) ||
	    !as_number(fields[3], &totals.transactions) || !as_number(fields[4], &totals.changes))
		return bad(parser, "its END record is malformed");
	if (parser->in_transaction)
		return bad(parser, "the stream ends inside a transaction");
	if (parser->checks_totals && !mi_totals_equal(&totals, &parser->totals))
		return bad(parser, "its END record does not agree with the records before it");
	if (!parser->ops->end)
		return 0;
	return told(parser->ops->end(parser->user, &totals, parser->err));
}

/* Rows and changes first: they are nearly all of a stream. */
static const struct {
	const char *tag;
	enum mi_frame_kind kind;
	handler_fn *handle;
} handlers[] = {
    {MI_TAG_ROW, MI_FRAME_ROWS, on_row},
    {MI_TAG_INSERT, MI_FRAME_EVENTS, on_insert},
    {MI_TAG_UPDATE, MI_FRAME_EVENTS, on_update},
    {MI_TAG_DELETE, MI_FRAME_EVENTS, on_delete},
    {MI_TAG_BEGIN, MI_FRAME_EVENTS, on_begin},
    {MI_TAG_COMMIT, MI_FRAME_EVENTS, on_commit},
    {MI_TAG_CHUNK, MI_FRAME_ROWS, on_chunk},
    {MI_TAG_HEADER, MI_FRAME_HEADER, on_header},
    {MI_TAG_TABLE, MI_FRAME_CONTROL, on_table},
    {MI_TAG_COLUMN, MI_FRAME_CONTROL, on_column},
    {MI_TAG_KEY, MI_FRAME_CONTROL, on_key},
    {MI_TAG_FKEY, MI_FRAME_CONTROL, on_fkey},
    {MI_TAG_EXPECT, MI_FRAME_CONTROL, on_expect},
    {MI_TAG_DDL, MI_FRAME_CONTROL, on_ddl},
    {MI_TAG_TABLE_END, MI_FRAME_CONTROL, on_table_end},
    {MI_TAG_ABORT, MI_FRAME_EVENTS, on_abort},
    {MI_TAG_XA, MI_FRAME_EVENTS, on_xa},
    {MI_TAG_STATEMENT, MI_FRAME_EVENTS, on_statement},
    {MI_TAG_SKIP, MI_FRAME_EVENTS, on_skip},
    {MI_TAG_HEARTBEAT, MI_FRAME_EVENTS, on_heartbeat},
    {MI_TAG_END, MI_FRAME_END, on_end},
};

static int on_record(void *user, const struct mi_span *fields, size_t count)
{
	struct mi_parser *parser = user;

	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
		if (!fields[0].data || !mi_span_is(fields[0], handlers[i].tag))
			continue;
		if (parser->frame->kind != handlers[i].kind)
			return bad(parser, "it holds a record of another kind of frame");
		if (parser->building && handlers[i].handle != on_column &&
		    handlers[i].handle != on_key && handlers[i].handle != on_fkey)
			return bad(parser, "a TABLE record lacks columns or keys");
		return handlers[i].handle(parser, fields + 1, count - 1);
	}
	return bad(parser, "it holds an unknown record");
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

const struct mi_totals *mi_parser_totals(const struct mi_parser *parser)
{
	return &parser->totals;
}

bool mi_totals_equal(const struct mi_totals *a, const struct mi_totals *b)
{
	return a->tables == b->tables && a->chunks == b->chunks && a->rows == b->rows &&
	       a->transactions == b->transactions && a->changes == b->changes;
}

/* What must be so before a frame's records are read. */
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
		return bad(parser, "its table has not been defined");
	return 0;
}

/* And after them. */
static int leave_frame(struct mi_parser *parser)
{
	const struct mi_frame *frame = parser->frame;
	const struct mi_table *table = parser->chunk_table;

	if (!(frame->flags & MI_FRAME_CONTINUES) && !mi_csv_at_record_end(parser->csv))
		return bad(parser, "its last record is not finished");
	if (frame->kind == MI_FRAME_END && parser->building)
		return bad(parser, "a TABLE record lacks columns or keys");
	if (!(frame->flags & MI_FRAME_CHUNK_LAST))
		return 0;
	if (!parser->chunk_begun || parser->chunk_rows_due > 0)
		return bad(parser, "it has fewer rows than its CHUNK record says");
	parser->chunk_table = parser->chunk_only ? table : NULL;
	if (!parser->ops->chunk_end)
		return 0;
	return told(parser->ops->chunk_end(parser->user, table, parser->err));
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
		result = bad(parser, "its text is not the CSV that mi-stream(5) describes");
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

int mi_stream_read(int fd, const struct mi_stream_ops *ops, void *user, struct mi_err *err)
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
