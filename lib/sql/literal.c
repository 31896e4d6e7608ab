#include "sql/literal.h"
#include "base/buf.h"
#include "table/table.h"

void mi_sql_ident(struct mi_buf *sql, const char *name)
{
	mi_buf_add_char(sql, '`');
	for (; *name; name++) {
		if (*name == '`')
			mi_buf_add_char(sql, '`');
		mi_buf_add_char(sql, *name);
	}
	mi_buf_add_char(sql, '`');
}

void mi_sql_name(struct mi_buf *sql, const char *db, const char *name)
{
	mi_sql_ident(sql, db);
	mi_buf_add_char(sql, '.');
	mi_sql_ident(sql, name);
}

/* Escapes as "String Literals" in the MySQL manual lists; the rest stands as it is in utf8mb4. */
void mi_sql_string_span(struct mi_buf *sql, struct mi_span text)
{
	mi_buf_add_char(sql, '\'');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		switch (c) {
		case '\0':
			mi_buf_add_str(sql, "\\0");
			break;
		case '\n':
			mi_buf_add_str(sql, "\\n");
			break;
		case '\r':
			mi_buf_add_str(sql, "\\r");
			break;
		case 0x1a:
			mi_buf_add_str(sql, "\\Z");
			break;
		case '\'':
		case '\\':
			mi_buf_add_char(sql, '\\');
			mi_buf_add_char(sql, c);
			break;
		default:
			mi_buf_add_char(sql, c);
		}
	}
	mi_buf_add_char(sql, '\'');
}

void mi_sql_string(struct mi_buf *sql, const char *text)
{
	mi_sql_string_span(sql, mi_span_str(text));
}

void mi_sql_hex(struct mi_buf *sql, struct mi_span bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *at;

	if (bytes.len == 0) {
		mi_buf_add_str(sql, "''");
		return;
	}
	mi_buf_reserve(sql, 2 * bytes.len + 3);
	at = sql->data + sql->len;
	*at++ = 'X';
	*at++ = '\'';
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
	}
	*at++ = '\'';
	sql->len = (size_t)(at - sql->data);
}

static void select_column(struct mi_buf *sql, const struct mi_column *column)
{
	switch (column->type) {
	case MI_TYPE_FLOAT: /* alone it prints 6 digits; FLOAT(M,D) and DOUBLE(M,D) print D */
	case MI_TYPE_DOUBLE:
		mi_sql_ident(sql, column->name);
		mi_buf_add_str(sql, "*1e0");
		break;
	case MI_TYPE_BIT:
	case MI_TYPE_ENUM:
	case MI_TYPE_SET: /* `s`+0 would pass through a double and lose bits past 2^53 */
		mi_buf_add_str(sql, "CAST(");
		mi_sql_ident(sql, column->name);
		mi_buf_add_str(sql, " AS UNSIGNED)");
		break;
	default:
		mi_sql_ident(sql, column->name);
	}
}

void mi_sql_select_list(struct mi_buf *sql, const struct mi_table *table)
{
	const char *comma = "";

	for (size_t i = 0; i < 2 * table->column_count; i++) {
		const struct mi_column *column = &table->columns[i % table->column_count];

		if (i < table->column_count ? !column->carried : !column->proven)
			continue;
		mi_buf_add_str(sql, comma);
		select_column(sql, column);
		comma = ",";
	}
	if (!*comma) /* its rows travel without fields, and have to be counted all the same */
		mi_buf_add_char(sql, '1');
}

void mi_sql_insert_list(struct mi_buf *sql, const struct mi_table *table)
{
	const char *comma = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].generated != MI_NOT_GENERATED)
			continue;
		mi_buf_add_str(sql, comma);
		mi_sql_ident(sql, table->columns[i].name);
		comma = ",";
	}
}
