#include "sql/row_text.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/json_types.h"
#include "sql/literal.h"
#include "table/json.h"
#include "table/number.h"
#include "table/table.h"

#include <stdlib.h>

/* How a column's text from the server becomes its stream form. */
enum form { AS_IS, TRIMMED, SHORTENED, TYPED };

enum { JSON_TABLE_SINCE = 80004 };

struct mi_rowtext_field {
	const struct mi_column *column;
	enum form form;
	char room[MI_NUMBER_ROOM]; /* SHORTENED: where its text may be put */
	struct mi_buf codes;       /* TYPED: of the last row's document */
	struct mi_buf text;        /* TYPED: the document and its codes, if it has any */
};

static void free_fields(struct mi_rowtext *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		mi_buf_release(&rows->fields[i].codes);
		mi_buf_release(&rows->fields[i].text);
	}
	free(rows->fields);
	rows->fields = NULL;
	rows->count = rows->more = 0;
}

void mi_rowtext_release(struct mi_rowtext *rows)
{
	free_fields(rows);
	free(rows->values);
	*rows = (struct mi_rowtext){0};
}

enum mi_rowtext_json mi_rowtext_json(bool is_mysql, unsigned version, bool text_only)
{
	if (!is_mysql || text_only)
		return MI_ROWTEXT_JSON_TEXT;
	return version >= JSON_TABLE_SINCE ? MI_ROWTEXT_JSON_TYPES : MI_ROWTEXT_JSON_TYPES_57;
}

static enum form form_of(const struct mi_rowtext *rows, const struct mi_column *column)
{
	switch (column->type) {
	case MI_TYPE_JSON:
		return rows->json == MI_ROWTEXT_JSON_TEXT ? AS_IS : TYPED;
	case MI_TYPE_INT:
	case MI_TYPE_YEAR:
	case MI_TYPE_DECIMAL:
		return TRIMMED;
	case MI_TYPE_FLOAT:
		return SHORTENED;
	default:
		return AS_IS;
	}
}

static void add_field(struct mi_rowtext *rows, const struct mi_column *column)
{
	struct mi_rowtext_field *field = &rows->fields[rows->count++];

	*field = (struct mi_rowtext_field){.column = column, .form = form_of(rows, column)};
	rows->more += field->form == TYPED;
}

void mi_rowtext_use(struct mi_rowtext *rows, const struct mi_table *table)
{
	free_fields(rows);
	rows->table = table;
	rows->fields = mi_alloc((mi_table_fields(table) + 1) * sizeof *rows->fields);
	rows->values = mi_realloc_array(rows->values, mi_table_fields(table), sizeof *rows->values);
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].carried)
			add_field(rows, &table->columns[i]);
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].proven)
			add_field(rows, &table->columns[i]);
}

void mi_rowtext_select(const struct mi_rowtext *rows, struct mi_buf *sql)
{
	bool is_57 = rows->json == MI_ROWTEXT_JSON_TYPES_57;

	if (rows->more > 0 && !is_57)
		mi_buf_add_str(sql, mi_json_types_hint);
	mi_sql_select_list(sql, rows->table);
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->fields[i].form != TYPED)
			continue;
		mi_buf_add_char(sql, ',');
		mi_json_types_select(sql, rows->fields[i].column->name, is_57);
	}
}

size_t mi_rowtext_columns(const struct mi_rowtext *rows)
{
	return rows->count + rows->more;
}

/* Puts the document's codes behind its text, where it has any. */
static int add_types(struct mi_rowtext_field *field, struct mi_span types, struct mi_span *value,
                     struct mi_err *err)
{
	mi_buf_reset(&field->codes);
	mi_buf_reset(&field->text);
	if (!types.data || !mi_json_types_codes(*value, types, &field->codes, &field->text)) {
		(void)mi_fail(err, MI_DATA,
		              "column %s: the types in this JSON document are not known: the "
		              "server's list does not go with the text",
		              field->column->name);
		return mi_hint(err, "--json=text carries it as its text says%s",
		               types.data && types.len >= MI_JSON_TYPES_MOST_57
		                   ? "; MySQL 5.7 cannot tell the types of more than 1000 values"
		                   : "");
	}
	if (field->codes.len == 0 && field->text.len == 0)
		return 0;
	if (field->text.len == 0)
		mi_buf_add_span(&field->text, *value);
	mi_json_add_codes(&field->text, mi_buf_span(&field->codes));
	*value = mi_buf_span(&field->text);
	return 0;
}

int mi_rowtext_take(struct mi_rowtext *rows, char *const *row, const unsigned long *lengths,
                    struct mi_err *err)
{
	size_t types = rows->count;
	int ret = 0;

	for (size_t i = 0; i < rows->count; i++) {
		struct mi_rowtext_field *field = &rows->fields[i];
		struct mi_span value = mi_span(row[i], lengths[i]);

		if (value.data && field->form == TRIMMED)
			value = mi_number_trim(value);
		else if (value.data && field->form == SHORTENED)
			value = mi_float_shorten(value, field->room);
		else if (value.data && field->form == TYPED && ret == 0)
			ret = add_types(field, mi_span(row[types], lengths[types]), &value, err);
		types += field->form == TYPED;
		rows->values[i] = value;
	}
	return ret;
}
