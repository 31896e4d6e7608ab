/* The session's default database: by the client's name, which may be another one at a server
 * (--map). Changes of it are counted, so that an answer to an older one is known for what it is. */
#ifndef MI_ROUTE_STATE_DATABASE_H
#define MI_ROUTE_STATE_DATABASE_H

#include "base/buf.h"
#include "route/auth/users.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;
struct mi_backend;

struct mi_default_db {
	struct mi_buf name;   /* the client's; empty: none */
	struct mi_buf before; /* while a change is being tried: the name to go back to */
	uint32_t generation;  /* counts changes */
};

/* A back end's part of it. */
struct mi_back_database {
	bool has;       /* its default database is the session's */
	bool had;       /* so it was before the change that is being tried */
	uint32_t asked; /* of which generation the name was that it was told last */
};

/* A login names it, or none (empty). No back end has it yet. */
void mi_database_log_in(struct mi_route_session *session, struct mi_span name);

/* The client changes it: then the writer takes it (_taken) or refuses it, and the one before is the
 * session's again (_refused). */
void mi_database_change(struct mi_route_session *session, struct mi_span name);
void mi_database_taken(struct mi_route_session *session);
void mi_database_refused(struct mi_route_session *session);

/* The writer's tracker tells of a change, by the server's name. */
void mi_database_told(struct mi_backend *back, struct mi_span name);

/* The name that it has at this side. Valid until the next change. */
struct mi_span mi_database_at(const struct mi_route_session *session, enum mi_route_side side);

/* back was told the name of now; has taken what it was told; has lost it with its connection. */
void mi_database_asked(struct mi_backend *back);
void mi_database_set(struct mi_backend *back);
void mi_database_lost(struct mi_backend *back);

void mi_database_release(struct mi_route_session *session);

#endif
