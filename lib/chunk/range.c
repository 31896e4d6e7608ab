#include "chunk/range.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "sql/literal.h"
#include "sql/value.h"
#include "table/table.h"

#include <ctype.h>

enum { MAX_PARTS = 64 }; /* servers allow 16 (MySQL) or 32 (MariaDB) columns in a key */

static bool is_key_number(const struct mi_column *column)
{
	return column->type == MI_TYPE_INT || column->type == MI_TYPE_DECIMAL;
}

static bool is_rangeable_column(const struct mi_column *column)
{
	if (column->generated != MI_NOT_GENERATED || column->misordered)
		return false;
	switch (column->type) {
	case MI_TYPE_INT:
	case MI_TYPE_DECIMAL:
	case MI_TYPE_DATE:
	case MI_TYPE_TIME:
	case MI_TYPE_DATETIME:
	case MI_TYPE_TIMESTAMP:
	case MI_TYPE_CHAR:
	case MI_TYPE_BINARY:
	case MI_TYPE_UUID:
	case MI_TYPE_INET:
		return true;
	default:
		return false;
	}
}

bool mi_key_is_rangeable(const struct mi_table *table)
{
	const struct mi_key *key = mi_table_row_key(table);

	if (!key || key->part_count > MAX_PARTS || key->ignored)
		return false;
	for (size_t i = 0; i < key->part_count; i++)
		if (key->parts[i].descending ||
		    !is_rangeable_column(&table->columns[key->parts[i].column]))
			return false;
	return true;
}

static void add_hex(struct mi_buf *text, struct mi_span bytes)
{
	mi_buf_add_char(text, 'x');
	mi_hex_add(text, bytes, mi_hex_lower);
}

void mi_key_text(const struct mi_table *table, const struct mi_span *values, struct mi_buf *text)
{
	const struct mi_key *key = mi_table_row_key(table);

	for (size_t i = 0; i < key->part_count; i++) {
		int index = key->parts[i].column;
		struct mi_span value = values[mi_table_place(table, index)];

		if (i > 0)
			mi_buf_add_char(text, ' ');
		if (is_key_number(&table->columns[index]))
			mi_buf_add_span(text, value);
		else
			add_hex(text, value);
	}
}

/* [-]digits[.digits] */
static bool is_plain_number(struct mi_span item)
{
	size_t i = item.len > 0 && item.data[0] == '-';
	bool digits = false, point = false;

	for (; i < item.len; i++) {
		if (isdigit((unsigned char)item.data[i]))
			digits = true;
		else if (item.data[i] == '.' && digits && !point)
			point = true;
		else
			return false;
	}
	return digits;
}

/* Takes lower-case digits only, so that a key has one text. */
static bool decode_hex(struct mi_span item, struct mi_buf *bytes)
{
	size_t len = item.len / 2;

	if (item.len % 2 != 1 || item.data[0] != 'x')
		return false;
	for (size_t i = 1; i < item.len; i++)
		if (isupper((unsigned char)item.data[i]))
			return false;
	mi_buf_reserve(bytes, len);
	bytes->len = len;
	return mi_hex_read(mi_span(item.data + 1, item.len - 1), bytes->data, len);
}

/* Appends one item of a key's text as a literal. False: the item does not fit the column. */
static bool item_literal(const struct mi_column *column, struct mi_span item, struct mi_buf *sql)
{
	struct mi_buf bytes = {0};
	bool ok;

	if (is_key_number(column)) {
		if (!is_plain_number(item))
			return false;
		mi_buf_add_span(sql, item);
		return true;
	}
	mi_buf_reserve(&bytes, 1); /* an address even for no bytes: NULL would be SQL's NULL */
	ok = decode_hex(item, &bytes);
	if (ok)
		mi_sql_predicate_value(sql, column, mi_buf_span(&bytes));
	mi_buf_release(&bytes);
	return ok;
}

/* Splits key text into one literal per key column. The caller releases all part_count of them. */
static int key_literals(const struct mi_table *table, const char *text, struct mi_buf *literals,
                        struct mi_err *err)
{
	const struct mi_key *key = mi_table_row_key(table);
	const char *at = text;

	for (size_t i = 0; i < key->part_count; i++) {
		size_t len = strcspn(at, " ");

		if (!item_literal(&table->columns[key->parts[i].column], mi_span(at, len),
		                  &literals[i]))
			break;
		at += len;
		if (i + 1 == key->part_count && *at == '\0')
			return 0;
		if (*at++ != ' ')
			break;
	}
	return mi_fail(err, MI_DATA, "'%.200s' is not a key of %s.%s", text, table->db,
	               table->name);
}

