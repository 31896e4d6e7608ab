#include "sql/load_text.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/json_value.h"
#include "sql/literal.h"
#include "sql/value.h"
#include "table/json.h"
#include "table/number.h"
#include "table/table.h"

#include <stdlib.h>

enum how {
	LEFT_OUT, /* a generated column: the server makes it */
	BYTES,
	YEAR,  /* '0' would mean 2000: zero is written 0000 */
	ENUM,  /* number 0 cannot be loaded */
	FLOAT, /* see mi_float_for_server */
	JSON,  /* text, without the codes of its types; with them it cannot be loaded */
};

/* A field needs at most twice its length and this: a tab, and what replaces a short text. */
enum { FIELD_MORE = 32 };

static enum how how_to_write(const struct mi_column *column)
{
	if (column->generated != MI_NOT_GENERATED)
		return LEFT_OUT;
	if (column->type == MI_TYPE_YEAR)
		return YEAR;
	if (column->type == MI_TYPE_ENUM)
		return ENUM;
	if (column->type == MI_TYPE_FLOAT)
		return FLOAT;
	if (column->type == MI_TYPE_JSON)
		return JSON;
	return BYTES;
}

void mi_loadtext_init(struct mi_loadtext *plan, const struct mi_table *table)
{
	plan->table = table;
	plan->how = mi_alloc(table->column_count + 1);
	plan->count = 0;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].carried)
			plan->how[plan->count++] = (unsigned char)how_to_write(&table->columns[i]);
}

void mi_loadtext_release(struct mi_loadtext *plan)
{
	free(plan->how);
	*plan = (struct mi_loadtext){0};
}

/* How a field reaches its column when its bytes may not go there as they are. */
static const char *wrapper(const struct mi_column *column)
{
	switch (column->type) {
	case MI_TYPE_ENUM: /* text would be looked up among the members first */
	case MI_TYPE_SET:
	case MI_TYPE_BIT: /* text would be taken as bytes */
		return "CAST(@c AS UNSIGNED)";
	case MI_TYPE_JSON: /* refused from a binary string (error 3144) */
	case MI_TYPE_UUID: /* a binary string would be the 16 bytes themselves */
	case MI_TYPE_INET:
		return "CONVERT(@c USING utf8mb4)";
	default:
		return NULL;
	}
}

/* wrapper's text with the variable numbered: "CAST(@c12 AS UNSIGNED)". */
static void add_wrapped(struct mi_buf *sql, const char *text, size_t number)
{
	const char *at = strstr(text, "@c") + 2;

	mi_buf_add(sql, text, (size_t)(at - text));
	mi_buf_addf(sql, "%zu%s", number, at);
}

void mi_loadtext_statement(struct mi_buf *sql, const char *db, const struct mi_table *table)
{
	const char *comma = "";

	mi_buf_add_str(sql, "LOAD DATA LOCAL INFILE 'chunk' REPLACE INTO TABLE ");
	mi_sql_name(sql, db, table->name);
	mi_buf_add_str(sql, " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\'"
	                    " LINES TERMINATED BY '\\n' (");
	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *column = &table->columns[i];

		if (column->generated != MI_NOT_GENERATED)
			continue;
		mi_buf_add_str(sql, comma);
		comma = ",";
		if (wrapper(column))
			mi_buf_addf(sql, "@c%zu", i);
		else
			mi_sql_ident(sql, column->name);
	}
	/* () would mean all columns, and there is none that can be given a value: the lines, which
	 * are empty, go nowhere */
	mi_buf_add_str(sql, *comma ? ")" : "@c)");
	comma = " SET ";
	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *column = &table->columns[i];

		if (column->generated != MI_NOT_GENERATED || !wrapper(column))
			continue;
		mi_buf_add_str(sql, comma);
		comma = ",";
		mi_sql_ident(sql, column->name);
		mi_buf_add_char(sql, '=');
		add_wrapped(sql, wrapper(column), i);
	}
}

/* True when one of eight bytes is below 0x20 or a backslash: it may need escaping. */
static bool may_need_escape(uint64_t eight)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	uint64_t backslashes = eight ^ (ones * '\\');

	return (((eight - ones * 0x20) & ~eight) | ((backslashes - ones) & ~backslashes)) & highs;
}

/* Writes c, escaped if need be; returns the place behind it. */
static char *put_byte(char *at, char c)
{
	static const char escaped[] = {['\0'] = '0', ['\t'] = 't', ['\n'] = 'n', ['\\'] = '\\'};

	if ((unsigned char)c < sizeof escaped && escaped[(unsigned char)c]) {
		*at++ = '\\';
		c = escaped[(unsigned char)c];
	}
	*at++ = c;
	return at;
}

