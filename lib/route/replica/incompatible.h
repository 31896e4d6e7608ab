/* Reads that the target could not answer and the source could: counted by error and statement
 * digest. What is listed is known to need the source, and is asked for before it is sent. */
#ifndef MI_ROUTE_REPLICA_INCOMPATIBLE_H
#define MI_ROUTE_REPLICA_INCOMPATIBLE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_incompatible; /* from any thread */

struct mi_route_incompatible *mi_route_incompatible_new(void);
void mi_route_incompatible_free(struct mi_route_incompatible *list);

/* It happened, now (mi_loop_now); refused: the target said that it may not write, so such a
 * statement never goes there again. */
void mi_route_incompatible_add(struct mi_route_incompatible *list, unsigned code,
                               struct mi_span digest, bool refused, uint64_t now);

/* Is a statement of this digest known to be refused? Cheap while nothing is. */
bool mi_route_incompatible_refuses(struct mi_route_incompatible *list);
bool mi_route_incompatible_is_refused(struct mi_route_incompatible *list, struct mi_span digest);

uint64_t mi_route_incompatible_total(struct mi_route_incompatible *list);
/* When it last happened, as it was said to _add; of no meaning while the total is 0. */
uint64_t mi_route_incompatible_last(struct mi_route_incompatible *list);

/* A line each, the most frequent first: count, error, digest. */
void mi_route_incompatible_print(struct mi_route_incompatible *list, struct mi_buf *text);

#endif
