/* The types that servers name in information_schema, as the stream's types.
 *
 * The text of a value has two producers, which must agree to the byte: sql/row_text.c,
 * for the rows that are read from tables, and mi_value_take of binlog/value.c, for changes. It has
 * two consumers: sql/load_text.c, which writes the rows that are loaded, and sql/apply_text.c,
 * which writes the changes that are applied. tests/80-decode.bats proves that the producers agree:
 * what the logged changes of real servers leave behind must be what mi-dump reads from the tables.
 * Whoever adds a type visits all four. */
#ifndef MI_TABLE_TYPE_H
#define MI_TABLE_TYPE_H

#include "table/table.h"

#include <stdbool.h>

/* What information_schema.COLUMNS says about one column; NULL where it says NULL. */
struct mi_column_facts {
	const char *data_type;    /* DATA_TYPE: "int", "varchar", ... */
	const char *column_type;  /* COLUMN_TYPE: "int(10) unsigned", "enum('a','b')", ... */
	const char *octet_length; /* CHARACTER_OCTET_LENGTH */
	const char *precision;    /* NUMERIC_PRECISION */
	const char *extra;        /* EXTRA: "auto_increment", "STORED GENERATED INVISIBLE", ... */
};

/* Sets column's type, type_text (a copy, which belongs to column), bytes, is_unsigned, variable,
 * auto_increment, invisible and generated. False: a type that is not in the tables of mi-stream(5);
 * nothing is set then. */
bool mi_column_set_type(struct mi_column *column, const struct mi_column_facts *facts);

#endif