/* The hot loop. There is room for twice the length at at. */
static char *put_escaped(char *at, struct mi_span value)
{
	const char *from = value.data, *end = value.data + value.len;

	while (end - from >= 8) {
		uint64_t eight;

		memcpy(&eight, from, 8);
		if (may_need_escape(eight)) {
			for (int i = 0; i < 8; i++)
				at = put_byte(at, from[i]);
		} else {
			memcpy(at, from, 8);
			at += 8;
		}
		from += 8;
	}
	while (from < end)
		at = put_byte(at, *from++);
	return at;
}

static bool is_zero(struct mi_span value)
{
	return value.len == 1 && value.data[0] == '0';
}

/* The table's column behind a carried column's number. */
static const struct mi_column *carried_column(const struct mi_table *table, size_t carried)
{
	const struct mi_column *column = table->columns;

	for (;; column++) {
		if (!column->carried)
			continue;
		if (carried-- == 0)
			return column;
	}
}

static bool has_zero_enum(const struct mi_loadtext *plan, const struct mi_span *values, size_t i)
{
	return plan->how[i] == ENUM && values[i].data && is_zero(values[i]);
}

static bool needs_expression(const struct mi_loadtext *plan, const struct mi_span *values, size_t i)
{
	return plan->how[i] == JSON && values[i].data &&
	       !mi_json_is_text(carried_column(plan->table, i)->json_here, values[i]);
}

static struct mi_span json_text(struct mi_span value)
{
	struct mi_span text, codes;

	mi_json_split(value, &text, &codes);
	return text;
}

bool mi_loadtext_row(const struct mi_loadtext *plan, const struct mi_span *values,
                     struct mi_buf *out)
{
	size_t room = 1;
	bool separate = false;
	char *at;

	for (size_t i = 0; i < plan->count; i++) {
		if (has_zero_enum(plan, values, i) || needs_expression(plan, values, i))
			return false;
		room += 2 * values[i].len + FIELD_MORE;
	}
	mi_buf_reserve(out, room);
	at = out->data + out->len;
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->how[i] == LEFT_OUT)
			continue;
		if (separate)
			*at++ = '\t';
		separate = true;
		if (!values[i].data) {
			memcpy(at, "\\N", 2);
			at += 2;
		} else if (plan->how[i] == YEAR && is_zero(values[i])) {
			memcpy(at, "0000", 4);
			at += 4;
		} else if (plan->how[i] == FLOAT) {
			at = put_escaped(at, mi_float_for_server(values[i]));
		} else if (plan->how[i] == JSON) {
			at = put_escaped(at, json_text(values[i]));
		} else {
			at = put_escaped(at, values[i]);
		}
	}
	*at++ = '\n';
	out->len = (size_t)(at - out->data);
	return true;
}

const char *mi_loadtext_zero_enum(const struct mi_loadtext *plan, const struct mi_span *values,
                                  size_t *next)
{
	while (*next < plan->count) {
		size_t i = (*next)++;

		if (has_zero_enum(plan, values, i))
			return carried_column(plan->table, i)->name;
	}
	return NULL;
}

int mi_loadtext_check(const struct mi_loadtext *plan, const struct mi_span *values,
                      struct mi_err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct mi_column *column;
		char what[64];

		if (plan->how[i] != JSON || !values[i].data)
			continue;
		column = carried_column(plan->table, i);
		if (!mi_json_is_valid(values[i]))
			return mi_fail(err, MI_DATA,
			               "bad stream: column %s: the types of a JSON document are "
			               "none that its text can have",
			               column->name);
		if (!mi_json_unwritable(column->json_here, values[i], what))
			continue;
		(void)mi_fail(
		    err, MI_DATA,
		    "column %s: the JSON document has %s, which the server cannot be made to "
		    "write within JSON",
		    column->name, what);
		return mi_hint(err, "at the source, --json=text carries it as a string");
	}
	return 0;
}

void mi_inserttext_head(struct mi_buf *sql, const char *db, const struct mi_table *table,
                        bool replace)
{
	mi_buf_add_str(sql, replace ? "REPLACE INTO " : "INSERT INTO ");
	mi_sql_name(sql, db, table->name);
	mi_buf_add_str(sql, " (");
	mi_sql_insert_list(sql, table);
	mi_buf_add_str(sql, ") VALUES ");
}

bool mi_inserttext_row(const struct mi_loadtext *plan, const struct mi_span *values,
                       struct mi_buf *sql)
{
	const struct mi_column *column = plan->table->columns;
	const char *comma = "";

	mi_buf_add_char(sql, '(');
	for (size_t i = 0; i < plan->count; i++, column++) {
		while (!column->carried)
			column++;
		if (plan->how[i] == LEFT_OUT)
			continue;
		if (values[i].data && mi_type_is_number(column->type) &&
		    !mi_number_is_plain(values[i]))
			return false;
		mi_buf_add_str(sql, comma);
		comma = ",";
		mi_sql_value(sql, column, values[i]);
	}
	mi_buf_add_char(sql, ')');
	return true;
}
