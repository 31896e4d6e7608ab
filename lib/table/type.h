/* The types that servers name in information_schema, as the stream's types. */
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

/* Sets column's type, type_text, bytes, is_unsigned, variable, auto_increment, invisible and
 * generated. False: a type that is not in the tables of mi-stream(5); nothing is set then. */
bool mi_column_set_type(struct mi_column *column, const struct mi_column_facts *facts);

#endif
