/* TABLE_MAP events: the columns of the rows events after them. "Table_map_event" in the MySQL
 * source documentation; MariaDB's differ in a few types only. */
#ifndef MI_BINLOG_TABLE_MAP_H
#define MI_BINLOG_TABLE_MAP_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_map_column {
	unsigned code;   /* enum mi_column_code; ENUM and SET as themselves, not as STRING */
	unsigned length; /* STRING, VARCHAR: most bytes; BLOB, JSON, GEOMETRY, VECTOR: bytes of the
	                    length in front; ENUM, SET: bytes; BIT: bits; NEWDECIMAL: precision;
	                    TIME2, DATETIME2, TIMESTAMP2: digits of the fraction; else 0 */
	unsigned scale;  /* NEWDECIMAL */
	bool nullable;
	/* from the optional metadata; MySQL from 8.0 and MariaDB from 10.5 on always log these */
	bool has_sign, is_unsigned; /* numeric columns */
	unsigned collation;         /* its id; character, ENUM and SET columns; 0: not said */
	/* from the optional metadata, with binlog_row_metadata=FULL only */
	struct mi_span name;    /* {NULL, 0}: not said */
	size_t member_count;    /* ENUM and SET; 0: not said */
	struct mi_span members; /* each a length-encoded string, in the column's character set */
	unsigned geometry;      /* GEOMETRY: kind; 0 any */
	bool invisible;
};

struct mi_table_map {
	uint64_t id; /* by which rows events name the table */
	unsigned flags;
	struct mi_span db, name;
	struct mi_map_column *columns;
	size_t column_count;
	/* with binlog_row_metadata=FULL the indexes of the primary key's columns, those with a
	 * prefix too; else NULL */
	size_t *key;
	size_t key_count;
	/* for table_map.c alone */
	struct mi_buf body; /* the event's body, which the spans point into */
	uint64_t seen;      /* the generation in which an event named the map last */
	/* for the owner of the maps */
	void *user;
};

/* The maps of a log. A map outlives its transaction, so that the next event with the same bytes
 * (there is one before each statement) costs no parsing. */
struct mi_table_maps {
	struct mi_table_map **items; /* sorted by id */
	size_t count;
	uint64_t generation; /* grows when ids lose their meaning */
	/* called with user of each map that is freed, unless user is NULL; may be NULL */
	void (*free_user)(void *user);
};

void mi_table_maps_release(struct mi_table_maps *maps);

/* Takes in a TABLE_MAP event. *map is the map that was there, with its user, if id and bytes are
 * those of the event; else a new one, with user NULL. It is good until the next call of this
 * function or mi_table_maps_clear. MI_PROTOCOL: malformed; MI_DATA: an unknown column type. */
MI_MUST int mi_table_maps_add(struct mi_table_maps *maps, const struct mi_event *event,
                              struct mi_table_map **map, struct mi_err *err);

/* The map that a rows event names; NULL: no event since mi_table_maps_end has named this id. */
struct mi_table_map *mi_table_maps_find(const struct mi_table_maps *maps, uint64_t id);

/* Ends the meaning of all ids: after a rows event with STMT_END, a transaction's end, a ROTATE. */
void mi_table_maps_end(struct mi_table_maps *maps);

/* Frees all maps and their users, because definitions have changed. */
void mi_table_maps_clear(struct mi_table_maps *maps);

/* Takes the next member off *rest, which begins as column->members. False: there are no more. */
bool mi_map_member(struct mi_span *rest, struct mi_span *member);

#endif
