/* A definition that fits a table map, for tests and fuzzers that have none: every column is what
 * the log says it is. */
#ifndef MI_TESTS_DEFINITION_H
#define MI_TESTS_DEFINITION_H

#include "binlog/table_map.h"
#include "value/type.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEFINITION_COLUMNS_MAX = 4096, DEFINITION_TEXT = 32 };

static struct mi_table definition;
static char (*definition_texts)[DEFINITION_TEXT];

static inline enum mi_type definition_type(const struct mi_map_column *wire)
{
	static const uint8_t types[256] = {
	    [MI_CODE_FLOAT] = MI_TYPE_FLOAT,
	    [MI_CODE_DOUBLE] = MI_TYPE_DOUBLE,
	    [MI_CODE_TIMESTAMP] = MI_TYPE_TIMESTAMP,
	    [MI_CODE_TIMESTAMP2] = MI_TYPE_TIMESTAMP,
	    [MI_CODE_DATE] = MI_TYPE_DATE,
	    [MI_CODE_NEWDATE] = MI_TYPE_DATE,
	    [MI_CODE_TIME] = MI_TYPE_TIME,
	    [MI_CODE_TIME2] = MI_TYPE_TIME,
	    [MI_CODE_DATETIME] = MI_TYPE_DATETIME,
	    [MI_CODE_DATETIME2] = MI_TYPE_DATETIME,
	    [MI_CODE_YEAR] = MI_TYPE_YEAR,
	    [MI_CODE_VARCHAR] = MI_TYPE_CHAR,
	    [MI_CODE_VAR_STRING] = MI_TYPE_CHAR,
	    [MI_CODE_BIT] = MI_TYPE_BIT,
	    [MI_CODE_JSON] = MI_TYPE_JSON,
	    [MI_CODE_NEWDECIMAL] = MI_TYPE_DECIMAL,
	    [MI_CODE_ENUM] = MI_TYPE_ENUM,
	    [MI_CODE_SET] = MI_TYPE_SET,
	    [MI_CODE_BLOB] = MI_TYPE_BLOB,
	    [MI_CODE_STRING] = MI_TYPE_BINARY,
	    [MI_CODE_GEOMETRY] = MI_TYPE_GEOMETRY,
	    [MI_CODE_VECTOR] = MI_TYPE_VECTOR,
	    [MI_CODE_BLOB_COMPRESSED] = MI_TYPE_BLOB,
	    [MI_CODE_VARCHAR_COMPRESSED] = MI_TYPE_CHAR,
	};

	return (enum mi_type)types[wire->code & 255]; /* 0 is MI_TYPE_INT */
}

static inline unsigned definition_bytes(const struct mi_map_column *wire)
{
	switch (wire->code) {
	case MI_CODE_TINY:
		return 1;
	case MI_CODE_SHORT:
		return 2;
	case MI_CODE_INT24:
		return 3;
	case MI_CODE_LONG:
		return 4;
	case MI_CODE_LONGLONG:
		return 8;
	default:
		return wire->length;
	}
}

/* Good until the next call. */
static inline const struct mi_table *definition_of(struct mi_table_map *map)
{
	static char name[] = "t";

	if (!definition_texts) {
		definition_texts = mi_alloc(DEFINITION_COLUMNS_MAX * sizeof *definition_texts);
		definition.columns = mi_alloc(DEFINITION_COLUMNS_MAX * sizeof *definition.columns);
		definition.db = definition.name = name;
	}
	definition.column_count = definition.carried_count = map->column_count;
	for (size_t i = 0; i < map->column_count; i++) {
		struct mi_map_column *wire = &map->columns[i];
		struct mi_column *column = &definition.columns[i];

		*column = (struct mi_column){.name = name,
		                             .type = definition_type(wire),
		                             .type_text = definition_texts[i],
		                             .bytes = definition_bytes(wire),
		                             .is_unsigned = wire->is_unsigned,
		                             .carried = true};
		column->nullable = wire->nullable;
		column->variable = column->type == MI_TYPE_CHAR;
		wire->name.data = NULL; /* they are not in it */
		wire->member_count = 0;
		(void)snprintf(definition_texts[i], DEFINITION_TEXT, "%s(%u,%u)",
		               wire->length == 1   ? "tiny"
		               : wire->length == 3 ? "medium"
		               : wire->length == 4 ? "long"
		                                   : "x",
		               wire->length, wire->scale);
	}
	return &definition;
}

static inline void definition_release(void)
{
	free(definition_texts);
	free(definition.columns);
}

#endif
