/* The list of incompatible reads: statements that the target could not answer and the source could,
 * counted by error and statement digest. Statements that the target is known to refuse are not sent
 * to it again. All functions may be called from any thread. */
#ifndef MI_ROUTE_REPLICA_INCOMPATIBLE_H
#define MI_ROUTE_REPLICA_INCOMPATIBLE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_incompatible;

struct mi_route_incompatible *mi_route_incompatible_new(void); /* empty */
void mi_route_incompatible_free(struct mi_route_incompatible *list);

/* The source has answered a read for which the target had given the error code. now: mi_loop_now.
 * refused: the target said that it may not write, so statements with this digest will not go there
 * again. */
void mi_route_incompatible_add(struct mi_route_incompatible *list, unsigned code,
                               struct mi_span digest, bool refused, uint64_t now);

/* _refuses: is any statement known to be refused? Cheap, to be asked before a digest is made.
 * _is_refused: is a statement with this digest? */
bool mi_route_incompatible_refuses(struct mi_route_incompatible *list);
bool mi_route_incompatible_is_refused(struct mi_route_incompatible *list, struct mi_span digest);

/* How often _add was called. */
uint64_t mi_route_incompatible_total(struct mi_route_incompatible *list);
/* The last call's now; of no meaning while the total is 0. */
uint64_t mi_route_incompatible_last(struct mi_route_incompatible *list);

/* Appends a line for each entry, the most frequent first: count, error, digest. */
void mi_route_incompatible_print(struct mi_route_incompatible *list, struct mi_buf *text);

#endif
