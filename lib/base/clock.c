#include "base/clock.h"

#include <errno.h>
#include <time.h>

static uint64_t read_us(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t mi_now_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

uint64_t mi_now_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

uint64_t mi_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

void mi_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(cond, &attr);
	(void)pthread_condattr_destroy(&attr);
}

bool mi_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_ms)
{
	const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
	                               .tv_nsec = (long)(until_ms % 1000) * 1000000};

	return pthread_cond_timedwait(cond, lock, &until) != ETIMEDOUT;
}
