#include "binlog/metadata.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "binlog/table_map.h"
#include "value/type.h"

/* Types of fields, by the names of "Table_map_event" in the MySQL source documentation. */
enum {
	SIGNEDNESS = 1,
	DEFAULT_CHARSET,
	COLUMN_CHARSET,
	COLUMN_NAME,
	SET_STR_VALUE,
	ENUM_STR_VALUE,
	GEOMETRY_TYPE,
	SIMPLE_PRIMARY_KEY,
	PRIMARY_KEY_WITH_PREFIX,
	ENUM_AND_SET_DEFAULT_CHARSET,
	ENUM_AND_SET_COLUMN_CHARSET,
	COLUMN_VISIBILITY,
};

typedef bool class_fn(unsigned code);

/* YEAR counts, and is unsigned; BIT does not: seen on MySQL 9.7 and MariaDB 10.11. */
static bool is_numeric(unsigned code)
{
	switch (code) {
	case MI_CODE_TINY:
	case MI_CODE_SHORT:
	case MI_CODE_INT24:
	case MI_CODE_LONG:
	case MI_CODE_LONGLONG:
	case MI_CODE_NEWDECIMAL:
	case MI_CODE_FLOAT:
	case MI_CODE_DOUBLE:
	case MI_CODE_YEAR:
		return true;
	default:
		return false;
	}
}

/* BINARY, VARBINARY and BLOB too. */
static bool is_character(unsigned code)
{
	return code == MI_CODE_STRING || code == MI_CODE_VARCHAR || code == MI_CODE_BLOB ||
	       code == MI_CODE_VECTOR || code == MI_CODE_BLOB_COMPRESSED ||
	       code == MI_CODE_VARCHAR_COMPRESSED;
}

/* MariaDB gives its geometries the collation "binary"; MySQL gives it to its vectors alone. */
static bool is_character_mariadb(unsigned code)
{
	return is_character(code) || code == MI_CODE_GEOMETRY;
}

static bool is_member(unsigned code)
{
	return code == MI_CODE_ENUM || code == MI_CODE_SET;
}

static bool is_enum(unsigned code)
{
	return code == MI_CODE_ENUM;
}

static bool is_set(unsigned code)
{
	return code == MI_CODE_SET;
}

static bool is_geometry(unsigned code)
{
	return code == MI_CODE_GEOMETRY;
}

/* The next column of the class of, from *index on; NULL: there are no more. */
static struct mi_map_column *next_of(struct mi_table_map *map, class_fn *of, size_t *index)
{
	while (*index < map->column_count) {
		struct mi_map_column *column = &map->columns[(*index)++];

		if (of(column->code))
			return column;
	}
	return NULL;
}

/* The next of a row of bits, the highest of a byte first. *bit begins as 0. */
static bool next_bit(struct mi_bytes *in, unsigned *bit, unsigned char *byte)
{
	if (*bit == 0) {
		*byte = mi_take_u8(in);
		*bit = 0x80;
	}
	bool set = *byte & *bit;

	*bit >>= 1;
	return set;
}

static void read_signs(struct mi_table_map *map, struct mi_bytes *in)
{
	struct mi_map_column *column;
	unsigned char byte = 0;
	unsigned bit = 0;

	for (size_t i = 0; (column = next_of(map, is_numeric, &i));) {
		column->is_unsigned = next_bit(in, &bit, &byte);
		column->has_sign = true;
	}
}

static void read_visibility(struct mi_table_map *map, struct mi_bytes *in)
{
	unsigned char byte = 0;
	unsigned bit = 0;

	for (size_t i = 0; i < map->column_count; i++)
		map->columns[i].invisible = !next_bit(in, &bit, &byte);
}

