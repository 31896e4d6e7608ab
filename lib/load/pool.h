/* Threads that write to the server, each over its own connection, and get their jobs from one
 * dispatcher. The first failure of a job asks the whole process to stop (mi_stop_ask), so that a
 * dispatcher that waits for input wakes up. */
#ifndef MI_LOAD_POOL_H
#define MI_LOAD_POOL_H

#include "base/err.h"
#include "server/link.h"
#include "throttle/throttle.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_feed;

struct mi_worker {
	struct mi_link link;
	struct mi_feed *feed; /* for chunks, made by the first one: see load/feed.h */
};

/* A piece of work, to be embedded in a larger struct, which run and free find around it. */
struct mi_job {
	size_t bytes;   /* of memory that the job holds: counted against the pool's bound */
	uint64_t moved; /* bytes of rows: counted against the throttle's rate */
	int (*run)(struct mi_job *job, struct mi_worker *worker, struct mi_err *err);
	void (*free)(struct mi_job *job); /* after run, or instead of it */
};

struct mi_pool;

struct mi_pool_options {
	size_t threads;
	bool find_threads;                  /* so many of them work as turn out to be of use */
	size_t max_bytes;                   /* see mi_pool_wait_room */
	const struct mi_link_options *link; /* the caller's: outlives the pool */
	struct mi_throttle *throttle; /* holds jobs up before they begin; may be NULL; likewise */
};

/* Opens the connections and starts the threads; fails like mi_link_open. */
MI_MUST int mi_pool_start(struct mi_pool **pool, const struct mi_pool_options *options,
                          struct mi_err *err);

/* Waits until the jobs in the pool hold max_bytes at most together with `bytes`, or until no job is
 * left. Fails with the first error of a job. */
MI_MUST int mi_pool_wait_room(struct mi_pool *pool, size_t bytes, struct mi_err *err);

/* Gives job to the pool, which frees it in any case. Fails with the first error of a job. */
MI_MUST int mi_pool_put(struct mi_pool *pool, struct mi_job *job, struct mi_err *err);

/* Waits until every job is done. Fails with the first error of a job, and with MI_AGAIN when
 * somebody asked to stop, because jobs that wait are then dropped. */
MI_MUST int mi_pool_drain(struct mi_pool *pool, struct mi_err *err);

/* True once a job has failed; *err is then the first error. */
bool mi_pool_failed(struct mi_pool *pool, struct mi_err *err);

/* Ends the threads after the jobs that they are running, and frees the pool; jobs that wait are
 * dropped. Harmless on NULL. */
void mi_pool_stop(struct mi_pool *pool);

#endif
