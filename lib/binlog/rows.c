#include "binlog/rows.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/inflate.h"
#include "value/json.h"
#include "value/json_diff.h"
#include "binlog/layout.h"
#include "binlog/value.h"
#include "chunk/range.h"
#include "stream/parse.h"
#include "table/table.h"

#include <stdlib.h>

enum { KNOWN_FLAGS = 0x9f, PARTIAL_JSON = 1 };

/* Where a value of the row at hand is: at an address in the event, or at an offset in scratch. */
struct slot {
	bool there, is_null;
	const char *data; /* NULL: in scratch */
	size_t offset, len;
};

struct image {
	const unsigned char *columns; /* a bit for each column: the event has it */
	size_t present;               /* how many columns the event has */
	struct slot *slots;           /* by field */
	struct mi_span *values;       /* the slots as spans, once the row is complete */
	struct mi_span *json;         /* binary documents by JSON column; data NULL: none */
};

struct mi_rows {
	const struct mi_event *event;
	struct mi_event copy; /* of the event's head; the body is the caller's */
	enum mi_rows_kind kind;
	bool partial, compressed;
	unsigned fk_flags;
	const struct mi_layout *layout;
	struct mi_bytes in; /* the rows that are left */
	struct image before, after;
	size_t room, json_room; /* slots and documents allocated */
	struct mi_buf scratch, inflated;
	uint64_t number; /* of the row within the event, for messages */
	bool json_text;  /* JSON without the codes of its types */
};

struct mi_rows *mi_rows_new(void)
{
	return mi_alloc(sizeof(struct mi_rows));
}

static void release_image(struct image *image)
{
	free(image->slots);
	free(image->values);
	free(image->json);
}

void mi_rows_free(struct mi_rows *rows)
{
	if (!rows)
		return;
	release_image(&rows->before);
	release_image(&rows->after);
	mi_buf_release(&rows->scratch);
	mi_buf_release(&rows->inflated);
	free(rows);
}

/* ---- Opening ---- */

static const struct rows_type {
	unsigned type;
	enum mi_rows_kind kind;
	bool v2, compressed;
} rows_types[] = {
    {MI_EVENT_WRITE_ROWS_V1, MI_ROWS_INSERT, false, false},
    {MI_EVENT_UPDATE_ROWS_V1, MI_ROWS_UPDATE, false, false},
    {MI_EVENT_DELETE_ROWS_V1, MI_ROWS_DELETE, false, false},
    {MI_EVENT_WRITE_ROWS, MI_ROWS_INSERT, true, false},
    {MI_EVENT_UPDATE_ROWS, MI_ROWS_UPDATE, true, false},
    {MI_EVENT_PARTIAL_UPDATE_ROWS, MI_ROWS_UPDATE, true, false},
    {MI_EVENT_DELETE_ROWS, MI_ROWS_DELETE, true, false},
    {MI_EVENT_WRITE_ROWS_COMPRESSED_V1, MI_ROWS_INSERT, false, true},
    {MI_EVENT_UPDATE_ROWS_COMPRESSED_V1, MI_ROWS_UPDATE, false, true},
    {MI_EVENT_DELETE_ROWS_COMPRESSED_V1, MI_ROWS_DELETE, false, true},
    {MI_EVENT_WRITE_ROWS_COMPRESSED, MI_ROWS_INSERT, true, true},
    {MI_EVENT_UPDATE_ROWS_COMPRESSED, MI_ROWS_UPDATE, true, true},
    {MI_EVENT_DELETE_ROWS_COMPRESSED, MI_ROWS_DELETE, true, true},
};

static const struct rows_type *find_type(unsigned type)
{
	for (size_t i = 0; i < sizeof rows_types / sizeof *rows_types; i++)
		if (rows_types[i].type == type)
			return &rows_types[i];
	return NULL;
}

bool mi_rows_are_in(unsigned type)
{
	return find_type(type) != NULL;
}

