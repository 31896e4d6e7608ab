#include "route/shared/latency.h"

void mi_route_latency_add(struct mi_route_latency *latency, uint64_t us)
{
	unsigned i = 0;

	while (us > mi_route_latency_us[i])
		i++;
	atomic_fetch_add_explicit(&latency->bucket[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&latency->sum_us, us, memory_order_relaxed);
	/* two threads at once may leave the lesser of their maxima: max_us is approximate */
	if (us > atomic_load_explicit(&latency->max_us, memory_order_relaxed))
		atomic_store_explicit(&latency->max_us, us, memory_order_relaxed);
}

const uint64_t mi_route_latency_us[MI_LATENCY_BUCKETS] = {
    100,   250,    500,    1000,   2500,    5000,    10000,    25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 10000000, UINT64_MAX};
