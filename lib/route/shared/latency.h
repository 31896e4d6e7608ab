/* How long statements took, in buckets that grow by powers. Any thread may add. */
#ifndef MI_ROUTE_SHARED_LATENCY_H
#define MI_ROUTE_SHARED_LATENCY_H

#include <stdatomic.h>
#include <stdint.h>

/* A statement counts from its arrival to the end of its answer, its waiting in the router included.
 */
enum { MI_LATENCY_BUCKETS = 16 };
/* upper bounds; the last bucket has none */
extern const uint64_t mi_route_latency_us[MI_LATENCY_BUCKETS];
struct mi_route_latency {
	atomic_uint_fast64_t bucket[MI_LATENCY_BUCKETS], sum_us, max_us;
};
void mi_route_latency_add(struct mi_route_latency *latency, uint64_t us);

#endif
