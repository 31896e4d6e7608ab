/* Two clocks, and waiting for a moment of the first: the monotonic one for how long something takes
 * and when to give up (it never jumps), the wall clock for what is shown or sent to others. */
#ifndef MI_BASE_CLOCK_H
#define MI_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The monotonic clock, from an arbitrary beginning, in milliseconds and in microseconds. */
uint64_t mi_now_ms(void);
uint64_t mi_now_us(void);

/* The wall clock: microseconds since 1970, UTC. */
uint64_t mi_wall_us(void);

/* Prepares a condition for mi_cond_wait_until; pthread_cond_destroy undoes it. */
void mi_cond_init(pthread_cond_t *cond);

/* Waits, with lock held, until cond is signalled (true: look again, as after pthread_cond_wait) or
 * mi_now_ms has reached until_ms (false). cond is one that mi_cond_init has made. */
bool mi_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_ms);

#endif
