#include "binlog/table_map.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/metadata.h"
#include "value/type.h"

#include <stdlib.h>

enum { MOST_COLUMNS = 4096 };

/* ---- One map ---- */

static void free_map(const struct mi_table_maps *maps, struct mi_table_map *map)
{
	if (maps->free_user && map->user)
		maps->free_user(map->user);
	mi_buf_release(&map->body);
	free(map->columns);
	free(map->key);
	free(map);
}

/* The first byte of STRING's metadata is the real type. In the two bits that all real types have
 * set (0x30) it has, inverted, the two upper bits of a CHAR's length, which may be over 255. */
static void read_string(struct mi_map_column *column, struct mi_bytes *meta)
{
	unsigned real = mi_take_u8(meta);

	column->length = mi_take_u8(meta);
	if ((real & 0x30) != 0x30) {
		column->length |= ((real & 0x30) ^ 0x30) << 4;
		real |= 0x30;
	}
	column->code = real;
}

static void read_bit(struct mi_map_column *column, struct mi_bytes *meta)
{
	unsigned bits = mi_take_u8(meta), bytes = mi_take_u8(meta);

	column->length = bytes * 8 + bits;
}

/* Reads what the metadata block has for a column of this type. False: the type is not known. */
static bool read_type(struct mi_map_column *column, struct mi_bytes *meta)
{
	switch (column->code) {
	case MI_CODE_TINY:
	case MI_CODE_SHORT:
	case MI_CODE_INT24:
	case MI_CODE_LONG:
	case MI_CODE_LONGLONG:
	case MI_CODE_YEAR:
	case MI_CODE_DATE:
	case MI_CODE_NEWDATE:
	case MI_CODE_TIME:
	case MI_CODE_DATETIME:
	case MI_CODE_TIMESTAMP:
	case MI_CODE_NULL:
		return true;
	case MI_CODE_FLOAT:
	case MI_CODE_DOUBLE:
	case MI_CODE_BLOB:
	case MI_CODE_BLOB_COMPRESSED:
	case MI_CODE_JSON:
	case MI_CODE_GEOMETRY:
	case MI_CODE_VECTOR:
	case MI_CODE_TIME2:
	case MI_CODE_DATETIME2:
	case MI_CODE_TIMESTAMP2:
		column->length = mi_take_u8(meta);
		return true;
	case MI_CODE_VARCHAR:
	case MI_CODE_VARCHAR_COMPRESSED:
		column->length = mi_take_u16(meta);
		return true;
	case MI_CODE_NEWDECIMAL:
		column->length = mi_take_u8(meta);
		column->scale = mi_take_u8(meta);
		return true;
	case MI_CODE_BIT:
		read_bit(column, meta);
		return true;
	case MI_CODE_STRING:
		read_string(column, meta);
		return column->code == MI_CODE_STRING || column->code == MI_CODE_ENUM ||
		       column->code == MI_CODE_SET;
	default:
		return false;
	}
}

/* Checks the lengths that mi_value_take relies on. */
static bool is_sane(const struct mi_map_column *column)
{
	switch (column->code) {
	case MI_CODE_FLOAT:
		return column->length == 4;
	case MI_CODE_DOUBLE:
		return column->length == 8;
	case MI_CODE_BLOB:
	case MI_CODE_BLOB_COMPRESSED:
	case MI_CODE_JSON:
	case MI_CODE_GEOMETRY:
	case MI_CODE_VECTOR:
		return column->length >= 1 && column->length <= 4;
	case MI_CODE_TIME2:
	case MI_CODE_DATETIME2:
	case MI_CODE_TIMESTAMP2:
		return column->length <= 6;
	case MI_CODE_BIT:
		return column->length >= 1 && column->length <= 64;
	case MI_CODE_ENUM:
		return column->length == 1 || column->length == 2;
	case MI_CODE_SET:
		return column->length >= 1 && column->length <= 8;
	default:
		return true;
	}
}

static int read_columns(struct mi_table_map *map, const struct mi_event *event,
                        struct mi_span types, struct mi_bytes *meta, struct mi_span nulls,
                        struct mi_err *err)
{
	for (size_t i = 0; i < map->column_count; i++) {
		struct mi_map_column *column = &map->columns[i];

		column->code = (unsigned char)types.data[i];
		column->nullable = nulls.data[i / 8] >> i % 8 & 1;
		if (!read_type(column, meta))
			return mi_event_fail(event, MI_DATA, err,
			                     "column %zu of %.*s.%.*s has the unknown type %u",
			                     i + 1, (int)map->db.len, map->db.data,
			                     (int)map->name.len, map->name.data, column->code);
		if (meta->bad || !is_sane(column))
			return mi_event_fail(event, MI_PROTOCOL, err,
			                     "malformed: column %zu of type %u", i + 1,
			                     column->code);
	}
	return meta->len == 0 ? 0 : mi_event_fail(event, MI_PROTOCOL, err, "malformed metadata");
}

