#include "table/type.h"
#include "base/buf.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

struct type_row {
	const char *name;
	enum mi_type type;
	unsigned bytes; /* INT only */
	bool variable;
};

/* MySQL 9.7 and MariaDB 12 manuals, chapter "Data Types"; the names as DATA_TYPE prints them. */
static const struct type_row type_rows[] = {
    {"tinyint", MI_TYPE_INT, 1, false},
    {"smallint", MI_TYPE_INT, 2, false},
    {"mediumint", MI_TYPE_INT, 3, false},
    {"int", MI_TYPE_INT, 4, false},
    {"bigint", MI_TYPE_INT, 8, false},
    {"decimal", MI_TYPE_DECIMAL, 0, false},
    {"float", MI_TYPE_FLOAT, 0, false},
    {"double", MI_TYPE_DOUBLE, 0, false},
    {"bit", MI_TYPE_BIT, 0, false},
    {"year", MI_TYPE_YEAR, 0, false},
    {"date", MI_TYPE_DATE, 0, false},
    {"time", MI_TYPE_TIME, 0, false},
    {"datetime", MI_TYPE_DATETIME, 0, false},
    {"timestamp", MI_TYPE_TIMESTAMP, 0, false},
    {"char", MI_TYPE_CHAR, 0, false},
    {"varchar", MI_TYPE_CHAR, 0, true},
    {"tinytext", MI_TYPE_TEXT, 0, false},
    {"text", MI_TYPE_TEXT, 0, false},
    {"mediumtext", MI_TYPE_TEXT, 0, false},
    {"longtext", MI_TYPE_TEXT, 0, false},
    {"binary", MI_TYPE_BINARY, 0, false},
    {"varbinary", MI_TYPE_BINARY, 0, true},
    {"tinyblob", MI_TYPE_BLOB, 0, false},
    {"blob", MI_TYPE_BLOB, 0, false},
    {"mediumblob", MI_TYPE_BLOB, 0, false},
    {"longblob", MI_TYPE_BLOB, 0, false},
    {"enum", MI_TYPE_ENUM, 0, false},
    {"set", MI_TYPE_SET, 0, false},
    {"json", MI_TYPE_JSON, 0, false},
    {"geometry", MI_TYPE_GEOMETRY, 0, false},
    {"point", MI_TYPE_GEOMETRY, 0, false},
    {"linestring", MI_TYPE_GEOMETRY, 0, false},
    {"polygon", MI_TYPE_GEOMETRY, 0, false},
    {"multipoint", MI_TYPE_GEOMETRY, 0, false},
    {"multilinestring", MI_TYPE_GEOMETRY, 0, false},
    {"multipolygon", MI_TYPE_GEOMETRY, 0, false},
    {"geometrycollection", MI_TYPE_GEOMETRY, 0, false},
    {"geomcollection", MI_TYPE_GEOMETRY, 0, false},
    {"uuid", MI_TYPE_UUID, 0, false},
    {"inet4", MI_TYPE_INET, 0, false},
    {"inet6", MI_TYPE_INET, 0, false},
    {"vector", MI_TYPE_VECTOR, 0, false},
};

static const struct type_row *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof type_rows / sizeof *type_rows; i++)
		if (strcasecmp(name, type_rows[i].name) == 0)
			return &type_rows[i];
	return NULL;
}

static unsigned number_or_zero(const char *text)
{
	unsigned long number = text ? strtoul(text, NULL, 10) : 0;

	/* cut rather than wrapped: no CHAR, BINARY or BIT is so wide */
	return number > UINT32_MAX ? UINT32_MAX : (unsigned)number;
}

static unsigned width_of(const struct type_row *row, const struct mi_column_facts *facts)
{
	switch (row->type) {
	case MI_TYPE_INT:
		return row->bytes;
	case MI_TYPE_BIT:
		return number_or_zero(facts->precision);
	case MI_TYPE_CHAR:
	case MI_TYPE_BINARY:
		return number_or_zero(facts->octet_length);
	default:
		return 0;
	}
}

static enum mi_generated generated_by(const char *extra)
{
	/* "GENERATED" alone is also in "DEFAULT_GENERATED", MySQL's word for a column whose default
	 * is an expression */
	if (strstr(extra, "VIRTUAL GENERATED"))
		return MI_VIRTUAL;
	if (strstr(extra, "STORED GENERATED") || strstr(extra, "PERSISTENT"))
		return MI_STORED;
	return MI_NOT_GENERATED;
}

bool mi_column_set_type(struct mi_column *column, const struct mi_column_facts *facts)
{
	const struct type_row *row = facts->data_type ? find_type(facts->data_type) : NULL;
	const char *extra = facts->extra ? facts->extra : "";

	if (!row || !facts->column_type)
		return false;
	column->type = row->type;
	column->type_text = mi_strdup(facts->column_type);
	column->bytes = width_of(row, facts);
	column->variable = row->variable;
	/* not for ENUM and SET, whose members may hold these words. ZEROFILL implies UNSIGNED */
	column->is_unsigned =
	    mi_type_is_number(row->type) && row->type != MI_TYPE_ENUM && row->type != MI_TYPE_SET &&
	    (strstr(facts->column_type, " unsigned") || strstr(facts->column_type, " zerofill"));
	column->auto_increment = strstr(extra, "auto_increment") != NULL;
	column->invisible = strstr(extra, "INVISIBLE") != NULL;
	column->generated = generated_by(extra);
	return true;
}
