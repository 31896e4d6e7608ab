/* The session's default database, by the name that the client uses; --map gives it another name at
 * a server. Changes are counted, so that a late answer to an older change is recognised. */
#ifndef MI_ROUTE_STATE_DATABASE_H
#define MI_ROUTE_STATE_DATABASE_H

#include "base/buf.h"
#include "route/auth/users.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;
struct mi_backend;

struct mi_default_db {
	struct mi_buf name;   /* as the client calls it; empty: none */
	struct mi_buf before; /* while a change is being tried: the name to go back to */
	uint32_t generation;  /* counts changes */
};

/* The default database of a back end. */
struct mi_back_database {
	bool has;       /* it is the session's default database */
	bool had;       /* value of has before the change that is being tried */
	uint32_t asked; /* the generation of the name that back was told last */
};

/* The login names a default database, or none (empty). No back end has it yet. */
void mi_database_log_in(struct mi_route_session *session, struct mi_span name);

/* The client's command, which goes to the writer, changes the default database. The writer accepts
 * it (_accepted), or refuses it, and the session has the one before again (_refused). */
void mi_database_change(struct mi_route_session *session, struct mi_span name);
void mi_database_accepted(struct mi_backend *back);
void mi_database_refused(struct mi_route_session *session);

/* back's tracker tells that the default database is now name, as the server calls it. Passed over
 * unless back is the writer. */
void mi_database_told(struct mi_backend *back, struct mi_span name);

/* A database's name as the client knows it, of the name that back's server has told. */
struct mi_span mi_database_for_client(const struct mi_backend *back, struct mi_span name);

/* The default database's name at a side. Valid until the next change. */
struct mi_span mi_database_at(const struct mi_route_session *session, enum mi_route_side side);
/* ... of any name that the client uses. */
struct mi_span mi_database_name_at(const struct mi_route_session *session, enum mi_route_side side,
                                   struct mi_span name);

/* back was told the present name (_asked); has accepted what it was told (_set); has lost its
 * default database with its connection (_lost). */
void mi_database_asked(struct mi_backend *back);
void mi_database_set(struct mi_backend *back);
void mi_database_lost(struct mi_backend *back);

/* Frees the names: there is no default database any more. */
void mi_database_release(struct mi_route_session *session);

#endif
