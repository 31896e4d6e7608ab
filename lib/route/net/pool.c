#include "route/net/pool.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/thread.h"
#include "route/net/loop.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { NICE = 10 };

struct mi_pool {
	pthread_t *threads;
	unsigned count;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t wake;
	bool stop;
	struct mi_pool_job *first, **last;
};

static struct mi_pool_job *take(struct mi_pool *pool)
{
	struct mi_pool_job *job;

	(void)pthread_mutex_lock(&pool->lock);
	while (!pool->first && !pool->stop)
		(void)pthread_cond_wait(&pool->wake, &pool->lock);
	job = pool->stop ? NULL : pool->first;
	if (job) {
		pool->first = job->next;
		if (!pool->first)
			pool->last = &pool->first;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return job;
}

static void *run(void *arg)
{
	struct mi_pool *pool = arg;
	struct mi_pool_job *job;

	if (nice(NICE) == -1) { /* as well as it goes; on Linux it is the thread's own */
	}
	while ((job = take(pool))) {
		struct mi_loop *loop = job->loop;

		job->work(job);
		mi_loop_lock(loop);
		mi_task_add(loop, &job->done);
		mi_loop_unlock(loop);
		mi_loop_wake(loop);
	}
	return NULL;
}

int mi_pool_new(struct mi_pool **out, unsigned threads, struct mi_err *err)
{
	struct mi_pool *pool = mi_alloc(sizeof *pool);

	pool->threads = mi_realloc_array(NULL, threads, sizeof *pool->threads);
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_cond_init(&pool->wake, NULL);
	pool->last = &pool->first;
	for (; pool->count < threads; pool->count++) {
		/* without signals: they are the loops' */
		if (mi_thread_start(&pool->threads[pool->count], run, pool, err) != 0) {
			mi_pool_free(pool, NULL);
			return -1;
		}
	}
	*out = pool;
	return 0;
}

void mi_pool_add(struct mi_pool *pool, struct mi_pool_job *job)
{
	job->next = NULL;
	(void)pthread_mutex_lock(&pool->lock);
	*pool->last = job;
	pool->last = &job->next;
	(void)pthread_cond_signal(&pool->wake);
	(void)pthread_mutex_unlock(&pool->lock);
}

void mi_pool_free(struct mi_pool *pool, void (*drop)(struct mi_pool_job *job))
{
	struct mi_pool_job *job, *next;

	if (!pool)
		return;
	(void)pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	(void)pthread_cond_broadcast(&pool->wake);
	(void)pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	for (job = pool->first; job; job = next) {
		next = job->next;
		drop(job);
	}
	(void)pthread_cond_destroy(&pool->wake);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}
