/* The catalogue: what the writer's objects do (route/catalogue/programs.h), as the router knows it.
 * It is read when the router starts, when the mode changes, after definitions that came through
 * this router, when it is asked for, and every minute, by a thread of its own with the account of
 * the option file. While it is not known, reads stay at the source. All functions may be called
 * from any thread. */
#ifndef MI_ROUTE_CATALOGUE_CATALOGUE_H
#define MI_ROUTE_CATALOGUE_CATALOGUE_H

#include "base/buf.h"
#include "base/err.h"
#include "route/catalogue/programs.h"
#include "sql/class.h"
#include "table/filter.h"

#include <stdbool.h>

struct mi_route;
struct mi_catalogue;

/* Tries to read it once, and starts the thread. filter, what is imported, is the caller's, for the
 * catalogue's life; route has its servers and mode. */
MI_MUST int mi_catalogue_open(struct mi_catalogue **catalogue, struct mi_route *route,
                              const struct mi_filter *filter, struct mi_err *err);
/* Ends the thread. Harmless on NULL. */
void mi_catalogue_close(struct mi_catalogue *catalogue);

/* Definitions have changed, or may have: the catalogue is not known until it has been read anew.
 * Call before such a statement is sent, and again when it is over. Harmless on NULL. */
void mi_catalogue_want(struct mi_catalogue *catalogue);

/* The catalogue is read anew, and what is known stays in force until then: nothing says that it has
 * changed. For a change of the mode, across which the writers' definitions are the same. Harmless
 * on NULL. */
void mi_catalogue_refresh(struct mi_catalogue *catalogue);

/* A follower has said which database at the target has its row: that is imported, where the filter
 * says nothing. */
void mi_catalogue_told(struct mi_catalogue *catalogue, struct mi_span database);

/* Cheap. Is it known? */
bool mi_catalogue_is_known(const struct mi_catalogue *catalogue);
/* Cheap. Must a statement be looked at that calls nothing itself? */
bool mi_catalogue_pins(const struct mi_catalogue *catalogue);
/* Is any database imported, as far as the router was told? */
bool mi_catalogue_has_databases(struct mi_catalogue *catalogue);

/* What a client's statement does by way of what it names: see mi_programs_of. While the catalogue
 * is not known, what is not in it may be new: runs_program says that the text calls something. */
struct mi_program_effects mi_catalogue_of(struct mi_catalogue *catalogue, struct mi_span text,
                                          const struct mi_class_rules *rules, struct mi_span db,
                                          bool reads, bool runs_program);

/* Appends lines for the control socket: of status, and a line for each object that does more than
 * to read what is imported. */
void mi_catalogue_status(struct mi_catalogue *catalogue, struct mi_buf *text);
void mi_catalogue_print(struct mi_catalogue *catalogue, struct mi_buf *text);

#endif