/* k1 >= a AND (k1 > a OR k1 = a AND (k2 > b OR ...)): the first half is implied by the second, and
 * helps the server to find the range. op is ">" or "<", last the operator of the last column. */
static void add_bound(const struct mi_table *table, const struct mi_buf *literals, const char *op,
                      const char *last, struct mi_buf *sql)
{
	const struct mi_key *key = mi_table_row_key(table);
	size_t depth = 0;

	for (size_t i = 0; i < key->part_count; i++) {
		const char *name = table->columns[key->parts[i].column].name;
		struct mi_span literal = mi_buf_span(&literals[i]);
		bool is_last = i + 1 == key->part_count;

		if (i == 0 && !is_last) {
			mi_sql_ident(sql, name);
			mi_buf_addf(sql, "%s=", op);
			mi_buf_add_span(sql, literal);
			mi_buf_add_str(sql, " AND ");
		}
		mi_buf_add_char(sql, '(');
		depth++;
		mi_sql_ident(sql, name);
		mi_buf_add_str(sql, is_last ? last : op);
		mi_buf_add_span(sql, literal);
		if (is_last)
			break;
		mi_buf_add_str(sql, " OR ");
		mi_sql_ident(sql, name);
		mi_buf_add_char(sql, '=');
		mi_buf_add_span(sql, literal);
		mi_buf_add_str(sql, " AND ");
	}
	while (depth-- > 0)
		mi_buf_add_char(sql, ')');
}

static int add_side(const struct mi_table *table, const char *text, const char *op,
                    const char *last, struct mi_buf *sql, struct mi_err *err)
{
	struct mi_buf literals[MAX_PARTS] = {{0}};
	int ret = key_literals(table, text, literals, err);

	if (ret == 0)
		add_bound(table, literals, op, last, sql);
	for (size_t i = 0; i < MAX_PARTS; i++)
		mi_buf_release(&literals[i]);
	return ret;
}

int mi_key_predicate(const struct mi_table *table, const char *lo, const char *hi,
                     struct mi_buf *sql, struct mi_err *err)
{
	if (!*lo && !*hi) {
		mi_buf_add_char(sql, '1');
		return 0;
	}
	if (!mi_key_is_rangeable(table))
		return mi_fail(err, MI_DATA, "%s.%s has no key that bounds ranges", table->db,
		               table->name);
	if (*lo && add_side(table, lo, ">", ">", sql, err) != 0)
		return -1;
	if (*lo && *hi)
		mi_buf_add_str(sql, " AND ");
	if (*hi && add_side(table, hi, "<", "<=", sql, err) != 0)
		return -1;
	return 0;
}

/* A literal alone would sort as text; it is cast where its column's type sorts otherwise. DATE,
 * DATETIME and TIMESTAMP print in a fixed width, and sort as their text does. */
static void add_typed(const struct mi_column *column, struct mi_span literal, struct mi_buf *sql)
{
	switch (column->type) {
	case MI_TYPE_TIME:
		mi_buf_add_str(sql, "CAST(");
		mi_buf_add_span(sql, literal);
		mi_buf_add_str(sql, " AS TIME(6))");
		break;
	case MI_TYPE_UUID: /* MariaDB sorts UUIDs by their last bytes first */
	case MI_TYPE_INET:
		mi_buf_add_str(sql, "CAST(");
		mi_buf_add_span(sql, literal);
		mi_buf_addf(sql, " AS %s)", column->type_text);
		break;
	case MI_TYPE_CHAR:
		mi_buf_add_span(sql, literal);
		mi_buf_addf(sql, " COLLATE %s", column->collation);
		break;
	default:
		mi_buf_add_span(sql, literal);
	}
}

int mi_key_values(const struct mi_table *table, const char *text, struct mi_buf *sql,
                  struct mi_err *err)
{
	const struct mi_key *key = mi_table_row_key(table);
	struct mi_buf literals[MAX_PARTS] = {{0}};
	int ret = key_literals(table, text, literals, err);

	for (size_t i = 0; i < key->part_count; i++) {
		if (ret == 0 && i > 0)
			mi_buf_add_char(sql, ',');
		if (ret == 0)
			add_typed(&table->columns[key->parts[i].column], mi_buf_span(&literals[i]),
			          sql);
		mi_buf_release(&literals[i]);
	}
	return ret;
}

void mi_key_columns(const struct mi_table *table, struct mi_buf *sql)
{
	const struct mi_key *key = mi_table_row_key(table);

	for (size_t i = 0; i < key->part_count; i++) {
		if (i > 0)
			mi_buf_add_char(sql, ',');
		mi_sql_ident(sql, table->columns[key->parts[i].column].name);
	}
}
