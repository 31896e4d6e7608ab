/* Column types as TABLE_MAP events and binary JSON number them: enum_field_types in the MySQL
 * source documentation. */
#ifndef MI_VALUE_TYPE_H
#define MI_VALUE_TYPE_H

enum mi_column_code {
	MI_CODE_DECIMAL_OLD = 0,
	MI_CODE_TINY = 1,
	MI_CODE_SHORT = 2,
	MI_CODE_LONG = 3,
	MI_CODE_FLOAT = 4,
	MI_CODE_DOUBLE = 5,
	MI_CODE_NULL = 6,
	MI_CODE_TIMESTAMP = 7, /* without a fraction, or MariaDB's of before 10.1 */
	MI_CODE_LONGLONG = 8,
	MI_CODE_INT24 = 9,
	MI_CODE_DATE = 10,
	MI_CODE_TIME = 11,     /* without a fraction, or MariaDB's of before 10.1 */
	MI_CODE_DATETIME = 12, /* likewise */
	MI_CODE_YEAR = 13,
	MI_CODE_NEWDATE = 14,
	MI_CODE_VARCHAR = 15,
	MI_CODE_BIT = 16,
	MI_CODE_TIMESTAMP2 = 17,
	MI_CODE_DATETIME2 = 18,
	MI_CODE_TIME2 = 19,
	MI_CODE_TYPED_ARRAY = 20,
	MI_CODE_BLOB_COMPRESSED = 140,    /* MariaDB: a COMPRESSED column */
	MI_CODE_VARCHAR_COMPRESSED = 141, /* likewise */
	MI_CODE_VECTOR = 242,
	MI_CODE_JSON = 245,
	MI_CODE_NEWDECIMAL = 246,
	MI_CODE_ENUM = 247,
	MI_CODE_SET = 248,
	MI_CODE_BLOB = 252,
	MI_CODE_VAR_STRING = 253,
	MI_CODE_STRING = 254,
	MI_CODE_GEOMETRY = 255,
};

#endif
