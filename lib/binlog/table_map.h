/* TABLE_MAP events: what the rows events after them are made of. "Table_map_event" in the MySQL
 * source documentation; MariaDB's are the same but for a few types. */
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
	/* From the optional metadata: always in MySQL 8.0, MariaDB 10.5 and newer */
	bool has_sign, is_unsigned; /* numeric columns */
	unsigned collation;         /* its id; character, ENUM and SET columns; 0: not said */
	/* With binlog_row_metadata=FULL only */
	struct mi_span name;    /* {NULL, 0}: not said */
	size_t member_count;    /* ENUM and SET; 0: not said */
	struct mi_span members; /* each a length-encoded string, in the column's character set */
	unsigned geometry;      /* GEOMETRY: kind; 0 any */
	bool invisible;
};

struct mi_table_map {
	uint64_t id; /* what rows events call it */
	unsigned flags;
	struct mi_span db, name;
	struct mi_map_column *columns;
	size_t column_count;
	size_t *key; /* FULL: columns of the primary key, prefix parts too; else NULL */
	size_t key_count;
	/* inside */
	struct mi_buf body; /* which the spans point into */
	uint64_t seen;      /* the generation of maps that named it last */
	void *user;         /* what the maps' owner keeps with it */
};

/* The maps of a stream. A map stays when its transaction ends, to be had back without work when
 * the same one comes again, as it does before each statement. */
struct mi_table_maps {
	struct mi_table_map **items; /* sorted by id */
	size_t count;
	uint64_t generation;           /* grows when ids lose their meaning */
	void (*free_user)(void *user); /* called with user of each map that goes; may be NULL */
};

void mi_table_maps_release(struct mi_table_maps *maps);

/* Takes a TABLE_MAP event up. *map is the one with its id: the one that was there, with its user,
 * when it is the same to the byte; else new, with user NULL. Malformed is MI_PROTOCOL, an unknown
 * column type MI_DATA. Good until the next call. */
MI_MUST int mi_table_maps_add(struct mi_table_maps *maps, const struct mi_event *event,
                              struct mi_table_map **map, struct mi_err *err);

/* The live map that a rows event names; NULL: none. */
struct mi_table_map *mi_table_maps_find(const struct mi_table_maps *maps, uint64_t id);

/* Ids have no meaning beyond: a rows event with STMT_END, a transaction's end, a ROTATE. */
void mi_table_maps_end(struct mi_table_maps *maps);

/* Forgets all maps with their users: definitions have changed. */
void mi_table_maps_clear(struct mi_table_maps *maps);

/* The next of a column's members; false at their end. rest starts as column->members. */
bool mi_map_member(struct mi_span *rest, struct mi_span *member);

#endif
