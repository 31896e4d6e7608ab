#include "base/thread.h"
#include "base/err.h"

#include <signal.h>

int mi_thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg, struct mi_err *err)
{
	sigset_t all, before;
	int failed;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(thread, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? mi_fail_errno(err, MI_AGAIN, failed, "cannot start a thread") : 0;
}
