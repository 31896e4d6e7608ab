#include "sql/apply_text.h"
#include "base/buf.h"
#include "sql/literal.h"
#include "sql/value.h"
#include "sql/load_text.h"
#include "table/keyplan.h"
#include "table/table.h"

enum {
	VALUE_MORE = 32,     /* what a literal needs beyond twice its value's length */
	DESCRIBE_VALUE = 64, /* bytes of a value that a message shows */
};

static const char row_alias_name[] = "_mi_row";

/* ---- The fixed parts ---- */

static void make_update_head(struct mi_applytext *text)
{
	mi_buf_add_str(&text->update, "UPDATE ");
	mi_sql_name(&text->update, text->db, text->shape->name);
	mi_buf_add_str(&text->update, " SET ");
}

static void make_remove_head(struct mi_applytext *text)
{
	mi_buf_add_str(&text->remove, "DELETE FROM ");
	mi_sql_name(&text->remove, text->db, text->shape->name);
	mi_buf_add_str(&text->remove, " WHERE ");
}

/* An assignment that leaves a row as it is, where all columns are generated: DEFAULT is the one
 * value that such a column takes. */
static void add_no_change(const struct mi_applytext *text, struct mi_buf *sql)
{
	mi_sql_ident(sql, text->shape->columns->name);
	mi_buf_add_str(sql, "=DEFAULT");
}

/* The new row's value of the column. Servers copy an ENUM or a SET by its text, in which an empty
 * member of a SET is lost, and members that their collation holds for equal are one: its number is
 * exact. |0 makes an unsigned one of it; MariaDB's CAST warns of a SET's 64th member. */
static void add_new_value(const struct mi_column *column, bool row_alias, struct mi_buf *sql)
{
	if (row_alias)
		mi_buf_addf(sql, "%s.", row_alias_name);
	else
		mi_buf_add_str(sql, "VALUES(");
	mi_sql_ident(sql, column->name);
	if (!row_alias)
		mi_buf_add_char(sql, ')');
	if (column->type == MI_TYPE_ENUM || column->type == MI_TYPE_SET)
		mi_buf_add_str(sql, "|0");
}

static void make_upsert_tail(struct mi_applytext *text, bool row_alias)
{
	struct mi_buf *tail = &text->upsert_tail;
	const char *comma = "";

	if (row_alias)
		mi_buf_addf(tail, " AS %s", row_alias_name);
	mi_buf_add_str(tail, " ON DUPLICATE KEY UPDATE ");
	for (size_t i = 0; i < text->shape->column_count; i++) {
		const struct mi_column *column = &text->shape->columns[i];

		if (column->generated != MI_NOT_GENERATED)
			continue;
		mi_buf_add_str(tail, comma);
		comma = ",";
		mi_sql_ident(tail, column->name);
		mi_buf_add_char(tail, '=');
		add_new_value(column, row_alias, tail);
	}
	if (!*comma)
		add_no_change(text, tail);
}

void mi_applytext_init(struct mi_applytext *text, const char *db, const struct mi_table *shape,
                       const struct mi_keyplan *key, bool row_alias)
{
	*text = (struct mi_applytext){.db = db, .shape = shape, .key = key};
	mi_loadtext_init(&text->rows, shape);
	mi_inserttext_head(&text->insert, db, shape, false);
	mi_inserttext_head(&text->replace, db, shape, true);
	make_update_head(text);
	make_remove_head(text);
	make_upsert_tail(text, row_alias);
}

void mi_applytext_release(struct mi_applytext *text)
{
	mi_loadtext_release(&text->rows);
	mi_buf_release(&text->insert);
	mi_buf_release(&text->replace);
	mi_buf_release(&text->remove);
	mi_buf_release(&text->update);
	mi_buf_release(&text->upsert_tail);
	*text = (struct mi_applytext){0};
}

int mi_applytext_check(const struct mi_applytext *text, const struct mi_span *image,
                       struct mi_err *err)
{
	return mi_loadtext_check(&text->rows, image, err);
}

/* ---- INSERT ---- */

void mi_applytext_insert_head(const struct mi_applytext *text, bool replace, struct mi_buf *sql)
{
	mi_buf_add_span(sql, mi_buf_span(replace ? &text->replace : &text->insert));
}

void mi_applytext_row(const struct mi_applytext *text, const struct mi_span *image, bool first,
                      struct mi_buf *sql)
{
	if (!first)
		mi_buf_add_char(sql, ',');
	(void)!mi_inserttext_row(&text->rows, image, sql); /* numbers were checked on arrival */
}

void mi_applytext_upsert_tail(const struct mi_applytext *text, struct mi_buf *sql)
{
	mi_buf_add_span(sql, mi_buf_span(&text->upsert_tail));
}

/* ---- Keys ---- */

