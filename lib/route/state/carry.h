/* What follows the writer from one server to the other although no tracker tells it:
 * LAST_INSERT_ID(), and collation_connection where character sets were changed. It is asked for
 * where it was made when the other side first needs it (prepare.c). */
#ifndef MI_ROUTE_STATE_CARRY_H
#define MI_ROUTE_STATE_CARRY_H

#include "route/auth/users.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;

struct mi_carry {
	bool has_id; /* there is an insert id, made at id_at: an OK told one, or may have kept it */
	enum mi_route_side id_at;
	bool sets_id; /* id was asked for, and is to be set at the new writer */
	uint64_t id;
	bool asks_collation; /* character sets were changed at collation_at, and nobody has asked
	                        there yet */
	enum mi_route_side collation_at;
};

/* LAST_INSERT_ID() may be another one now, at side. told: an OK said which, so nothing older is set
 * any more. */
void mi_carry_id_made(struct mi_route_session *session, enum mi_route_side side, bool told);
/* The server that made it has gone. */
void mi_carry_id_lost(struct mi_route_session *session);
/* It was asked for; 0: there is none. */
void mi_carry_id_asked(struct mi_route_session *session, uint64_t id);
/* It was set at side. */
void mi_carry_id_set(struct mi_route_session *session, enum mi_route_side side);

/* Character sets were changed at side. */
void mi_carry_collation_changed(struct mi_route_session *session, enum mi_route_side side);
/* It was asked for, or nobody is left to ask. */
void mi_carry_collation_known(struct mi_route_session *session);

/* The session was reset: there is nothing to carry. */
void mi_carry_forget(struct mi_route_session *session);

#endif
