#include "apply/notify.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/unix_socket.h"
#include "gtid/gtid.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEAT_MS = 150 };

struct mi_notify {
	struct mi_notify_options options;
	struct sockaddr_un address;
	pthread_t thread;
	pthread_mutex_t lock; /* of all members below; never held while waiting for the socket */
	pthread_cond_t wake;
	bool stopping;
	int fd;     /* -1: not connected */
	char *flow; /* NULL: nothing is to be sent yet */
	char *database;
	uint64_t epoch;
	struct mi_gtid_set *set; /* all that has been applied, sent or not */
	struct mi_buf line;
};

static void drop(struct mi_notify *n, const char *why)
{
	if (n->fd < 0)
		return;
	mi_detail("notify: %s: %s", n->options.path, why);
	(void)close(n->fd);
	n->fd = -1;
}

/* Sends the line in n->line. A line that is not sent whole ends the connection. */
static void say(struct mi_notify *n)
{
	ssize_t sent;

	if (n->fd < 0)
		return;
	mi_buf_add_char(&n->line, '\n');
	sent = send(n->fd, n->line.data, n->line.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0)
		drop(n, strerror(errno));
	else if ((size_t)sent < n->line.len)
		drop(n, "it does not keep up");
}

static void say_set(struct mi_notify *n, const char *word, const struct mi_gtid_set *set)
{
	if (n->fd < 0)
		return;
	mi_buf_reset(&n->line);
	mi_buf_add_str(&n->line, word);
	mi_buf_add_char(&n->line, ' ');
	mi_gtid_print(set, &n->line);
	say(n);
}

static void say_flow(struct mi_notify *n)
{
	mi_buf_reset(&n->line);
	mi_buf_addf(&n->line, "flow %s epoch %llu", n->flow, (unsigned long long)n->epoch);
	say(n);
	if (n->fd < 0)
		return;
	mi_buf_reset(&n->line);
	mi_buf_addf(&n->line, "database %s", n->database);
	say(n);
	say_set(n, "all", n->set);
}

/* Connects if the router is there; the next beat tries again. */
static void try_connect(struct mi_notify *n)
{
	int fd = mi_unix_connect(&n->address, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	n->fd = fd;
	mi_detail("notify: %s: connected", n->options.path);
	say_flow(n);
}

static void beat(struct mi_notify *n, uint64_t lag)
{
	if (!n->flow)
		return;
	if (n->fd < 0)
		try_connect(n);
	if (n->fd < 0)
		return;
	mi_buf_reset(&n->line);
	mi_buf_addf(&n->line, "beat %llu", (unsigned long long)lag);
	say(n);
}

static void *run(void *arg)
{
	struct mi_notify *n = arg;

	for (;;) {
		uint64_t lag = n->options.lag_ms(n->options.user), next = mi_now_ms() + BEAT_MS;
		bool in_time = true;

		(void)pthread_mutex_lock(&n->lock);
		beat(n, lag);
		while (!n->stopping && in_time)
			in_time = mi_cond_wait_until(&n->wake, &n->lock, next);
		if (n->stopping)
			break;
		(void)pthread_mutex_unlock(&n->lock);
	}
	(void)pthread_mutex_unlock(&n->lock);
	return NULL;
}

static void release(struct mi_notify *n)
{
	drop(n, "closed");
	(void)pthread_cond_destroy(&n->wake);
	(void)pthread_mutex_destroy(&n->lock);
	mi_gtid_free(n->set);
	mi_buf_release(&n->line);
	free(n->flow);
	free(n->database);
	free(n);
}

int mi_notify_start(struct mi_notify **notify, const struct mi_notify_options *options,
                    struct mi_err *err)
{
	struct sockaddr_un address;
	struct mi_notify *n;
	int failed;

	if (mi_unix_address(&address, options->path, err) != 0) {
		err->code = MI_USAGE;
		return mi_within(err, "--notify");
	}
	n = mi_alloc(sizeof *n);
	n->options = *options;
	n->address = address;
	n->fd = -1;
	(void)pthread_mutex_init(&n->lock, NULL);
	mi_cond_init(&n->wake);
	failed = pthread_create(&n->thread, NULL, run, n);
	if (failed) {
		release(n);
		return mi_fail_errno(err, MI_AGAIN, failed, "cannot start a thread");
	}
	*notify = n;
	return 0;
}

void mi_notify_begin(struct mi_notify *n, const char *flow, const char *database, uint64_t epoch,
                     const struct mi_gtid_set *set)
{
	if (!n)
		return;
	(void)pthread_mutex_lock(&n->lock);
	free(n->flow);
	n->flow = mi_strdup(flow);
	free(n->database);
	n->database = mi_strdup(database);
	n->epoch = epoch;
	mi_gtid_free(n->set);
	n->set = mi_gtid_copy(set);
	if (n->fd < 0)
		try_connect(n);
	else
		say_flow(n);
	(void)pthread_mutex_unlock(&n->lock);
}

void mi_notify_add(struct mi_notify *n, const struct mi_gtid_set *more)
{
	struct mi_err err;

	if (!n || mi_gtid_is_empty(more))
		return;
	(void)pthread_mutex_lock(&n->lock);
	if (mi_gtid_union(n->set, more, &err) == 0)
		say_set(n, "add", more);
	(void)pthread_mutex_unlock(&n->lock);
}

void mi_notify_stop(struct mi_notify *n)
{
	if (!n)
		return;
	(void)pthread_mutex_lock(&n->lock);
	n->stopping = true;
	(void)pthread_cond_signal(&n->wake);
	(void)pthread_mutex_unlock(&n->lock);
	(void)pthread_join(n->thread, NULL);
	release(n);
}
