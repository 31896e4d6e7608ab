#include "sql/row_text.h"
#include "base/buf.h"
#include "sql/literal.h"
#include "table/number.h"
#include "table/table.h"

#include <stdlib.h>

/* How a column's text from the server becomes its stream form. */
enum form { AS_IS, TRIMMED, SHORTENED };

struct mi_rowtext_field {
	enum form form;
	char room[MI_NUMBER_ROOM]; /* SHORTENED: where its text may be put */
};

void mi_rowtext_release(struct mi_rowtext *rows)
{
	free(rows->values);
	free(rows->fields);
	*rows = (struct mi_rowtext){0};
}

static enum form form_of(const struct mi_column *column)
{
	switch (column->type) {
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

void mi_rowtext_use(struct mi_rowtext *rows, const struct mi_table *table)
{
	size_t n = 0;

	rows->table = table;
	rows->count = mi_table_fields(table);
	rows->fields = mi_realloc_array(rows->fields, rows->count, sizeof *rows->fields);
	rows->values = mi_realloc_array(rows->values, rows->count, sizeof *rows->values);
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].carried)
			rows->fields[n++].form = form_of(&table->columns[i]);
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].proven)
			rows->fields[n++].form = form_of(&table->columns[i]);
}

void mi_rowtext_select(const struct mi_rowtext *rows, struct mi_buf *sql)
{
	mi_sql_select_list(sql, rows->table);
}

size_t mi_rowtext_columns(const struct mi_rowtext *rows)
{
	return rows->count;
}

void mi_rowtext_take(struct mi_rowtext *rows, char *const *row, const unsigned long *lengths)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct mi_span value = mi_span(row[i], lengths[i]);

		if (value.data && rows->fields[i].form == TRIMMED)
			value = mi_number_trim(value);
		else if (value.data && rows->fields[i].form == SHORTENED)
			value = mi_float_shorten(value, rows->fields[i].room);
		rows->values[i] = value;
	}
}
