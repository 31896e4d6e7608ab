#include "throttle/crew.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/msg.h"
#include "program/opt.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	FIRST = 2,         /* threads that work at the beginning */
	LOOK_US = 1500000, /* between two decisions, and */
	LOOK_PIECES = 2,   /* pieces of work by each thread */
	WAIT_MS = 100,
	HOLD = 10, /* decisions, after one more thread did not help */
};

static const double much = 0.5, little = 0.15; /* of the time, waiting */
static const double gain = 1.05;               /* that one more thread must bring */

size_t mi_crew_next(struct mi_crew_state *s, size_t max, double rate, double waited)
{
	bool grew = s->grew;

	s->grew = false;
	if (s->hold > 0)
		s->hold--;
	if (waited > much) {
		s->count -= s->count > 1;
	} else if (grew && rate < s->rate_before * gain) {
		s->count -= s->count > 1;
		s->hold = HOLD;
	} else if (waited < little && s->count < max && s->hold == 0) {
		s->rate_before = rate;
		s->grew = true;
		s->count++;
	}
	return s->count;
}

bool mi_crew_parse(const char *text, uint64_t max, uint64_t auto_max, uint64_t *threads,
                   bool *is_auto)
{
	*is_auto = strcmp(text, "auto") == 0;
	if (*is_auto)
		*threads = auto_max;
	return *is_auto || (mi_opt_number(text, threads) && *threads >= 1 && *threads <= max);
}

struct mi_crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t max;
	bool in_turns, closed;
	struct mi_crew_state state;
	uint64_t looked_us; /* since when bytes, waited_us and pieces are counted */
	uint64_t bytes, waited_us, pieces;
};

struct mi_crew *mi_crew_new(size_t max, bool in_turns)
{
	struct mi_crew *crew = mi_alloc(sizeof *crew);

	(void)pthread_mutex_init(&crew->lock, NULL);
	mi_cond_init(&crew->changed);
	crew->max = max;
	crew->in_turns = in_turns;
	crew->state.count = max < FIRST ? max : FIRST;
	crew->looked_us = mi_now_us();
	return crew;
}

void mi_crew_free(struct mi_crew *crew)
{
	if (!crew)
		return;
	(void)pthread_cond_destroy(&crew->changed);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew);
}

bool mi_crew_may_work(struct mi_crew *crew, size_t index)
{
	bool may;

	if (!crew)
		return true;
	(void)pthread_mutex_lock(&crew->lock);
	if (!crew->closed && index >= crew->state.count)
		(void)mi_cond_wait_until(&crew->changed, &crew->lock, mi_now_ms() + WAIT_MS);
	may = index < crew->state.count;
	(void)pthread_mutex_unlock(&crew->lock);
	return may;
}

/* Under lock. */
static void decide(struct mi_crew *crew, uint64_t elapsed_us)
{
	size_t before = crew->state.count;
	double waiters = crew->in_turns ? 1 : (double)before;
	double waited = (double)crew->waited_us / ((double)elapsed_us * waiters);
	double rate = (double)crew->bytes * 1e6 / (double)elapsed_us;

	if (mi_crew_next(&crew->state, crew->max, rate, waited) != before)
		mi_detail("%zu threads (%.0f %% of the time waited for the pipe, %.1f MB/s)",
		          crew->state.count, waited * 100, rate / 1e6);
	(void)pthread_cond_broadcast(&crew->changed);
	crew->bytes = crew->waited_us = crew->pieces = 0;
	crew->looked_us += elapsed_us;
}

void mi_crew_count(struct mi_crew *crew, uint64_t bytes, uint64_t waited_us)
{
	uint64_t elapsed;

	if (!crew)
		return;
	(void)pthread_mutex_lock(&crew->lock);
	crew->bytes += bytes;
	crew->waited_us += waited_us;
	crew->pieces++;
	elapsed = mi_now_us() - crew->looked_us;
	if (elapsed >= LOOK_US && crew->pieces >= LOOK_PIECES * crew->state.count)
		decide(crew, elapsed);
	(void)pthread_mutex_unlock(&crew->lock);
}

void mi_crew_close(struct mi_crew *crew)
{
	if (!crew)
		return;
	(void)pthread_mutex_lock(&crew->lock);
	crew->closed = true;
	(void)pthread_cond_broadcast(&crew->changed);
	(void)pthread_mutex_unlock(&crew->lock);
}

bool mi_crew_is_closed(struct mi_crew *crew)
{
	bool closed;

	if (!crew)
		return false;
	(void)pthread_mutex_lock(&crew->lock);
	closed = crew->closed;
	(void)pthread_mutex_unlock(&crew->lock);
	return closed;
}
