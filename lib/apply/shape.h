/* The tables that changes go into: what the stream says of each, what the server has, and how its
 * statements are written. */
#ifndef MI_APPLY_SHAPE_H
#define MI_APPLY_SHAPE_H

#include "base/err.h"
#include "server/conn.h"
#include "sql/apply_text.h"
#include "table/dbmap.h"
#include "table/keyplan.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_shape {
	const struct mi_table *def; /* as the stream has it */
	const char *into;           /* its database on this server */
	struct mi_table table;      /* def with types as this server has them */
	struct mi_keyplan key;
	struct mi_applytext text;
	bool upserts;   /* the row key is its only UNIQUE key: ON DUPLICATE KEY UPDATE is exact */
	bool is_parent; /* a foreign key here refers to it with an action */
	/* a foreign key with an action that is not here as in the stream; or NULL */
	char *bad_fkey;
	bool warns; /* its statements give warnings: each must be looked at by itself */
};

/* Checked tables, by their number in the stream. {.map = ...} is empty. */
struct mi_shapes {
	const struct mi_map *map;
	struct mi_shape **items; /* by table id; NULL: not met yet */
	size_t room;
};

/* Forgets all of them: the stream's tables are about to go. */
void mi_shapes_release(struct mi_shapes *shapes);

/* The shape of a table. The first time it asks the server: the table must exist with the same
 * columns and types, with the row key as a UNIQUE key, in a transactional engine, without triggers.
 * MI_DATA or MI_CONFIG, naming the table. */
MI_MUST int mi_shapes_get(struct mi_shapes *shapes, const struct mi_table *def,
                          struct mi_conn *conn, struct mi_shape **shape, struct mi_err *err);

/* A change that the source's SQL layer does not account for cascades of, and whose table others
 * refer to with an action here: it must run with checks on, in source order. */
bool mi_shape_cascades(const struct mi_shape *shape, unsigned fk_flags);

#endif
