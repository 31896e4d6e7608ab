/* Watches the clients' statements for what the target lacks, so that it is known before a switch
 * moves them there: functions, words and forms that the source has and the target has not. Some
 * statements are looked at (route/replica/lacking_list.h); a thread asks both servers about each
 * new kind of them (route/replica/lacking_ask.h), over connections that it opens when there is
 * something to ask, and closes soon. Nothing waits for it, and no statement is refused for what it
 * finds. Functions with a lacking may be called from any thread. */
#ifndef MI_ROUTE_REPLICA_LACKING_H
#define MI_ROUTE_REPLICA_LACKING_H

#include "base/buf.h"
#include "base/err.h"
#include "route/replica/lacking_ask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mi_route;
struct mi_route_lacking;

enum { MI_LACKING_TEXT_MAX = 64 << 10 }; /* bytes: longer texts are not asked about */

/* Starts the thread; route has its servers, and lives longer. */
MI_MUST int mi_route_lacking_open(struct mi_route_lacking **lacking, struct mi_route *route,
                                  struct mi_err *err);
/* Ends the thread; what was not asked yet is dropped. Harmless on NULL. */
void mi_route_lacking_close(struct mi_route_lacking *lacking);

/* Is a text of so many bytes looked at now? Asked first, for each statement, and cheap. now:
 * mi_loop_now. */
bool mi_route_lacking_takes(struct mi_route_lacking *lacking, size_t len, uint64_t now);
/* Looks at a statement that _takes has let through; digest: mi_note_digest. */
void mi_route_lacking_see(struct mi_route_lacking *lacking, const struct mi_lacking_text *text,
                          struct mi_span digest);

/* Entries of the list, and a line for each: count, error, function or word or -, digest. */
size_t mi_route_lacking_count(struct mi_route_lacking *lacking);
void mi_route_lacking_print(struct mi_route_lacking *lacking, struct mi_buf *text);

#endif
