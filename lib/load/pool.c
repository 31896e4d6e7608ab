#include "load/pool.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/queue.h"
#include "base/stop.h"
#include "load/feed.h"
#include "server/link.h"
#include "throttle/crew.h"
#include "throttle/throttle.h"

#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_ROOM = 4096 };

struct mi_pool {
	struct mi_queue *queue;
	struct mi_throttle *throttle;
	struct mi_crew *crew; /* NULL: all threads work */
	size_t max_bytes;
	size_t threads;
	pthread_t *ids;
	struct mi_worker *workers;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* a job was done, or failed */
	size_t jobs, bytes;     /* of the jobs that were put and are not done yet */
	struct mi_err err;      /* the first error of a job; code 0: none */
};

struct thread {
	struct mi_pool *pool;
	struct mi_worker *worker;
	size_t index;
};

static void take_error(struct mi_pool *pool, const struct mi_err *err)
{
	(void)pthread_mutex_lock(&pool->lock);
	if (pool->err.code == MI_OK)
		pool->err = *err;
	(void)pthread_cond_broadcast(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
	mi_stop_ask(); /* the dispatcher may be waiting for input */
}

bool mi_pool_failed(struct mi_pool *pool, struct mi_err *err)
{
	bool failed;

	(void)pthread_mutex_lock(&pool->lock);
	failed = pool->err.code != MI_OK;
	if (failed)
		*err = pool->err;
	(void)pthread_mutex_unlock(&pool->lock);
	return failed;
}

static void finish_job(struct mi_pool *pool, struct mi_job *job)
{
	size_t bytes = job->bytes;

	job->free(job);
	(void)pthread_mutex_lock(&pool->lock);
	pool->jobs--;
	pool->bytes -= bytes;
	(void)pthread_cond_broadcast(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
}

/* Waits until the job may begin: then true. */
static bool wait_turn(struct mi_pool *pool, struct mi_turn *turn)
{
	do
		if (mi_stop_asked())
			return false;
	while (!mi_throttle_ready(pool->throttle, turn));
	return true;
}

/* The next job, once this thread is to work; NULL: there is none any more. *waited_us: how long
 * there was none. */
static struct mi_job *next_job(struct thread *thread, uint64_t *waited_us)
{
	struct mi_pool *pool = thread->pool;
	struct mi_job *job;
	uint64_t began;

	while (!mi_crew_may_work(pool->crew, thread->index) && !mi_crew_is_closed(pool->crew))
		;
	began = mi_now_us();
	job = mi_queue_take(pool->queue);
	*waited_us = mi_now_us() - began;
	return job;
}

static void *work(void *arg)
{
	struct thread *thread = arg;
	struct mi_pool *pool = thread->pool;
	struct mi_turn turn = {0};
	struct mi_job *job;
	uint64_t waited_us;

	(void)mysql_thread_init();
	while ((job = next_job(thread, &waited_us))) {
		struct mi_err err = {0};

		if (wait_turn(pool, &turn) && job->run(job, thread->worker, &err) != 0)
			take_error(pool, &err);
		mi_throttle_done(pool->throttle, &turn, job->moved);
		mi_crew_count(pool->crew, job->moved, waited_us);
		finish_job(pool, job);
	}
	mi_link_close(&thread->worker->link);
	mysql_thread_end();
	free(thread);
	return NULL;
}

static int start_threads(struct mi_pool *pool, size_t threads, struct mi_err *err)
{
	for (size_t i = 0; i < threads; i++) {
		struct thread *thread;
		int failed;

		if (mi_link_open(&pool->workers[i].link, err) != 0)
			return -1;
		thread = mi_alloc(sizeof *thread);
		*thread = (struct thread){pool, &pool->workers[i], i};
		failed = pthread_create(&pool->ids[i], NULL, work, thread);
		if (failed) {
			free(thread);
			return mi_fail_errno(err, MI_AGAIN, failed, "cannot start a thread");
		}
		pool->threads++;
	}
	return 0;
}

int mi_pool_start(struct mi_pool **result, const struct mi_pool_options *options,
                  struct mi_err *err)
{
	struct mi_pool *pool = mi_alloc(sizeof *pool);
	size_t threads = options->threads;

	pool->throttle = options->throttle;
	pool->crew = options->find_threads ? mi_crew_new(threads, false) : NULL;
	pool->queue = mi_queue_new(QUEUE_ROOM);
	pool->max_bytes = options->max_bytes;
	pool->ids = mi_alloc(threads * sizeof *pool->ids);
	pool->workers = mi_alloc(threads * sizeof *pool->workers);
	for (size_t i = 0; i < threads; i++)
		pool->workers[i].link.options = options->link;
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_cond_init(&pool->changed, NULL);
	if (start_threads(pool, threads, err) != 0) {
		for (size_t i = pool->threads; i < threads; i++)
			mi_link_close(&pool->workers[i].link);
		mi_pool_stop(pool);
		return -1;
	}
	*result = pool;
	return 0;
}

int mi_pool_wait_room(struct mi_pool *pool, size_t bytes, struct mi_err *err)
{
	(void)pthread_mutex_lock(&pool->lock);
	while (pool->jobs > 0 && pool->err.code == MI_OK &&
	       (pool->bytes > pool->max_bytes || bytes > pool->max_bytes - pool->bytes))
		(void)pthread_cond_wait(&pool->changed, &pool->lock);
	(void)pthread_mutex_unlock(&pool->lock);
	return mi_pool_failed(pool, err) ? -1 : 0;
}

int mi_pool_put(struct mi_pool *pool, struct mi_job *job, struct mi_err *err)
{
	(void)pthread_mutex_lock(&pool->lock);
	pool->jobs++;
	pool->bytes += job->bytes;
	(void)pthread_mutex_unlock(&pool->lock);
	if (!mi_queue_put(pool->queue, job))
		finish_job(pool, job);
	return mi_pool_failed(pool, err) ? -1 : 0;
}

int mi_pool_drain(struct mi_pool *pool, struct mi_err *err)
{
	(void)pthread_mutex_lock(&pool->lock);
	while (pool->jobs > 0)
		(void)pthread_cond_wait(&pool->changed, &pool->lock);
	(void)pthread_mutex_unlock(&pool->lock);
	if (mi_pool_failed(pool, err))
		return -1;
	return mi_stop_asked() ? mi_stop_fail(err) : 0;
}

void mi_pool_stop(struct mi_pool *pool)
{
	struct mi_job *job;

	if (!pool)
		return;
	while ((job = mi_queue_try_take(pool->queue)))
		finish_job(pool, job);
	mi_crew_close(pool->crew);
	mi_queue_close(pool->queue);
	for (size_t i = 0; i < pool->threads; i++)
		(void)pthread_join(pool->ids[i], NULL);
	for (size_t i = 0; i < pool->threads; i++)
		mi_feed_free(pool->workers[i].feed);
	mi_queue_free(pool->queue);
	mi_crew_free(pool->crew);
	(void)pthread_cond_destroy(&pool->changed);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool->ids);
	free(pool->workers);
	free(pool);
}
