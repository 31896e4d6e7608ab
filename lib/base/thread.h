/* Threads beside the first one. */
#ifndef MI_BASE_THREAD_H
#define MI_BASE_THREAD_H

#include "base/err.h"

#include <pthread.h>

/* Starts a thread that takes no signals: those are for the first thread, where it waits for them.
 * To be ended by pthread_join. MI_AGAIN: there can be no more threads now. */
MI_MUST int mi_thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg,
                            struct mi_err *err);

#endif
