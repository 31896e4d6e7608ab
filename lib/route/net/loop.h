/* An event loop: one thread, one epoll, edge-triggered. A loop is run by one thread; everything
 * that belongs to it (watches, timers, channels, sessions) is touched by that thread alone, or by a
 * thread that holds the loop (mi_loop_lock).
 *
 * Source: epoll(7), "Level-triggered and edge-triggered". */
#ifndef MI_ROUTE_NET_LOOP_H
#define MI_ROUTE_NET_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { MI_LOOP_BUFFER = 64 << 10 };

struct mi_loop;

/* Something with a file descriptor, inside a larger struct. ready gets epoll's events, once per
 * edge: it must read until nothing is left, or remember that there is more. */
struct mi_watch {
	void (*ready)(struct mi_watch *watch, uint32_t events);
};

/* Calls fire once, in the loop, at due or soon after. {.fire} is a timer that is not set. */
struct mi_timer {
	struct mi_timer *prev, *next;
	uint64_t due; /* ms, as mi_loop_now */
	void (*fire)(struct mi_timer *timer);
};

/* Calls run at the end of the present turn, after all events. A turn: the loop waits, handles the
 * events and timers that are there, then the tasks. */
struct mi_task {
	struct mi_task *next;
	bool queued;
	void (*run)(struct mi_task *task);
};

/* The caller frees *loop, when it does not run; NULL is harmless. */
MI_MUST int mi_loop_new(struct mi_loop **loop, struct mi_err *err);
void mi_loop_free(struct mi_loop *loop);

/* Runs until mi_loop_stop. */
MI_MUST int mi_loop_run(struct mi_loop *loop, struct mi_err *err);
void mi_loop_stop(struct mi_loop *loop); /* from any thread, also from a signal's watch */

/* Registers fd; events of epoll_ctl(2) without EPOLLET, which is added. Closing fd unregisters it.
 */
MI_MUST int mi_loop_watch(struct mi_loop *loop, int fd, uint32_t events, struct mi_watch *watch,
                          struct mi_err *err);
MI_MUST int mi_loop_rewatch(struct mi_loop *loop, int fd, uint32_t events, struct mi_watch *watch);

/* ms and us of the monotonic clock, taken once per turn. */
uint64_t mi_loop_now(const struct mi_loop *loop);
uint64_t mi_loop_now_us(const struct mi_loop *loop);
/* Sets a timer, or sets it anew. */
void mi_timer_set(struct mi_loop *loop, struct mi_timer *timer, uint64_t after_ms);
void mi_timer_stop(struct mi_loop *loop, struct mi_timer *timer); /* harmless when not set */

/* Runs once, however often it is added before. */
void mi_task_add(struct mi_loop *loop, struct mi_task *task);

/* The loop's receive buffer, MI_LOOP_BUFFER bytes. Its content is good until the callback that
 * filled it returns. */
char *mi_loop_buffer(struct mi_loop *loop);

/* Frees memory (of malloc; NULL is harmless) at the end of the turn, or of the next one when the
 * loop waits: whoever is being called in this turn may still read it. */
void mi_loop_free_later(struct mi_loop *loop, void *memory);

/* A loop holds its own lock while it works, and releases it while it waits. Another thread that has
 * the lock may use what belongs to the loop, and must be quick. No thread holds the locks of two
 * other loops. */
void mi_loop_lock(struct mi_loop *loop);
bool mi_loop_try_lock(struct mi_loop *loop); /* false: the loop is at work */
void mi_loop_unlock(struct mi_loop *loop);
/* From any thread: makes the loop take a turn, and run the task of mi_loop_on_wake in that. */
void mi_loop_wake(struct mi_loop *loop);
void mi_loop_on_wake(struct mi_loop *loop, struct mi_task *task); /* before the loop runs */

#endif
