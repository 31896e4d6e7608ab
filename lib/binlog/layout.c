#include "binlog/layout.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/table_map.h"
#include "value/type.h"
#include "table/table.h"

#include <stdlib.h>

/* Numbers in the parentheses of a type's text, "decimal(10,2)" or "time(3)"; 0 where there are
 * none. */
static void numbers_of(const char *type_text, unsigned numbers[2])
{
	const char *at = strchr(type_text, '(');
	char *end;

	numbers[0] = numbers[1] = 0;
	if (!at)
		return;
	numbers[0] = (unsigned)strtoul(at + 1, &end, 10);
	if (*end == ',')
		numbers[1] = (unsigned)strtoul(end + 1, NULL, 10);
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* ---- Does the event's type agree with the definition's? ---- */

static unsigned int_code(unsigned bytes)
{
	switch (bytes) {
	case 1:
		return MI_CODE_TINY;
	case 2:
		return MI_CODE_SHORT;
	case 3:
		return MI_CODE_INT24;
	case 4:
		return MI_CODE_LONG;
	default:
		return MI_CODE_LONGLONG;
	}
}

static bool temporal_agrees(const struct mi_map_column *map, const struct mi_column *column,
                            unsigned old_code, unsigned new_code)
{
	unsigned numbers[2];

	numbers_of(column->type_text, numbers);
	return map->code == old_code || (map->code == new_code && map->length == numbers[0]);
}

static bool string_agrees(const struct mi_map_column *map, const struct mi_column *column)
{
	unsigned code = column->variable ? MI_CODE_VARCHAR : MI_CODE_STRING;

	/* a compressed value has a byte in front that says how it is compressed */
	if (map->code == MI_CODE_VARCHAR_COMPRESSED)
		return column->variable && map->length == column->bytes + 1;

	return map->code == code && map->length == column->bytes;
}

static bool blob_agrees(const struct mi_map_column *map, const struct mi_column *column)
{
	unsigned length = starts_with(column->type_text, "tiny")     ? 1
	                  : starts_with(column->type_text, "medium") ? 3
	                  : starts_with(column->type_text, "long")   ? 4
	                                                             : 2;

	return (map->code == MI_CODE_BLOB || map->code == MI_CODE_BLOB_COMPRESSED) &&
	       map->length == length;
}

static bool decimal_agrees(const struct mi_map_column *map, const struct mi_column *column)
{
	unsigned numbers[2];

	numbers_of(column->type_text, numbers);
	return map->code == MI_CODE_NEWDECIMAL && map->length == numbers[0] &&
	       map->scale == numbers[1];
}

static bool type_agrees(const struct mi_map_column *map, const struct mi_column *column)
{
	switch (column->type) {
	case MI_TYPE_INT:
		return map->code == int_code(column->bytes);
	case MI_TYPE_DECIMAL:
		return decimal_agrees(map, column);
	case MI_TYPE_FLOAT:
		return map->code == MI_CODE_FLOAT;
	case MI_TYPE_DOUBLE:
		return map->code == MI_CODE_DOUBLE;
	case MI_TYPE_BIT:
		return map->code == MI_CODE_BIT && map->length == column->bytes;
	case MI_TYPE_YEAR:
		return map->code == MI_CODE_YEAR;
	case MI_TYPE_DATE:
		return map->code == MI_CODE_DATE || map->code == MI_CODE_NEWDATE;
	case MI_TYPE_TIME:
		return temporal_agrees(map, column, MI_CODE_TIME, MI_CODE_TIME2);
	case MI_TYPE_DATETIME:
		return temporal_agrees(map, column, MI_CODE_DATETIME, MI_CODE_DATETIME2);
	case MI_TYPE_TIMESTAMP:
		return temporal_agrees(map, column, MI_CODE_TIMESTAMP, MI_CODE_TIMESTAMP2);
	case MI_TYPE_CHAR:
	case MI_TYPE_BINARY:
		return string_agrees(map, column);
	case MI_TYPE_TEXT:
	case MI_TYPE_BLOB:
		return blob_agrees(map, column);
	case MI_TYPE_ENUM:
		return map->code == MI_CODE_ENUM;
	case MI_TYPE_SET:
		return map->code == MI_CODE_SET;
	case MI_TYPE_JSON:
		return map->code == MI_CODE_JSON;
	case MI_TYPE_GEOMETRY:
		return map->code == MI_CODE_GEOMETRY;
	case MI_TYPE_UUID:
		return map->code == MI_CODE_STRING && map->length == 16;
	case MI_TYPE_INET:
		return map->code == MI_CODE_STRING &&
		       map->length == (starts_with(column->type_text, "inet4") ? 4 : 16);
	case MI_TYPE_VECTOR:
		return map->code == MI_CODE_VECTOR || map->code == MI_CODE_VARCHAR;
	case MI_TYPE_COUNT:
		break;
	}
	return false;
}

/* ---- Members ---- */

/* Servers escape a few characters in the members that they print, whatever the sql_mode. */
static char unescaped(char c)
{
	return (char)(c == 'n' ? '\n' : c == 'r' ? '\r' : c == '0' ? '\0' : c);
}

/* Takes a quoted member with the comma after it off the front of *at: "'it''s'," or "'b')". */
static bool next_quoted(const char **at, struct mi_buf *member)
{
	mi_buf_reset(member);
	if (**at != '\'')
		return false;
	for (++*at; **at; ++*at) {
		char c = **at;

		if (c == '\'' && *++*at != '\'') {
			*at += **at == ',';
			return true;
		}
		if (c == '\\' && (*at)[1])
			c = unescaped(*++*at);
		mi_buf_add_char(member, c);
	}
	return false;
}

/* A member of an event in utf8mb4, in which definitions are read. It has the column's character set;
 * beyond those that are a part of UTF-8 a server alone knows what its bytes are. */
static int to_utf8(const struct mi_column *column, const struct mi_layout_recode *recode,
                   struct mi_span member, struct mi_buf *text, struct mi_err *err)
{
	const char *charset = column->charset ? column->charset : "binary";

	mi_buf_reset(text);
	if (starts_with(charset, "utf8") || strcmp(charset, "binary") == 0 ||
	    ((strcmp(charset, "latin1") == 0 || strcmp(charset, "ascii") == 0) &&
	     mi_span_is_ascii(member))) {
		mi_buf_add_span(text, member);
		return 0;
	}
	return recode->recode(recode->user, mi_span_str(charset), member, text, err);
}

/* *agree: the event has the members of the definition, in its order. */
static int compare_members(const struct mi_map_column *map, const struct mi_column *column,
                           const struct mi_layout_recode *recode, bool *agree,
                           struct mi_err *err)
{
	const char *at = strchr(column->type_text, '(');
	struct mi_span rest = map->members, member;
	struct mi_buf text = {0}, theirs = {0};
	size_t count = 0;
	int ret = 0;

	*agree = at != NULL;
	for (at = at ? at + 1 : ""; ret == 0 && *agree && next_quoted(&at, &text); count++) {
		*agree = mi_map_member(&rest, &member);
		if (*agree)
			ret = to_utf8(column, recode, member, &theirs, err);
		*agree = *agree && mi_span_eq(mi_buf_span(&text), mi_buf_span(&theirs));
	}
	*agree = *agree && count == map->member_count;
	mi_buf_release(&text);
	mi_buf_release(&theirs);
	return ret;
}

/* ---- Columns ---- */

static int differ(const struct mi_table *table, size_t index, const char *what, struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA,
	              "%s.%s: column %zu (%s) is another in the binary log than in "
	              "the definition at hand: its %s differs",
	              table->db, table->name, index + 1, table->columns[index].name, what);
	return mi_hint(err, "the definition must be that of the time when the row was changed");
}

