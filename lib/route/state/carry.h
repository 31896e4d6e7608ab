/* What must be carried from one server to the other although no tracker tells it: LAST_INSERT_ID(),
 * and collation_connection after a change of character sets. When the other side first needs them,
 * back/prepare.c asks for them at the server that has them. */
#ifndef MI_ROUTE_STATE_CARRY_H
#define MI_ROUTE_STATE_CARRY_H

#include "route/auth/users.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;

struct mi_carry {
	bool has_id; /* the session at id_at has, or may have, a LAST_INSERT_ID() */
	enum mi_route_side id_at;
	/* id was asked for at the old writer, and is still to be set at the new one */
	bool sets_id;
	uint64_t id;
	bool asks_collation; /* character sets were changed at collation_at, and
	                        collation_connection was not asked for there yet */
	enum mi_route_side collation_at;
};

/* LAST_INSERT_ID() may have changed at side. told: an OK gave the new one, so an older one must not
 * be set any more. */
void mi_carry_id_made(struct mi_route_session *session, enum mi_route_side side, bool told);
/* The server that had the LAST_INSERT_ID() has gone. */
void mi_carry_id_lost(struct mi_route_session *session);
/* The old writer has answered what LAST_INSERT_ID() is; 0: there is none. */
void mi_carry_id_asked(struct mi_route_session *session, uint64_t id);
/* last_insert_id was set at side. */
void mi_carry_id_set(struct mi_route_session *session, enum mi_route_side side);

/* Is something still to be carried from side, which is the only one that has it? */
bool mi_carry_is_at(const struct mi_route_session *session, enum mi_route_side side);

/* Character sets were changed at side. */
void mi_carry_collation_changed(struct mi_route_session *session, enum mi_route_side side);
/* collation_connection is known, or the server that knew it has gone. */
void mi_carry_collation_known(struct mi_route_session *session);

/* The session was reset: nothing is to be carried. */
void mi_carry_forget(struct mi_route_session *session);

#endif
