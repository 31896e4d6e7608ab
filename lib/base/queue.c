#include "base/queue.h"
#include "base/buf.h"

#include <pthread.h>
#include <stdlib.h>

struct mi_queue {
	pthread_mutex_t lock;
	pthread_cond_t can_put, can_take;
	size_t room, head, count;
	bool closed;
	void *items[];
};

struct mi_queue *mi_queue_new(size_t room)
{
	struct mi_queue *queue = mi_alloc(sizeof *queue + room * sizeof queue->items[0]);

	queue->room = room;
	(void)pthread_mutex_init(&queue->lock, NULL);
	(void)pthread_cond_init(&queue->can_put, NULL);
	(void)pthread_cond_init(&queue->can_take, NULL);
	return queue;
}

void mi_queue_free(struct mi_queue *queue)
{
	if (!queue)
		return;
	(void)pthread_cond_destroy(&queue->can_take);
	(void)pthread_cond_destroy(&queue->can_put);
	(void)pthread_mutex_destroy(&queue->lock);
	free(queue);
}

bool mi_queue_put(struct mi_queue *queue, void *item)
{
	bool ok;

	(void)pthread_mutex_lock(&queue->lock);
	while (queue->count == queue->room && !queue->closed)
		(void)pthread_cond_wait(&queue->can_put, &queue->lock);
	ok = !queue->closed;
	if (ok) {
		queue->items[(queue->head + queue->count++) % queue->room] = item;
		(void)pthread_cond_signal(&queue->can_take);
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return ok;
}

/* With the lock held and count > 0. */
static void *take_first(struct mi_queue *queue)
{
	void *item = queue->items[queue->head];

	queue->head = (queue->head + 1) % queue->room;
	queue->count--;
	(void)pthread_cond_signal(&queue->can_put);
	return item;
}

void *mi_queue_take(struct mi_queue *queue)
{
	void *item = NULL;

	(void)pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->closed)
		(void)pthread_cond_wait(&queue->can_take, &queue->lock);
	if (queue->count > 0)
		item = take_first(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return item;
}

void *mi_queue_try_take(struct mi_queue *queue)
{
	void *item = NULL;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->count > 0)
		item = take_first(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return item;
}

void mi_queue_close(struct mi_queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	(void)pthread_cond_broadcast(&queue->can_put);
	(void)pthread_cond_broadcast(&queue->can_take);
	(void)pthread_mutex_unlock(&queue->lock);
}
