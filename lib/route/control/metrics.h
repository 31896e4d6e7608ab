/* What the router counts, in Prometheus' text format. */
#ifndef MI_ROUTE_CONTROL_METRICS_H
#define MI_ROUTE_CONTROL_METRICS_H

#include "base/buf.h"
#include "route/shared/shared.h"

struct mi_lease;

/* Appends all metrics. In the first loop's thread. */
void mi_metrics_print(struct mi_route *route, const struct mi_lease *lease, struct mi_buf *text);

#endif