/* The default collation, then (index within the class, collation) for those that differ. */
static void read_default_charset(struct mi_table_map *map, class_fn *of, struct mi_bytes *in)
{
	uint64_t all = mi_take_lenenc(in), nth = 0;
	bool more = in->len > 0;
	uint64_t index = more ? mi_take_lenenc(in) : 0;
	uint64_t collation = more ? mi_take_lenenc(in) : 0;
	struct mi_map_column *column;

	for (size_t i = 0; (column = next_of(map, of, &i)); nth++) {
		column->collation = (unsigned)all;
		if (!more || index != nth)
			continue;
		column->collation = (unsigned)collation;
		more = in->len > 0;
		index = more ? mi_take_lenenc(in) : 0;
		collation = more ? mi_take_lenenc(in) : 0;
	}
}

static void read_charsets(struct mi_table_map *map, class_fn *of, struct mi_bytes *in)
{
	struct mi_map_column *column;

	for (size_t i = 0; (column = next_of(map, of, &i));)
		column->collation = (unsigned)mi_take_lenenc(in);
}

static void read_names(struct mi_table_map *map, struct mi_bytes *in)
{
	for (size_t i = 0; i < map->column_count; i++)
		map->columns[i].name = mi_take(in, mi_take_lenenc(in));
}

/* For each column of the class of: a count, and so many strings. */
static void read_members(struct mi_table_map *map, class_fn *of, struct mi_bytes *in)
{
	struct mi_map_column *column;

	for (size_t i = 0; (column = next_of(map, of, &i));) {
		uint64_t count = mi_take_lenenc(in);
		const unsigned char *begin = in->at;

		column->member_count = (size_t)count;
		for (; count > 0 && !in->bad; count--)
			(void)mi_take(in, mi_take_lenenc(in));
		column->members = mi_span(begin, (size_t)(in->at - begin));
	}
}

static void read_geometry(struct mi_table_map *map, struct mi_bytes *in)
{
	struct mi_map_column *column;

	for (size_t i = 0; (column = next_of(map, is_geometry, &i));)
		column->geometry = (unsigned)mi_take_lenenc(in);
}

static void read_key(struct mi_table_map *map, bool prefixes, struct mi_bytes *in)
{
	while (in->len > 0 && !in->bad) {
		uint64_t column = mi_take_lenenc(in);

		if (prefixes)
			(void)mi_take_lenenc(in);
		if (column >= map->column_count || map->key_count >= map->column_count)
			in->bad = true;
		else
			*(size_t *)mi_array_add(&map->key, &map->key_count, sizeof *map->key) =
			    (size_t)column;
	}
}

static void read_field(struct mi_table_map *map, unsigned type, bool mariadb, struct mi_bytes *in)
{
	class_fn *has_charset = mariadb ? is_character_mariadb : is_character;

	switch (type) {
	case SIGNEDNESS:
		read_signs(map, in);
		break;
	case DEFAULT_CHARSET:
		read_default_charset(map, has_charset, in);
		break;
	case COLUMN_CHARSET:
		read_charsets(map, has_charset, in);
		break;
	case COLUMN_NAME:
		read_names(map, in);
		break;
	case SET_STR_VALUE:
		read_members(map, is_set, in);
		break;
	case ENUM_STR_VALUE:
		read_members(map, is_enum, in);
		break;
	case GEOMETRY_TYPE:
		read_geometry(map, in);
		break;
	case SIMPLE_PRIMARY_KEY:
	case PRIMARY_KEY_WITH_PREFIX:
		read_key(map, type == PRIMARY_KEY_WITH_PREFIX, in);
		break;
	case ENUM_AND_SET_DEFAULT_CHARSET:
		read_default_charset(map, is_member, in);
		break;
	case ENUM_AND_SET_COLUMN_CHARSET:
		read_charsets(map, is_member, in);
		break;
	case COLUMN_VISIBILITY:
		read_visibility(map, in);
		break;
	default:
		break;
	}
}

bool mi_map_metadata(struct mi_table_map *map, bool mariadb, struct mi_bytes *in)
{
	while (in->len > 0) {
		unsigned type = mi_take_u8(in);
		uint64_t len = mi_take_lenenc(in);
		struct mi_bytes value = mi_bytes(mi_take(in, len));

		if (in->bad)
			return false;
		read_field(map, type, mariadb, &value);
		if (value.bad)
			return false;
	}
	return true;
}
