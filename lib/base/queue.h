/* A bounded queue of pointers between threads: putting waits while it is full, taking waits while
 * it is empty. Closing wakes everybody: takers drain what is left, putters are refused. */
#ifndef MI_BASE_QUEUE_H
#define MI_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct mi_queue;

struct mi_queue *mi_queue_new(size_t room); /* for room items, at least 1 */
void mi_queue_free(struct mi_queue *queue); /* items still inside are the caller's loss */

/* False when the queue is closed; the item stays the caller's. */
bool mi_queue_put(struct mi_queue *queue, void *item);

/* NULL when the queue is closed and empty. */
void *mi_queue_take(struct mi_queue *queue);

/* NULL at once when the queue is empty. */
void *mi_queue_try_take(struct mi_queue *queue);

void mi_queue_close(struct mi_queue *queue); /* harmless when closed */

#endif
