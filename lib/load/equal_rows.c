#include "load/equal_rows.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "sql/value.h"
#include "table/table.h"

#include <stdlib.h>

enum { SHOWN_BYTES = 64 }; /* of a value that a message shows */

/* ---- Statements about one key ---- */

static const struct mi_column *column_of(const struct mi_unique *u, size_t part)
{
	return &u->table->columns[u->key->parts[part].column];
}

/* The part's values, exactly: numbers, and bytes. */
static void add_part(const struct mi_unique *u, size_t part, struct mi_buf *sql)
{
	const struct mi_column *column = column_of(u, part);
	bool numbered = column->type == MI_TYPE_BIT || column->type == MI_TYPE_ENUM ||
	                column->type == MI_TYPE_SET;
	bool floats = column->type == MI_TYPE_FLOAT || column->type == MI_TYPE_DOUBLE;

	mi_buf_add_str(sql, numbered ? "CAST(" : "");
	mi_sql_ident(sql, column->name);
	mi_buf_add_str(sql, numbered ? " AS UNSIGNED)" : floats ? "*1e0" : "");
}

void mi_unique_select(const struct mi_unique *u, struct mi_buf *sql)
{
	for (size_t i = 0; i < u->key->part_count; i++) {
		mi_buf_add_str(sql, i ? "," : "");
		add_part(u, i, sql);
	}
}

/* "LEFT(c,10)" where the key has the column's beginning only, else "c". */
void mi_unique_compared(const struct mi_unique *u, size_t part, struct mi_buf *sql)
{
	unsigned prefix = u->key->parts[part].prefix;

	mi_buf_add_str(sql, prefix ? "LEFT(" : "");
	mi_sql_ident(sql, column_of(u, part)->name);
	if (prefix)
		mi_buf_addf(sql, ",%u)", prefix);
}

/* A condition for rows that are equal to one with these values of the key's parts. */
void mi_unique_equal(const struct mi_unique *u, const struct mi_span *values, struct mi_buf *sql)
{
	for (size_t i = 0; i < u->key->part_count; i++) {
		unsigned prefix = u->key->parts[i].prefix;

		mi_buf_add_str(sql, i ? " AND " : "");
		mi_unique_compared(u, i, sql);
		mi_buf_add_str(sql, prefix ? "=LEFT(" : "=");
		mi_sql_predicate_value(sql, column_of(u, i), values[i]);
		if (prefix)
			mi_buf_addf(sql, ",%u)", prefix);
	}
}

static void add_from(const struct mi_unique *u, struct mi_buf *sql)
{
	mi_buf_add_str(sql, " FROM ");
	mi_sql_name(sql, u->into, u->table->name);
}

/* Appends a value as SQL would have it; bytes that do not show are given in hexadecimal, too. */
static void add_shown(const struct mi_column *column, struct mi_span value, struct mi_buf *out)
{
	bool cut = value.len > SHOWN_BYTES, plain = true;

	if (!value.data) {
		mi_buf_add_str(out, "NULL");
		return;
	}
	value.len = cut ? SHOWN_BYTES : value.len;
	for (size_t i = 0; i < value.len; i++)
		plain = plain && value.data[i] > ' ' && value.data[i] < 0x7f;
	if (mi_type_is_number(column->type))
		mi_buf_add_span(out, value);
	else if (column->charset)
		mi_sql_string_span(out, value);
	if (!mi_type_is_number(column->type) && !(plain && column->charset)) {
		mi_buf_add_str(out, column->charset ? " " : "");
		mi_sql_hex(out, value);
	}
	mi_buf_add_str(out, cut ? "..." : "");
}

void mi_unique_show(const struct mi_unique *u, const struct mi_span *values, struct mi_buf *out)
{
	mi_buf_add_char(out, '(');
	for (size_t i = 0; i < u->key->part_count; i++) {
		mi_buf_add_str(out, i ? ", " : "");
		add_shown(column_of(u, i), values[i], out);
	}
	mi_buf_add_char(out, ')');
}

