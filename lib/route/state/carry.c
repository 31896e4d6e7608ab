#include "route/state/carry.h"
#include "route/auth/users.h"
#include "route/state/state.h"

void mi_carry_id_made(struct mi_route_session *session, enum mi_route_side side, bool told)
{
	session->carry.has_id = true;
	session->carry.id_at = side;
	if (told)
		session->carry.sets_id = false;
}

void mi_carry_id_lost(struct mi_route_session *session)
{
	session->carry.has_id = false;
}

void mi_carry_id_asked(struct mi_route_session *session, uint64_t id)
{
	session->carry.id = id;
	session->carry.sets_id = id != 0;
	session->carry.has_id = false;
}

void mi_carry_id_set(struct mi_route_session *session, enum mi_route_side side)
{
	session->carry.sets_id = false;
	session->carry.has_id = true;
	session->carry.id_at = side;
}

bool mi_carry_is_at(const struct mi_route_session *session, enum mi_route_side side)
{
	const struct mi_carry *carry = &session->carry;

	return (carry->has_id && carry->id_at == side && side != mi_session_writer(session)) ||
	       (carry->asks_collation && carry->collation_at == side);
}

void mi_carry_collation_changed(struct mi_route_session *session, enum mi_route_side side)
{
	session->carry.asks_collation = true;
	session->carry.collation_at = side;
}

void mi_carry_collation_known(struct mi_route_session *session)
{
	session->carry.asks_collation = false;
}

void mi_carry_forget(struct mi_route_session *session)
{
	session->carry = (struct mi_carry){0};
}