static int malformed(const struct mi_rows *rows, struct mi_err *err)
{
	if (rows->number > 0)
		return mi_event_fail(rows->event, MI_PROTOCOL, err, "malformed at row %llu",
		                     (unsigned long long)rows->number);
	return mi_event_fail(rows->event, MI_PROTOCOL, err, "malformed");
}

static unsigned fk_flags_of(unsigned flags)
{
	return (flags & MI_ROWS_SQL_FOREIGN_KEY ? MI_FK_SQL : 0) |
	       (flags & MI_ROWS_NO_FOREIGN_KEY ? MI_FK_NO_CHECKS : 0);
}

/* True for an event that only ends a statement: no table, and nothing behind a width of one
 * column. */
static bool is_dummy(const struct mi_rows_head *head, size_t rest)
{
	bool no_table = head->table_id == UINT64_C(0xffffffffffff) ||
	                head->table_id == UINT32_MAX || head->table_id == 0xffffff;

	return no_table && head->flags & MI_ROWS_STMT_END && rest <= 3;
}

/* post-header, in bytes: table id 6, flags 2; in version 2 also 2 with the length of extra data
 * between post-header and rows (as of partitions), these 2 bytes included */
int mi_rows_open(struct mi_rows *rows, const struct mi_event *event, struct mi_rows_head *head,
                 struct mi_err *err)
{
	const struct rows_type *type = find_type(event->type);
	struct mi_bytes post;
	unsigned extra;

	if (!type)
		return mi_event_fail(event, MI_BUG, err, "it has no rows");
	rows->copy = *event;
	rows->event = &rows->copy;
	rows->number = 0;
	rows->layout = NULL;
	if (mi_event_bytes(event, type->v2 ? 10 : 8, &post, &rows->in, err) != 0)
		return -1;
	head->kind = rows->kind = type->kind;
	rows->compressed = type->compressed;
	rows->partial = event->type == MI_EVENT_PARTIAL_UPDATE_ROWS;
	head->table_id = mi_take_le(&post, 6);
	head->flags = mi_take_u16(&post);
	head->fk_flags = rows->fk_flags = fk_flags_of(head->flags);
	extra = type->v2 ? mi_take_u16(&post) : 2;
	if (extra < 2)
		return malformed(rows, err);
	(void)mi_take(&rows->in, extra - 2);
	if (rows->in.bad)
		return malformed(rows, err);
	head->dummy = is_dummy(head, rows->in.len);
	if (head->flags & ~(unsigned)KNOWN_FLAGS)
		return mi_event_fail(event, MI_DATA, err, "its flags 0x%x are unknown",
		                     head->flags);
	return 0;
}

static size_t count_bits(const unsigned char *bits, size_t count)
{
	size_t set = 0;

	for (size_t i = 0; i < count; i++)
		set += bits[i / 8] >> i % 8 & 1;
	return set;
}

static void take_columns(struct mi_rows *rows, struct image *image)
{
	size_t count = rows->layout->column_count;
	struct mi_span bits = mi_take(&rows->in, (count + 7) / 8);

	image->columns = (const unsigned char *)bits.data;
	image->present = bits.data ? count_bits(image->columns, count) : 0;
}

static void grow(struct mi_rows *rows)
{
	size_t fields = mi_table_fields(rows->layout->table), json = rows->layout->json_count;
	struct image *images[] = {&rows->before, &rows->after};

	for (size_t i = 0; i < 2 && fields > rows->room; i++) {
		images[i]->slots =
		    mi_realloc_array(images[i]->slots, fields, sizeof *images[i]->slots);
		images[i]->values =
		    mi_realloc_array(images[i]->values, fields, sizeof *images[i]->values);
	}
	for (size_t i = 0; i < 2 && json > rows->json_room; i++)
		images[i]->json = mi_realloc_array(images[i]->json, json, sizeof *images[i]->json);
	rows->room = fields > rows->room ? fields : rows->room;
	rows->json_room = json > rows->json_room ? json : rows->json_room;
}