/* Appends ", collation x" with the collations that the key's columns have here. */
static void add_collations(const struct mi_unique *u, struct mi_conn *conn, struct mi_buf *out)
{
	struct mi_buf sql = {0}, found = {0};
	struct mi_err ignored = {0};
	bool none = true;

	mi_buf_add_str(&sql, "SELECT GROUP_CONCAT(DISTINCT COLLATION_NAME SEPARATOR ', ') FROM "
	                     "information_schema.COLUMNS WHERE TABLE_SCHEMA=");
	mi_sql_string(&sql, u->into);
	mi_buf_add_str(&sql, " AND TABLE_NAME=");
	mi_sql_string(&sql, u->table->name);
	for (size_t i = 0; i < u->key->part_count; i++) {
		mi_buf_add_str(&sql, i ? "," : " AND COLUMN_NAME IN (");
		mi_sql_string(&sql, column_of(u, i)->name);
	}
	mi_buf_add_char(&sql, ')');
	if (mi_conn_value(conn, &ignored, mi_buf_cstr(&sql), &found, &none) == 0 && !none)
		mi_buf_addf(out, ", collation %s", mi_buf_cstr(&found));
	mi_buf_release(&sql);
	mi_buf_release(&found);
}

static void copy_values(struct mi_key_values *copies, const struct mi_span *values, size_t count)
{
	copies->bufs = mi_alloc(count * sizeof *copies->bufs);
	copies->values = mi_alloc(count * sizeof *copies->values);
	for (size_t i = 0; i < count; i++) {
		if (!values[i].data)
			continue;
		mi_buf_reserve(&copies->bufs[i], values[i].len + 1);
		mi_buf_add_span(&copies->bufs[i], values[i]);
		copies->values[i] = mi_buf_span(&copies->bufs[i]);
	}
}

void mi_key_values_release(struct mi_key_values *copies, size_t count)
{
	for (size_t i = 0; copies->bufs && i < count; i++)
		mi_buf_release(&copies->bufs[i]);
	free(copies->bufs);
	free(copies->values);
	*copies = (struct mi_key_values){0};
}

bool mi_unique_same_bytes(const struct mi_span *a, const struct mi_span *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!mi_span_eq(a[i], b[i]))
			return false;
	return true;
}

/* Runs a SELECT of the key's parts and copies row number `which` (from 0). False: there is none. */
bool mi_unique_fetch(const struct mi_unique *u, struct mi_conn *conn, const char *sql, size_t which,
                     struct mi_key_values *copies)
{
	size_t count = u->key->part_count;
	struct mi_err ignored = {0};
	struct mi_span *values;
	const unsigned long *lengths;
	MYSQL_RES *result;
	MYSQL_ROW row = NULL;

	if (mi_conn_query(conn, &ignored, sql, &result) != 0)
		return false;
	for (size_t i = 0; i <= which; i++)
		row = mysql_fetch_row(result);
	if (row) {
		lengths = mysql_fetch_lengths(result);
		values = mi_alloc(count * sizeof *values);
		for (size_t i = 0; i < count; i++)
			values[i] = mi_span(row[i], lengths[i]);
		copy_values(copies, values, count);
		free(values);
	}
	mysql_free_result(result);
	return row != NULL;
}

/* The row whose key is equal to these values. */
bool mi_unique_find(const struct mi_unique *u, struct mi_conn *conn, const struct mi_span *values,
                    struct mi_key_values *copies)
{
	struct mi_buf sql = {0};
	bool found;

	mi_buf_add_str(&sql, "SELECT ");
	mi_unique_select(u, &sql);
	add_from(u, &sql);
	mi_buf_add_str(&sql, " WHERE ");
	mi_unique_equal(u, values, &sql);
	mi_buf_add_str(&sql, " LIMIT 1");
	found = mi_unique_fetch(u, conn, mi_buf_cstr(&sql), 0, copies);
	mi_buf_release(&sql);
	return found;
}

/* ---- What to say ---- */

int mi_unique_say_equal(const struct mi_unique *u, struct mi_conn *conn, const struct mi_span *one,
                        const struct mi_span *other, const char *what, struct mi_err *err)
{
	struct mi_buf a = {0}, b = {0}, where = {0};

	mi_unique_show(u, one, &a);
	mi_unique_show(u, other, &b);
	add_collations(u, conn, &where);
	(void)mi_fail(err, MI_DATA, "%s: key %s%s: %s and %s", what, u->key->name,
	              mi_buf_cstr(&where), mi_buf_cstr(&a), mi_buf_cstr(&b));
	mi_buf_release(&a);
	mi_buf_release(&b);
	mi_buf_release(&where);
	return mi_hint(err,
	               "give the key's columns here a collation in which the rows differ, such "
	               "as the source's, or change one of the rows there");
}
