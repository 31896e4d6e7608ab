/* The tables that changes go into: what the stream says of each, what the server has, and what is
 * needed to write its statements. */
#ifndef MI_APPLY_SHAPE_H
#define MI_APPLY_SHAPE_H

#include "apply/computed.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/apply_text.h"
#include "table/dbmap.h"
#include "table/keyplan.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_shape {
	const struct mi_table *def; /* the stream's definition; the parser's */
	const char *into;           /* the database's name on this server */
	struct mi_table table;      /* def, but JSON where the column here is JSON */
	struct mi_keyplan key;
	struct mi_applytext text;
	struct mi_computed computed;
	bool upserts;   /* no UNIQUE key but the row key: ON DUPLICATE KEY UPDATE is exact */
	bool is_parent; /* a foreign key on this server refers to it with an action */
	/* A foreign key of def with an action that this server does not have so; NULL: none. */
	char *bad_fkey;
	/* The server refuses rows of it for what it computes of them: each is written without
	 * strict mode, and every warning must be about a computed value. */
	bool lax;
	bool keyless; /* its rows cannot be told apart: it takes the rows that it is made with */
	bool warns; /* its statements give warnings, so each must be sent in a packet of its own */
};

/* Tables that have been checked, by their number in the stream. {.map = ...} is empty. */
struct mi_shapes {
	const struct mi_map *map;
	bool of_mariadb;         /* the stream's source */
	bool no_proof;           /* what is computed here is not read back */
	bool new_table;          /* the rows at hand are those that a table is made with */
	struct mi_shape **items; /* by table id; NULL: not met yet */
	size_t room;
};

/* Forgets all of them; called before the stream's tables are freed. */
void mi_shapes_release(struct mi_shapes *shapes);

/* *shape: of a table, good until mi_shapes_release. The first time the server is asked: the table
 * must exist there, its columns must take the stream's values (mi_target_compare), the row key must
 * be a UNIQUE key (with new_table it may have none), the engine must have transactions, and there
 * may be no triggers. MI_DATA or MI_CONFIG, naming the table. */
MI_MUST int mi_shapes_get(struct mi_shapes *shapes, const struct mi_table *def,
                          struct mi_conn *conn, struct mi_shape **shape, struct mi_err *err);

/* True for a change whose cascades are not in the stream (fk_flags 0), of a table to which foreign
 * keys with actions refer here: the target must cascade it, with foreign_key_checks=1 and in source
 * order. */
bool mi_shape_cascades(const struct mi_shape *shape, unsigned fk_flags);

#endif