/* The column behind a part of the row key. */
static const struct mi_column *key_column(const struct mi_applytext *text, size_t part)
{
	const struct mi_key *key = mi_table_row_key(text->shape);

	return &text->shape->columns[key->parts[part].column];
}

void mi_applytext_where(const struct mi_applytext *text, const struct mi_span *image,
                        struct mi_buf *sql)
{
	for (size_t i = 0; i < text->key->key_count; i++) {
		const struct mi_column *column = key_column(text, i);

		if (i > 0)
			mi_buf_add_str(sql, " AND ");
		mi_sql_ident(sql, column->name);
		mi_buf_add_char(sql, '=');
		mi_sql_predicate_value(sql, column, image[text->key->key[i]]);
	}
}

/* One column is looked up by IN; several by OR, which both flavours turn into ranges. */
void mi_applytext_delete_head(const struct mi_applytext *text, struct mi_buf *sql)
{
	mi_buf_add_span(sql, mi_buf_span(&text->remove));
	mi_applytext_keys_head(text, sql);
}

void mi_applytext_keys_head(const struct mi_applytext *text, struct mi_buf *sql)
{
	if (text->key->key_count == 1) {
		mi_sql_ident(sql, key_column(text, 0)->name);
		mi_buf_add_str(sql, " IN (");
	}
}

void mi_applytext_delete_key(const struct mi_applytext *text, const struct mi_span *image,
                             bool first, struct mi_buf *sql)
{
	if (text->key->key_count == 1) {
		if (!first)
			mi_buf_add_char(sql, ',');
		mi_sql_predicate_value(sql, key_column(text, 0), image[text->key->key[0]]);
		return;
	}
	mi_buf_add_str(sql, first ? "(" : " OR (");
	mi_applytext_where(text, image, sql);
	mi_buf_add_char(sql, ')');
}

void mi_applytext_delete_tail(const struct mi_applytext *text, struct mi_buf *sql)
{
	if (text->key->key_count == 1)
		mi_buf_add_char(sql, ')');
}

/* ---- UPDATE ---- */

void mi_applytext_update(const struct mi_applytext *text, const struct mi_span *key_image,
                         const struct mi_span *image, struct mi_buf *sql)
{
	const struct mi_column *column = text->shape->columns;
	const char *comma = "";

	mi_buf_add_span(sql, mi_buf_span(&text->update));
	for (size_t i = 0; i < text->shape->carried_count; i++, column++) {
		while (!column->carried)
			column++;
		if (column->generated != MI_NOT_GENERATED)
			continue;
		mi_buf_add_str(sql, comma);
		comma = ",";
		mi_sql_ident(sql, column->name);
		mi_buf_add_char(sql, '=');
		mi_sql_value(sql, column, image[i]);
	}
	if (!*comma)
		add_no_change(text, sql);
	mi_buf_add_str(sql, " WHERE ");
	mi_applytext_where(text, key_image, sql);
}

/* ---- Sizes and messages ---- */

size_t mi_applytext_row_bytes(const struct mi_applytext *text, const struct mi_span *image)
{
	size_t bytes = 2;

	for (size_t i = 0; i < text->shape->carried_count; i++)
		bytes += 2 * image[i].len + VALUE_MORE;
	return bytes;
}

size_t mi_applytext_key_bytes(const struct mi_applytext *text, const struct mi_span *image)
{
	size_t bytes = 8;

	for (size_t i = 0; i < text->key->key_count; i++)
		bytes += 2 * image[text->key->key[i]].len + VALUE_MORE +
		         2 * strlen(key_column(text, i)->name) + 40;
	return bytes;
}

unsigned mi_applytext_zeros(const struct mi_applytext *text, const struct mi_span *image)
{
	size_t next = 0;
	unsigned zeros = 0;

	while (mi_loadtext_zero_enum(&text->rows, image, &next))
		zeros++;
	return zeros;
}

static void describe_value(struct mi_buf *out, const struct mi_column *column, struct mi_span value)
{
	bool cut = value.len > DESCRIBE_VALUE;

	if (!value.data) {
		mi_buf_add_str(out, "NULL");
		return;
	}
	if (cut)
		value.len = DESCRIBE_VALUE;
	if (mi_type_is_number(column->type))
		mi_buf_add_span(out, value);
	else if (column->type == MI_TYPE_BINARY || column->type == MI_TYPE_BLOB)
		mi_sql_hex(out, value);
	else
		mi_sql_string_span(out, value);
	if (cut)
		mi_buf_add_str(out, "...");
}

void mi_applytext_describe(const struct mi_applytext *text, const struct mi_span *image,
                           struct mi_buf *out)
{
	for (size_t i = 0; i < text->key->key_count; i++) {
		const struct mi_column *column = key_column(text, i);

		mi_buf_addf(out, "%s%s=", i ? ", " : "(", column->name);
		describe_value(out, column, image[text->key->key[i]]);
	}
	mi_buf_add_char(out, ')');
}