int mi_rows_start(struct mi_rows *rows, const struct mi_layout *layout, struct mi_err *err)
{
	uint64_t width = mi_take_lenenc(&rows->in);

	rows->layout = layout;
	if (!rows->in.bad && width != layout->column_count)
		return mi_event_fail(rows->event, MI_DATA, err,
		                     "%s.%s has %llu columns in it and %zu in its TABLE_MAP",
		                     layout->table->db, layout->table->name,
		                     (unsigned long long)width, layout->column_count);
	grow(rows);
	if (rows->kind != MI_ROWS_INSERT)
		take_columns(rows, &rows->before);
	if (rows->kind != MI_ROWS_DELETE)
		take_columns(rows, &rows->after);
	if (rows->in.bad)
		return malformed(rows, err);
	if (rows->compressed) {
		mi_buf_reset(&rows->inflated);
		if (mi_event_inflate(rows->event, mi_bytes_rest(&rows->in), &rows->inflated, err) !=
		    0)
			return -1;
		rows->in = mi_bytes(mi_buf_span(&rows->inflated));
	}
	return 0;
}

/* ---- One image ---- */

static bool bit_of(const unsigned char *bits, size_t index)
{
	return bits[index / 8] >> index % 8 & 1;
}

/* Takes a value into its slot, as text or bytes; JSON documents are printed. */
static int take_value(struct mi_rows *rows, const struct mi_layout_column *column,
                      struct image *image, struct mi_err *err)
{
	size_t start = rows->scratch.len;
	struct slot slot = {.there = true};
	struct mi_span value;

	mi_value_take(&rows->in, column, &rows->scratch, &value);
	if (rows->in.bad)
		return malformed(rows, err);
	if (column->json >= 0)
		image->json[column->json] = value;
	if (column->field < 0) {
		rows->scratch.len = start;
		return 0;
	}
	slot.data = value.data;
	slot.len = value.len;
	if (column->json >= 0) {
		if (mi_json_text(value, rows->json_text, &rows->scratch, err) != 0)
			return -1;
		slot.data = NULL;
	}
	if (!slot.data) {
		slot.offset = start;
		slot.len = rows->scratch.len - start;
	}
	image->slots[column->field] = slot;
	return 0;
}

/* Takes a JSON column whose after-image is a list of changes to the before-image. */
static int take_diff(struct mi_rows *rows, const struct mi_layout_column *column,
                     struct mi_err *err)
{
	struct mi_span before = rows->before.json[column->json];
	struct mi_span diffs = mi_take(&rows->in, mi_take_le(&rows->in, column->length));
	struct slot slot = {.there = true, .offset = rows->scratch.len};

	if (rows->in.bad)
		return malformed(rows, err);
	if (!before.data)
		return mi_event_fail(rows->event, MI_DATA, err,
		                     "%s.%s: a partial update of %s without the document before "
		                     "it (binlog_row_image is not FULL)",
		                     rows->layout->table->db, rows->layout->table->name,
		                     column->column ? column->column->name : "?");
	if (mi_json_apply(before, diffs, rows->json_text, &rows->scratch, err) != 0)
		return mi_event_fail(rows->event, err->code, err, "%s", err->text);
	slot.len = rows->scratch.len - slot.offset;
	if (column->field >= 0)
		rows->after.slots[column->field] = slot;
	return 0;
}

static void take_null(const struct mi_layout_column *column, struct image *image)
{
	if (column->json >= 0)
		image->json[column->json] = (struct mi_span){0};
	if (column->field >= 0)
		image->slots[column->field] = (struct slot){.there = true, .is_null = true};
}

/* Takes one image of a row. partial: a bit for each JSON column, that it has diffs; NULL: none
 * has. */
static int take_image(struct mi_rows *rows, struct image *image, const unsigned char *partial,
                      struct mi_err *err)
{
	const struct mi_layout *layout = rows->layout;
	struct mi_span nulls = mi_take(&rows->in, (image->present + 7) / 8);
	size_t nth = 0;

