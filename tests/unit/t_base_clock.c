/* The clocks go forward in their units, and a wait ends at its moment or at a signal. */
#include "base/clock.h"
#include "t.h"

#include <time.h>
#include <unistd.h>

static void clocks(void)
{
	uint64_t ms = mi_now_ms(), us = mi_now_us(), wall = mi_wall_us();

	(void)usleep(20000);
	CHECK(mi_now_ms() - ms >= 19 && mi_now_ms() - ms < 10000, "milliseconds");
	CHECK(mi_now_us() - us >= 20000 && mi_now_us() - us < 10000000, "microseconds");
	CHECK(us / 1000 - ms <= 1000, "both of one clock");
	CHECK(wall / 1000000 - (uint64_t)time(NULL) + 60 < 120, "the wall clock counts from 1970");
}

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	bool is_rung;
};

static void *ring(void *arg)
{
	struct bell *bell = arg;

	(void)usleep(10000);
	(void)pthread_mutex_lock(&bell->lock);
	bell->is_rung = true;
	(void)pthread_cond_signal(&bell->rung);
	(void)pthread_mutex_unlock(&bell->lock);
	return NULL;
}

static void waiting(void)
{
	struct bell bell = {.lock = PTHREAD_MUTEX_INITIALIZER};
	uint64_t begun = mi_now_ms();
	pthread_t thread;
	bool in_time = true;

	mi_cond_init(&bell.rung);
	(void)pthread_mutex_lock(&bell.lock);
	while (in_time)
		in_time = mi_cond_wait_until(&bell.rung, &bell.lock, begun + 1030);
	CHECK(mi_now_ms() >= begun + 1030 && mi_now_ms() < begun + 11000,
	      "ends at its moment, also over a second's end");
	CHECK(!mi_cond_wait_until(&bell.rung, &bell.lock, begun), "a moment that is past");
	CHECK(pthread_create(&thread, NULL, ring, &bell) == 0, "a thread");
	in_time = true;
	while (in_time && !bell.is_rung)
		in_time = mi_cond_wait_until(&bell.rung, &bell.lock, mi_now_ms() + 60000);
	CHECK(in_time && bell.is_rung, "ends at a signal");
	(void)pthread_mutex_unlock(&bell.lock);
	(void)pthread_join(thread, NULL);
	(void)pthread_cond_destroy(&bell.rung);
}

int main(void)
{
	clocks();
	waiting();
	DONE();
}
