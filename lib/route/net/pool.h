/* A few threads for calculations that would keep a loop, and so all of its sessions, waiting. They
 * give way to the loops (nice). Jobs are done in the order in which they came. */
#ifndef MI_ROUTE_NET_POOL_H
#define MI_ROUTE_NET_POOL_H

#include "base/err.h"
#include "route/net/loop.h"

struct mi_pool;

/* Inside a larger struct. work is called in a thread of the pool; afterwards done is called as a
 * task of the loop that asked. From mi_pool_add on until then the job is not touched by others. */
struct mi_pool_job {
	struct mi_pool_job *next;
	struct mi_loop *loop;
	struct mi_task done;
	void (*work)(struct mi_pool_job *job);
};

/* MI_AGAIN: no threads to be had. */
MI_MUST int mi_pool_new(struct mi_pool **pool, unsigned threads, struct mi_err *err);
/* From the loop's own thread; job->loop, done.run and work are set. */
void mi_pool_add(struct mi_pool *pool, struct mi_pool_job *job);
/* Waits for the jobs in work; drop is called for each that is not begun. The loops still exist, and
 * do not run. Harmless on NULL. */
void mi_pool_free(struct mi_pool *pool, void (*drop)(struct mi_pool_job *job));

#endif
