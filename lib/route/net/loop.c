#include "route/net/loop.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/container.h"
#include "base/err.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS = 256 };

struct mi_loop {
	int epoll, wake;
	struct mi_watch woken;
	pthread_mutex_t lock;
	atomic_bool stop;
	uint64_t now_us;
	struct mi_timer timers; /* a ring, sorted by due */
	struct mi_task *tasks, **last_task, *woken_task;
	void **let_go; /* memory to be freed at the end of the turn */
	size_t let_go_count;
	char buffer[MI_LOOP_BUFFER];
};

static void on_wake(struct mi_watch *watch, uint32_t events)
{
	struct mi_loop *loop = mi_container_of(watch, struct mi_loop, woken);
	uint64_t count;
	ssize_t n = read(loop->wake, &count, sizeof count);

	(void)events;
	(void)n;
	if (loop->woken_task)
		mi_task_add(loop, loop->woken_task);
}

int mi_loop_new(struct mi_loop **loop, struct mi_err *err)
{
	struct mi_loop *new = mi_alloc(sizeof *new);

	new->epoll = epoll_create1(EPOLL_CLOEXEC);
	new->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&new->lock, NULL);
	new->timers.prev = new->timers.next = &new->timers;
	new->last_task = &new->tasks;
	new->now_us = mi_now_us();
	new->woken.ready = on_wake;
	if (new->epoll < 0 || new->wake < 0) {
		(void)mi_fail_errno(err, MI_AGAIN, errno, "cannot make an event loop");
	} else if (mi_loop_watch(new, new->wake, EPOLLIN, &new->woken, err) == 0) {
		*loop = new;
		return 0;
	}
	mi_loop_free(new);
	return -1;
}

static void free_let_go(struct mi_loop *loop)
{
	for (size_t i = 0; i < loop->let_go_count; i++)
		free(loop->let_go[i]);
	free(loop->let_go);
	loop->let_go = NULL;
	loop->let_go_count = 0;
}

void mi_loop_free_later(struct mi_loop *loop, void *memory)
{
	void **slot;

	if (!memory)
		return;
	slot = mi_array_add(&loop->let_go, &loop->let_go_count, sizeof *slot);
	*slot = memory;
}

void mi_loop_free(struct mi_loop *loop)
{
	if (!loop)
		return;
	free_let_go(loop);
	if (loop->epoll >= 0)
		(void)close(loop->epoll);
	if (loop->wake >= 0)
		(void)close(loop->wake);
	(void)pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int mi_loop_watch(struct mi_loop *loop, int fd, uint32_t events, struct mi_watch *watch,
                  struct mi_err *err)
{
	struct epoll_event event = {.events = events | EPOLLET, .data.ptr = watch};

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		return mi_fail_errno(err, MI_AGAIN, errno, "cannot watch a socket");
	return 0;
}

int mi_loop_rewatch(struct mi_loop *loop, int fd, uint32_t events, struct mi_watch *watch)
{
	struct epoll_event event = {.events = events | EPOLLET, .data.ptr = watch};

	return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &event);
}

uint64_t mi_loop_now(const struct mi_loop *loop)
{
	return loop->now_us / 1000;
}

uint64_t mi_loop_now_us(const struct mi_loop *loop)
{
	return loop->now_us;
}

char *mi_loop_buffer(struct mi_loop *loop)
{
	return loop->buffer;
}

/* ---- Timers ---- */

void mi_timer_stop(struct mi_loop *loop, struct mi_timer *timer)
{
	(void)loop;
	if (!timer->next)
		return;
	timer->prev->next = timer->next;
	timer->next->prev = timer->prev;
	timer->prev = timer->next = NULL;
}

void mi_timer_set(struct mi_loop *loop, struct mi_timer *timer, uint64_t after_ms)
{
	struct mi_timer *before;

	mi_timer_stop(loop, timer);
	timer->due = mi_loop_now(loop) + after_ms;
	/* most timers run for as long as those set before them: look from the end */
	for (before = loop->timers.prev; before != &loop->timers && before->due > timer->due;)
		before = before->prev;
	timer->prev = before;
	timer->next = before->next;
	before->next->prev = timer;
	before->next = timer;
}

static void fire_timers(struct mi_loop *loop)
{
	while (loop->timers.next != &loop->timers && loop->timers.next->due <= mi_loop_now(loop)) {
		struct mi_timer *timer = loop->timers.next;

		mi_timer_stop(loop, timer);
		timer->fire(timer);
	}
}

static int wait_ms(const struct mi_loop *loop)
{
	uint64_t now;

	if (loop->tasks)
		return 0;
	if (loop->timers.next == &loop->timers)
		return -1;
	now = mi_now_us() / 1000;
	if (loop->timers.next->due <= now)
		return 0;
	return loop->timers.next->due - now > 60000 ? 60000 : (int)(loop->timers.next->due - now);
}

/* ---- Tasks ---- */

void mi_task_add(struct mi_loop *loop, struct mi_task *task)
{
	if (task->queued)
		return;
	task->queued = true;
	task->next = NULL;
	*loop->last_task = task;
	loop->last_task = &task->next;
}

/* Tasks that are added meanwhile run in the next turn, so that two sessions that wake each other do
 * not keep the others waiting. */
static void run_tasks(struct mi_loop *loop)
{
	struct mi_task *task = loop->tasks, *next;

	loop->tasks = NULL;
	loop->last_task = &loop->tasks;
	for (; task; task = next) {
		next = task->next;
		task->queued = false;
		task->run(task);
	}
}

/* ---- Running ---- */

void mi_loop_lock(struct mi_loop *loop)
{
	(void)pthread_mutex_lock(&loop->lock);
}

bool mi_loop_try_lock(struct mi_loop *loop)
{
	return pthread_mutex_trylock(&loop->lock) == 0;
}

void mi_loop_unlock(struct mi_loop *loop)
{
	(void)pthread_mutex_unlock(&loop->lock);
}

void mi_loop_wake(struct mi_loop *loop)
{
	uint64_t one = 1;
	ssize_t n = write(loop->wake, &one, sizeof one);

	(void)n; /* a full counter is readable already */
}

void mi_loop_on_wake(struct mi_loop *loop, struct mi_task *task)
{
	loop->woken_task = task;
}

void mi_loop_stop(struct mi_loop *loop)
{
	loop->stop = true;
	mi_loop_wake(loop);
}

int mi_loop_run(struct mi_loop *loop, struct mi_err *err)
{
	struct epoll_event events[EVENTS];
	int ret = 0;

	mi_loop_lock(loop);
	while (!loop->stop && ret == 0) {
		int wait = wait_ms(loop), count;

		mi_loop_unlock(loop);
		count = epoll_wait(loop->epoll, events, EVENTS, wait);
		mi_loop_lock(loop);
		loop->now_us = mi_now_us();
		if (count < 0 && errno != EINTR)
			ret = mi_fail_errno(err, MI_BUG, errno, "epoll_wait");
		for (int i = 0; i < count; i++) {
			struct mi_watch *watch = events[i].data.ptr;

			watch->ready(watch, events[i].events);
		}
		fire_timers(loop);
		run_tasks(loop);
		free_let_go(loop);
	}
	mi_loop_unlock(loop);
	return ret;
}
