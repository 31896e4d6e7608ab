#include "trial/crew.h"
#include "base/err.h"
#include "base/stop.h"
#include "server/conn.h"
#include "server/link.h"

#include <pthread.h>
#include <stdbool.h>

enum { MOST_THREADS = 8, STEPS_PER_THREAD = 4 };

struct crew {
	const struct mi_link_options *options;
	mi_crew_step *step;
	void *user;
	pthread_mutex_t lock; /* for all below */
	size_t next, count;
	size_t at_work; /* threads that have a session */
	bool failed;
	struct mi_err err;
};

static bool take(struct crew *crew, size_t *index)
{
	bool found;

	(void)pthread_mutex_lock(&crew->lock);
	found = !crew->failed && crew->next < crew->count && !mi_stop_asked();
	if (found)
		*index = crew->next++;
	(void)pthread_mutex_unlock(&crew->lock);
	return found;
}

static void fail(struct crew *crew, const struct mi_err *err)
{
	(void)pthread_mutex_lock(&crew->lock);
	if (!crew->failed)
		crew->err = *err;
	crew->failed = true;
	(void)pthread_mutex_unlock(&crew->lock);
}

/* Opens the thread's first session. One that is refused is no failure while others work. */
static bool join(struct crew *crew, struct mi_link *link)
{
	struct mi_err err = {0};
	bool open = mi_link_open(link, &err) == 0;

	(void)pthread_mutex_lock(&crew->lock);
	crew->at_work += open;
	if (!open && !crew->failed)
		crew->err = err;
	(void)pthread_mutex_unlock(&crew->lock);
	return open;
}

static void *work(void *user)
{
	struct crew *crew = user;
	struct mi_link link = {.options = crew->options};
	struct mi_err err = {0};
	size_t index;

	(void)mysql_thread_init();
	if (join(crew, &link))
		while (take(crew, &index))
			if (mi_link_open(&link, &err) != 0 ||
			    crew->step(crew->user, index, &link, &err) != 0)
				fail(crew, &err);
	mi_link_close(&link);
	mysql_thread_end();
	return NULL;
}

int mi_crew_run(const struct mi_link_options *options, size_t count, mi_crew_step *step, void *user,
                struct mi_err *err)
{
	struct crew crew = {.options = options, .step = step, .user = user, .count = count};
	size_t threads = (count + STEPS_PER_THREAD - 1) / STEPS_PER_THREAD, started = 0;
	pthread_t ids[MOST_THREADS];

	if (threads > MOST_THREADS)
		threads = MOST_THREADS;
	(void)pthread_mutex_init(&crew.lock, NULL);
	while (started < threads && pthread_create(&ids[started], NULL, work, &crew) == 0)
		started++;
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(ids[i], NULL);
	(void)pthread_mutex_destroy(&crew.lock);
	if (threads && !started)
		return mi_fail(err, MI_UNAVAILABLE, "no threads to be had");
	if (crew.failed || (threads && !crew.at_work)) {
		*err = crew.err;
		return -1;
	}
	return mi_stop_asked() ? mi_stop_fail(err) : 0;
}