static int check_column(const struct mi_map_column *map, const struct mi_table *table, size_t index,
                        const struct mi_layout_recode *recode, struct mi_err *err)
{
	const struct mi_column *column = &table->columns[index];
	bool agree = true;

	if (!type_agrees(map, column))
		return differ(table, index, "type", err);
	if (map->has_sign && column->type == MI_TYPE_INT && map->is_unsigned != column->is_unsigned)
		return differ(table, index, "sign", err);
	if (map->nullable != column->nullable)
		return differ(table, index, "NULL", err);
	if (map->name.data && !mi_span_is(map->name, column->name))
		return differ(table, index, "name", err);
	if (map->member_count > 0 && compare_members(map, column, recode, &agree, err) != 0)
		return mi_within(err, "%s.%s: the members of column %s", table->db, table->name,
		                 column->name);
	return agree ? 0 : differ(table, index, "list of members", err);
}

/* How many columns more than the definition an event may have: some servers log the hidden columns
 * of functional indexes, behind all others. */
static size_t hidden_columns(const struct mi_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < table->key_count; i++)
		for (size_t j = 0; j < table->keys[i].part_count; j++)
			count += table->keys[i].parts[j].column < 0;
	return count;
}

/* The digits of the fraction of an old temporal type, which TABLE_MAP does not tell; else 0. */
static unsigned old_fraction(unsigned code, const struct mi_column *column)
{
	unsigned numbers[2];

	if (code != MI_CODE_TIME && code != MI_CODE_DATETIME && code != MI_CODE_TIMESTAMP)
		return 0;
	numbers_of(column->type_text, numbers);
	return numbers[0] <= 6 ? numbers[0] : 0;
}

static void fill(struct mi_layout *layout, const struct mi_table_map *map)
{
	const struct mi_table *table = layout->table;
	int carried = 0, proven = (int)table->carried_count;

	for (size_t i = 0; i < map->column_count; i++) {
		const struct mi_map_column *from = &map->columns[i];
		const struct mi_column *column =
		    i < table->column_count ? &table->columns[i] : NULL;
		struct mi_layout_column *into = &layout->columns[i];

		*into = (struct mi_layout_column){from->code, from->length, from->scale,
		                                  column,     -1,           -1};
		if (column && into->length == 0)
			into->length = old_fraction(from->code, column);
		if (column && column->carried)
			into->field = carried++;
		else if (column && column->proven)
			into->field = proven++;
		if (from->code == MI_CODE_JSON)
			into->json = (int)layout->json_count++;
	}
}

int mi_layout_make(struct mi_layout *layout, const struct mi_table_map *map,
                   const struct mi_table *table, const struct mi_layout_recode *recode,
                   struct mi_err *err)
{
	*layout = (struct mi_layout){.table = table};
	if (map->column_count < table->column_count ||
	    map->column_count - table->column_count > hidden_columns(table)) {
		(void)mi_fail(err, MI_DATA,
		              "%s.%s has %zu columns in the binary log and %zu in the definition "
		              "at hand",
		              table->db, table->name, map->column_count, table->column_count);
		return mi_hint(err, "the definition must be that of the time when the row was "
		                    "changed");
	}
	for (size_t i = 0; i < table->column_count; i++)
		if (check_column(&map->columns[i], table, i, recode, err) != 0)
			return -1;
	layout->column_count = map->column_count;
	layout->columns = mi_alloc(map->column_count * sizeof *layout->columns);
	fill(layout, map);
	return 0;
}

void mi_layout_release(struct mi_layout *layout)
{
	free(layout->columns);
	*layout = (struct mi_layout){0};
}
