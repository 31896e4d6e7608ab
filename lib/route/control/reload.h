/* Takes over a changed users file while sessions run. */
#ifndef MI_ROUTE_CONTROL_RELOAD_H
#define MI_ROUTE_CONTROL_RELOAD_H

#include "base/err.h"
#include "route/shared/shared.h"

/* Reads the users file: later logins go by it, and sessions open their next connections with its
 * accounts. A bad file changes nothing (errors as mi_route_users_read). In the first loop's thread.
 */
MI_MUST int mi_route_reload(struct mi_route *route, const char *path, struct mi_err *err);

#endif
