#include "base/stop.h"
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lock-free, so good in a signal handler and between threads (C11 7.14.1.1). */
static atomic_int asked;
static atomic_int asked_by;
static int stop_pipe[2] = {-1, -1};

static void wake(void)
{
	ssize_t n = write(stop_pipe[1], "", 1);

	(void)n; /* a full pipe is readable already */
}

static void on_signal(int sig)
{
	int saved = errno;

	if (asked && asked_by)
		_exit(MI_AGAIN);
	asked_by = sig;
	asked = 1;
	wake();
	errno = saved;
}

void mi_stop_install(void)
{
	static const int sigs[] = {SIGTERM, SIGINT, SIGHUP};
	struct sigaction act;

	memset(&act, 0, sizeof act);
	(void)sigemptyset(&act.sa_mask);
	if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		abort();
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
	act.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
		(void)sigaction(sigs[i], &act, NULL);
}

bool mi_stop_asked(void)
{
	return asked;
}

void mi_stop_ask(void)
{
	asked = 1;
	if (stop_pipe[1] >= 0)
		wake();
}

int mi_stop_fd(void)
{
	return stop_pipe[0];
}

int mi_stop_fail(struct mi_err *err)
{
	if (!asked_by)
		return mi_fail(err, MI_AGAIN, "stopped because another part failed");
	return mi_fail(err, MI_AGAIN, "stopped by signal %d (%s)", (int)asked_by,
	               strsignal((int)asked_by));
}
