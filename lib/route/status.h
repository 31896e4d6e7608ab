/* What the control socket says of the router: see struct mi_control_lines. */
#ifndef MI_ROUTE_STATUS_H
#define MI_ROUTE_STATUS_H

#include "base/buf.h"
#include "route/shared/shared.h"

/* Append lines: of `status`; of `programs`, which also has them read anew. */
void mi_route_status(struct mi_route *route, struct mi_buf *text);
void mi_route_programs(struct mi_route *route, struct mi_buf *text);

#endif
