#include "sql/value.h"
#include "base/buf.h"
#include "sql/json_value.h"
#include "sql/literal.h"
#include "table/number.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>

/* Without an exponent 1.5 would be a DECIMAL, and -0 the integer 0. */
static void floating(struct mi_buf *sql, struct mi_span value)
{
	bool has_exponent = false;

	for (size_t i = 0; i < value.len; i++)
		has_exponent |= value.data[i] == 'e' || value.data[i] == 'E';
	mi_buf_add_span(sql, value);
	if (!has_exponent)
		mi_buf_add_str(sql, "e0");
}

static void value_of(struct mi_buf *sql, const struct mi_column *column, struct mi_span value)
{
	switch (column->type) {
	case MI_TYPE_INT:
	case MI_TYPE_DECIMAL:
	case MI_TYPE_BIT:
	case MI_TYPE_YEAR:
	case MI_TYPE_ENUM:
	case MI_TYPE_SET:
		mi_buf_add_span(sql, value);
		break;
	case MI_TYPE_FLOAT:
		floating(sql, mi_float_for_server(value));
		break;
	case MI_TYPE_DOUBLE:
		floating(sql, value);
		break;
	case MI_TYPE_DATE:
	case MI_TYPE_TIME:
	case MI_TYPE_DATETIME:
	case MI_TYPE_TIMESTAMP:
	case MI_TYPE_UUID:
	case MI_TYPE_INET:
		mi_sql_string_span(sql, value);
		break;
	case MI_TYPE_JSON:
		mi_sql_json(sql, column->json_here, value);
		break;
	default: /* a binary string goes into text columns byte for byte */
		mi_sql_hex(sql, value);
	}
}

void mi_sql_value(struct mi_buf *sql, const struct mi_column *column, struct mi_span value)
{
	if (!value.data)
		mi_buf_add_str(sql, "NULL");
	else
		value_of(sql, column, value);
}

/* The column holds the float, a predicate compares doubles: 17 digits name the double that the
 * float widens to. */
static void float_predicate(struct mi_buf *sql, struct mi_span value)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%.*s", (int)value.len, value.data);
	mi_buf_addf(sql, "%.17e", (double)(float)strtod(text, NULL));
}

void mi_sql_predicate_value(struct mi_buf *sql, const struct mi_column *column,
                            struct mi_span value)
{
	if (value.data && column->type == MI_TYPE_FLOAT) {
		float_predicate(sql, value);
		return;
	}
	/* as a binary string it would be compared byte for byte; with the column's character set
	 * the column's collation decides (its coercibility is the lower) */
	if (value.data && column->charset &&
	    (column->type == MI_TYPE_CHAR || column->type == MI_TYPE_TEXT))
		mi_buf_addf(sql, "_%s ", column->charset);
	mi_sql_value(sql, column, value);
}
