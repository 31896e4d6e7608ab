#include "route/state/database.h"
#include "base/buf.h"
#include "route/auth/users.h"
#include "route/state/state.h"
#include "route/shared/shared.h"

void mi_database_log_in(struct mi_route_session *session, struct mi_span name)
{
	mi_database_release(session);
	mi_buf_add_span(&session->database.name, name);
}

void mi_database_change(struct mi_route_session *session, struct mi_span name)
{
	struct mi_default_db *database = &session->database;

	mi_buf_release(&database->before);
	database->before = database->name;
	database->name = (struct mi_buf){0};
	mi_buf_add_span(&database->name, name);
	database->generation++;
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		struct mi_back_database *there = &session->back[side].database;

		there->had = there->has;
		there->has = false;
	}
}

void mi_database_accepted(struct mi_backend *back)
{
	mi_buf_release(&back->session->database.before);
	back->database.has = true;
}

void mi_database_refused(struct mi_route_session *session)
{
	struct mi_default_db *database = &session->database;

	mi_buf_release(&database->name);
	database->name = database->before;
	database->before = (struct mi_buf){0};
	database->generation++;
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		session->back[side].database.has = session->back[side].database.had;
}

struct mi_span mi_database_for_client(const struct mi_backend *back, struct mi_span name)
{
	const struct mi_route_server *server = &back->session->route->server[back->side];

	return server->map_to && mi_span_is(name, server->map_to) ? mi_span_str(server->map_from)
	                                                          : name;
}

void mi_database_told(struct mi_backend *back, struct mi_span name)
{
	struct mi_route_session *session = back->session;

	name = mi_database_for_client(back, name);
	if (!mi_back_is_writer(back) || mi_span_eq(name, mi_buf_span(&session->database.name)))
		return;
	mi_buf_reset(&session->database.name);
	mi_buf_add_span(&session->database.name, name);
	session->database.generation++;
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (side != (int)back->side)
			session->back[side].database.has = false;
}

struct mi_span mi_database_at(const struct mi_route_session *session, enum mi_route_side side)
{
	return mi_database_name_at(session, side, mi_buf_span(&session->database.name));
}

struct mi_span mi_database_name_at(const struct mi_route_session *session, enum mi_route_side side,
                                   struct mi_span name)
{
	const struct mi_route_server *server = &session->route->server[side];

	if (server->map_from && mi_span_is(name, server->map_from))
		return mi_span_str(server->map_to);
	return name;
}

void mi_database_asked(struct mi_backend *back)
{
	back->database.asked = back->session->database.generation;
}

void mi_database_set(struct mi_backend *back)
{
	back->database.has = back->database.asked == back->session->database.generation;
}

void mi_database_lost(struct mi_backend *back)
{
	back->database.has = false;
}

void mi_database_release(struct mi_route_session *session)
{
	mi_buf_release(&session->database.name);
	mi_buf_release(&session->database.before);
}