/* db and table, each with a length in front and a NUL behind; the count of columns; their types;
 * metadata block; a bit for each column that may be NULL; optional metadata. */
static int read_map(struct mi_table_map *map, const struct mi_event *event, struct mi_bytes *in,
                    struct mi_err *err)
{
	struct mi_span types, nulls;
	struct mi_bytes meta;
	uint64_t count;

	map->db = mi_take(in, mi_take_lenenc(in));
	(void)mi_take_u8(in);
	map->name = mi_take(in, mi_take_lenenc(in));
	(void)mi_take_u8(in);
	count = mi_take_lenenc(in);
	types = mi_take(in, count);
	meta = mi_bytes(mi_take(in, mi_take_lenenc(in)));
	nulls = mi_take(in, (count + 7) / 8);
	if (in->bad || count == 0 || count > MOST_COLUMNS)
		return mi_event_fail(event, MI_PROTOCOL, err, "malformed");
	map->column_count = (size_t)count;
	map->columns = mi_alloc((size_t)count * sizeof *map->columns);
	if (read_columns(map, event, types, &meta, nulls, err) != 0)
		return -1;
	if (!mi_map_metadata(map, event->format->mariadb, in))
		return mi_event_fail(event, MI_PROTOCOL, err, "malformed optional metadata");
	return 0;
}

bool mi_map_member(struct mi_span *rest, struct mi_span *member)
{
	struct mi_bytes in = mi_bytes(*rest);

	if (in.len == 0)
		return false;
	*member = mi_take(&in, mi_take_lenenc(&in));
	*rest = mi_bytes_rest(&in);
	return !in.bad;
}

/* ---- Maps by id ---- */

enum { KEEP_MOST = 4096 }; /* maps; with so many, those of past generations are freed */

void mi_table_maps_clear(struct mi_table_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++)
		free_map(maps, maps->items[i]);
	free(maps->items);
	maps->items = NULL;
	maps->count = 0;
}

void mi_table_maps_release(struct mi_table_maps *maps)
{
	mi_table_maps_clear(maps);
}

/* Maps are sorted by id. The index of the first map whose id is not below this one. */
static size_t place_of(const struct mi_table_maps *maps, uint64_t id)
{
	size_t low = 0, high = maps->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (maps->items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct mi_table_map *find(const struct mi_table_maps *maps, uint64_t id)
{
	size_t place = place_of(maps, id);

	return place < maps->count && maps->items[place]->id == id ? maps->items[place] : NULL;
}

static void forget_dead(struct mi_table_maps *maps)
{
	size_t kept = 0;

	for (size_t i = 0; i < maps->count; i++) {
		if (maps->items[i]->seen == maps->generation)
			maps->items[kept++] = maps->items[i];
		else
			free_map(maps, maps->items[i]);
	}
	maps->count = kept;
}

static void insert(struct mi_table_maps *maps, struct mi_table_map *map)
{
	struct mi_table_map *old = find(maps, map->id);
	size_t place;

	if (old) {
		maps->items[place_of(maps, map->id)] = map;
		free_map(maps, old);
		return;
	}
	if (maps->count >= KEEP_MOST)
		forget_dead(maps);
	place = place_of(maps, map->id);
	(void)mi_array_add(&maps->items, &maps->count, sizeof(struct mi_table_map *));
	memmove(&maps->items[place + 1], &maps->items[place],
	        (maps->count - 1 - place) * sizeof *maps->items);
	maps->items[place] = map;
}

int mi_table_maps_add(struct mi_table_maps *maps, const struct mi_event *event,
                      struct mi_table_map **map, struct mi_err *err)
{
	struct mi_bytes post, rest;
	struct mi_table_map *made, *old;
	uint64_t id;
	unsigned flags;

	if (mi_event_bytes(event, 8, &post, &rest, err) != 0)
		return -1;
	id = mi_take_le(&post, 6);
	flags = mi_take_u16(&post);
	old = find(maps, id);
	if (old && old->flags == flags &&
	    mi_span_eq(mi_buf_span(&old->body), mi_bytes_rest(&rest))) {
		old->seen = maps->generation;
		*map = old;
		return 0;
	}
	made = mi_alloc(sizeof *made);
	*made = (struct mi_table_map){.id = id, .flags = flags, .seen = maps->generation};
	mi_buf_add_span(&made->body, mi_bytes_rest(&rest));
	rest = mi_bytes(mi_buf_span(&made->body));
	if (read_map(made, event, &rest, err) != 0) {
		free_map(maps, made);
		return -1;
	}
	insert(maps, made);
	*map = made;
	return 0;
}

struct mi_table_map *mi_table_maps_find(const struct mi_table_maps *maps, uint64_t id)
{
	struct mi_table_map *map = find(maps, id);

	return map && map->seen == maps->generation ? map : NULL;
}

void mi_table_maps_end(struct mi_table_maps *maps)
{
	maps->generation++;
}
