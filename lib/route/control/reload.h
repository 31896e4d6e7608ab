/* Another users file while sessions run. */
#ifndef MI_ROUTE_CONTROL_RELOAD_H
#define MI_ROUTE_CONTROL_RELOAD_H

#include "base/err.h"
#include "route/shared/shared.h"

/* Reads it: logins from now on go by it, and sessions open their next connections with it. A file
 * that is bad changes nothing. In the first loop's thread. */
MI_MUST int mi_route_reload(struct mi_route *route, const char *path, struct mi_err *err);

#endif