	if (rows->in.bad)
		return malformed(rows, err);
	for (size_t i = 0; i < mi_table_fields(layout->table); i++)
		image->slots[i].there = false;
	for (size_t i = 0; i < layout->json_count; i++)
		image->json[i] = (struct mi_span){0};
	for (size_t i = 0; i < layout->column_count; i++) {
		const struct mi_layout_column *column = &layout->columns[i];

		if (!bit_of(image->columns, i))
			continue;
		if (bit_of((const unsigned char *)nulls.data, nth++)) {
			take_null(column, image);
		} else if (partial && column->json >= 0 && bit_of(partial, (size_t)column->json)) {
			if (take_diff(rows, column, err) != 0)
				return -1;
		} else if (take_value(rows, column, image, err) != 0) {
			return -1;
		}
	}
	return 0;
}

/* Takes an after-image. In PARTIAL_UPDATE_ROWS options stand before it, and with PARTIAL_JSON a bit
 * for each JSON column. */
static int take_after(struct mi_rows *rows, struct mi_err *err)
{
	uint64_t options = rows->partial ? mi_take_lenenc(&rows->in) : 0;
	struct mi_span bits = {0};

	if (options & ~(uint64_t)PARTIAL_JSON)
		return mi_event_fail(rows->event, MI_DATA, err,
		                     "its row value options 0x%llx are unknown",
		                     (unsigned long long)options);
	if (options & PARTIAL_JSON)
		bits = mi_take(&rows->in, (rows->layout->json_count + 7) / 8);
	if (rows->in.bad)
		return malformed(rows, err);
	return take_image(rows, &rows->after, (const unsigned char *)bits.data, err);
}

/* ---- A whole row ---- */

static const char *field_name(const struct mi_layout *layout, size_t field)
{
	for (size_t i = 0; i < layout->column_count; i++)
		if (layout->columns[i].field == (int)field)
			return layout->columns[i].column->name;
	return "?";
}

static int incomplete(const struct mi_rows *rows, size_t field, struct mi_err *err)
{
	(void)mi_event_fail(rows->event, MI_DATA, err, "%s.%s: a row image lacks column %s",
	                    rows->layout->table->db, rows->layout->table->name,
	                    field_name(rows->layout, field));
	return mi_hint(err, "the session that wrote it had not binlog_row_image=FULL");
}

/* Makes spans of the slots; scratch has stopped growing, so it does not move any more. Columns that
 * the image lacks are taken from other, unless that is NULL. */
static int fill_values(struct mi_rows *rows, struct image *image, const struct image *other,
                       struct mi_err *err)
{
	for (size_t i = 0; i < mi_table_fields(rows->layout->table); i++) {
		const struct slot *slot = &image->slots[i];

		if (!slot->there && other)
			slot = &other->slots[i];
		if (!slot->there)
			return incomplete(rows, i, err);
		if (slot->is_null)
			image->values[i] = (struct mi_span){0};
		else
			image->values[i] = mi_span(
			    slot->data ? slot->data : rows->scratch.data + slot->offset, slot->len);
	}
	return 0;
}

void mi_rows_json_text(struct mi_rows *rows)
{
	rows->json_text = true;
}

int mi_rows_next(struct mi_rows *rows, struct mi_change *change, struct mi_err *err)
{
	struct image *before = rows->kind == MI_ROWS_INSERT ? NULL : &rows->before;
	struct image *after = rows->kind == MI_ROWS_DELETE ? NULL : &rows->after;
	size_t left = rows->in.len;

	if (left == 0)
		return 0;
	rows->number++;
	mi_buf_reset(&rows->scratch);
	mi_buf_reserve(&rows->scratch, 1); /* an address for the empty text: NULL is SQL's NULL */
	if ((before && take_image(rows, before, NULL, err) != 0) ||
	    (after && take_after(rows, err) != 0) ||
	    (before && fill_values(rows, before, NULL, err) != 0) ||
	    (after && fill_values(rows, after, before, err) != 0))
		return -1;
	if (rows->in.len == left) /* a row of no column would never end */
		return malformed(rows, err);
	*change = (struct mi_change){
	    .table = rows->layout->table,
	    .fk_flags = rows->fk_flags,
	    .before = before ? before->values : NULL,
	    .after = after ? after->values : NULL,
	};
	return 1;
}
