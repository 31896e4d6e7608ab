/* Threads that write to the server, each over its own connection, fed by one dispatcher. */
#ifndef MI_LOAD_POOL_H
#define MI_LOAD_POOL_H

#include "base/err.h"
#include "server/link.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_feed;

struct mi_worker {
	struct mi_link link;
	struct mi_feed *feed; /* for chunks: load/chunk.h; made by the first one */
};

/* A piece of work, to be embedded in a struct of its own kind, which run and free find around it.
 */
struct mi_job {
	size_t bytes; /* what it holds in memory: counted against the pool's bound */
	int (*run)(struct mi_job *job, struct mi_worker *worker, struct mi_err *err);
	void (*free)(struct mi_job *job); /* after run, or instead of it */
};

struct mi_pool;

/* Starts the threads and opens their connections, which must succeed. max_bytes: see
 * mi_pool_wait_room. */
MI_MUST int mi_pool_start(struct mi_pool **pool, size_t threads, size_t max_bytes,
                          const struct mi_link_options *link, struct mi_err *err);

/* Waits until bytes more may be held: until jobs in the pool and those bytes are within the bound,
 * or no job is left. Fails with the first error of a job. */
MI_MUST int mi_pool_wait_room(struct mi_pool *pool, size_t bytes, struct mi_err *err);

/* Hands job over, which is freed by the pool in any case. Fails with the first error of a job. */
MI_MUST int mi_pool_put(struct mi_pool *pool, struct mi_job *job, struct mi_err *err);

/* Waits until every job is done. Fails with the first error of a job, and with MI_AGAIN when
 * somebody asked to stop, because jobs that wait are then dropped. */
MI_MUST int mi_pool_drain(struct mi_pool *pool, struct mi_err *err);

/* True once a job has failed. *err is the first error. */
bool mi_pool_failed(struct mi_pool *pool, struct mi_err *err);

/* Ends the threads after their jobs in hand; jobs that wait are dropped. Harmless on NULL. */
void mi_pool_stop(struct mi_pool *pool);

#endif
