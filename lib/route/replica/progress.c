#include "route/replica/progress.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/thread.h"
#include "base/unix_socket.h"
#include "route/auth/users.h"
#include "route/replica/marks.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "server/conn.h"
#include "server/open.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 4 << 20,
	READ_BYTES = 64 << 10,
	PAUSE_MS = 200, /* before the source is asked again after a failure */
	BACKLOG = 4,
};

struct user_need {
	char *name;
	struct mi_causal_need need;
};

struct mi_replica_progress {
	struct mi_route *route;
	struct mi_replica_progress_options options;
	struct mi_causal *marks;
	pthread_mutex_t lock; /* of users and their needs, and of stopping */
	struct user_need **users;
	size_t user_count;

	pthread_t ear, asker;
	bool has_ear, has_asker, stopping;
	int listener, peer, stop_fd;
	struct mi_unix_file file; /* of listener */
	struct mi_buf line;
	pthread_cond_t wake;
};

/* ---- The follower ---- */

static void hang_up(struct mi_replica_progress *causal, const char *why)
{
	if (causal->peer < 0)
		return;
	mi_notice("the follower does not speak any more: %s", why);
	(void)close(causal->peer);
	causal->peer = -1;
	mi_buf_reset(&causal->line);
	mi_causal_lost(causal->marks);
}

static void take_lines(struct mi_replica_progress *causal)
{
	const char *at = causal->line.data, *end = at + causal->line.len, *newline;
	struct mi_err err = {0};

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		if (mi_causal_line(causal->marks, mi_span(at, (size_t)(newline - at)), mi_now_ms(),
		                   &err) != 0) {
			hang_up(causal, err.text);
			return;
		}
		at = newline + 1;
	}
	memmove(causal->line.data, at, (size_t)(end - at));
	causal->line.len = (size_t)(end - at);
	if (causal->line.len > LINE_MAX_BYTES)
		hang_up(causal, "it says a line that has no end");
}

static void hear(struct mi_replica_progress *causal)
{
	ssize_t got;

	mi_buf_reserve(&causal->line, READ_BYTES);
	got = recv(causal->peer, causal->line.data + causal->line.len, READ_BYTES, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		hang_up(causal, got < 0 ? strerror(errno) : "it closed the connection");
		return;
	}
	causal->line.len += (size_t)got;
	take_lines(causal);
}

/* One follower at a time: a new one takes the old one's place. */
static void let_in(struct mi_replica_progress *causal)
{
	int fd = accept4(causal->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	hang_up(causal, "another one has come");
	causal->peer = fd;
	mi_notice("a follower has come");
}

static void *listen_to_follower(void *arg)
{
	struct mi_replica_progress *causal = arg;

	for (;;) {
		struct pollfd fds[] = {{.fd = causal->stop_fd, .events = POLLIN},
		                       {.fd = causal->listener, .events = POLLIN},
		                       {.fd = causal->peer, .events = POLLIN}};

		if (poll(fds, 3, -1) < 0)
			continue;
		if (fds[0].revents)
			break;
		if (fds[2].revents)
			hear(causal);
		if (fds[1].revents)
			let_in(causal);
	}
	hang_up(causal, "the router stops");
	return NULL;
}

static int listen_at(struct mi_replica_progress *causal, struct mi_err *err)
{
	const char *path = causal->options.notify;
	struct sockaddr_un address;

	if (mi_unix_address(&address, path, err) != 0) {
		err->code = MI_USAGE;
		return mi_within(err, "--notify");
	}
	causal->listener =
	    mi_unix_listen(&address, 0600, SOCK_NONBLOCK, BACKLOG, &causal->file, err);
	return causal->listener < 0 ? mi_within(err, "--notify") : 0;
}

/* ---- The question to the source ---- */

static int ask_source(struct mi_replica_progress *causal, struct mi_conn *conn, bool *is_open,
                      struct mi_err *err)
{
	const struct mi_conn_options *source = &causal->route->server[MI_ROUTE_SOURCE].options;
	struct mi_buf text = {0};
	uint64_t asked;
	bool is_null;
	int ret = -1;

	if (!*is_open && mi_conn_open(conn, source, MI_ROLE_PLAIN, err) != 0)
		return -1;
	*is_open = true;
	asked = mi_causal_asking(causal->marks);
	if (mi_conn_value(conn, err,
	                  conn->flavour == MI_FLAVOUR_MARIADB ? "SELECT @@gtid_binlog_pos"
	                                                      : "SELECT @@gtid_executed",
	                  &text, &is_null) == 0)
		ret = mi_causal_resolve(causal->marks, asked, mi_buf_span(&text), err);
	else
		mi_causal_asked_in_vain(causal->marks);
	mi_buf_release(&text);
	if (ret != 0) {
		mi_conn_close(conn);
		*is_open = false;
	}
	return ret;
}

static bool wants_to_ask(struct mi_replica_progress *causal)
{
	return mi_route_mode(causal->route) == MI_MODE_REPLICA &&
	       mi_causal_wants_set(causal->marks);
}

static void pause_ms(struct mi_replica_progress *causal, unsigned ms)
{
	(void)mi_cond_wait_until(&causal->wake, &causal->lock, mi_now_ms() + ms);
}

/* The thread that asks the source when some need is UNKNOWN. It waits for a signal, but looks at
 * intervals, too, in case that a signal came before it waited. */
static void *ask_when_needed(void *arg)
{
	struct mi_replica_progress *causal = arg;
	struct mi_conn conn = {0};
	struct mi_err err = {0};
	bool is_open = false;

	(void)pthread_mutex_lock(&causal->lock);
	while (!causal->stopping) {
		bool wants = wants_to_ask(causal);
		int ret = 0;

		if (wants) {
			(void)pthread_mutex_unlock(&causal->lock);
			ret = ask_source(causal, &conn, &is_open, &err);
			if (ret != 0)
				mi_detail("the source's GTIDs: %s", err.text);
			(void)pthread_mutex_lock(&causal->lock);
		}
		if ((!wants || ret != 0) && !causal->stopping)
			pause_ms(causal, PAUSE_MS);
	}
	(void)pthread_mutex_unlock(&causal->lock);
	if (is_open)
		mi_conn_close(&conn);
	return NULL;
}

/* ---- Life ---- */

static int start(pthread_t *thread, bool *has, void *(*run)(void *arg), void *arg,
                 struct mi_err *err)
{
	*has = mi_thread_start(thread, run, arg, err) == 0;
	return *has ? 0 : -1;
}

int mi_replica_progress_open(struct mi_replica_progress **out, struct mi_route *route,
                             const struct mi_replica_progress_options *options, struct mi_err *err)
{
	struct mi_replica_progress *causal = mi_alloc(sizeof *causal);
	int ret = -1;

	causal->route = route;
	causal->options = *options;
	causal->marks = mi_causal_new(options->max_lag_ms);
	causal->listener = causal->peer = -1;
	causal->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&causal->lock, NULL);
	mi_cond_init(&causal->wake);
	mi_causal_expect(causal->marks, atomic_load(&route->epoch));
	if (causal->stop_fd < 0)
		(void)mi_fail_errno(err, MI_AGAIN, errno, "cannot make a descriptor");
	else if (!options->notify ||
	         (listen_at(causal, err) == 0 &&
	          start(&causal->ear, &causal->has_ear, listen_to_follower, causal, err) == 0 &&
	          start(&causal->asker, &causal->has_asker, ask_when_needed, causal, err) == 0))
		ret = 0;
	if (ret == 0)
		*out = causal;
	else
		mi_replica_progress_close(causal);
	return ret;
}

void mi_replica_progress_close(struct mi_replica_progress *causal)
{
	uint64_t one = 1;
	ssize_t n;

	if (!causal)
		return;
	(void)pthread_mutex_lock(&causal->lock);
	causal->stopping = true;
	(void)pthread_cond_signal(&causal->wake);
	(void)pthread_mutex_unlock(&causal->lock);
	n = causal->stop_fd < 0 ? 0 : write(causal->stop_fd, &one, sizeof one);
	(void)n;
	if (causal->has_asker)
		(void)pthread_join(causal->asker, NULL);
	if (causal->has_ear)
		(void)pthread_join(causal->ear, NULL);
	if (causal->listener >= 0) {
		(void)close(causal->listener);
		mi_unix_remove(causal->options.notify, &causal->file);
	}
	if (causal->stop_fd >= 0)
		(void)close(causal->stop_fd);
	for (size_t i = 0; i < causal->user_count; i++) {
		free(causal->users[i]->name);
		free(causal->users[i]);
	}
	free(causal->users);
	mi_buf_release(&causal->line);
	mi_causal_free(causal->marks);
	(void)pthread_cond_destroy(&causal->wake);
	(void)pthread_mutex_destroy(&causal->lock);
	free(causal);
}

void mi_replica_progress_mode(struct mi_replica_progress *causal, uint64_t epoch)
{
	if (!causal)
		return;
	mi_causal_unknown_all(causal->marks);
	mi_causal_expect(causal->marks, epoch);
	(void)pthread_mutex_lock(&causal->lock);
	(void)pthread_cond_signal(&causal->wake);
	(void)pthread_mutex_unlock(&causal->lock);
}

/* ---- Needs ---- */

struct mi_causal_need *mi_replica_progress_user(struct mi_replica_progress *causal,
                                                const char *name)
{
	struct user_need *found = NULL, **place;

	(void)pthread_mutex_lock(&causal->lock);
	for (size_t i = 0; i < causal->user_count && !found; i++)
		if (strcmp(causal->users[i]->name, name) == 0)
			found = causal->users[i];
	if (!found) {
		found = mi_alloc(sizeof *found);
		found->name = mi_strdup(name);
		place = mi_array_add(&causal->users, &causal->user_count, sizeof(void *));
		*place = found;
	}
	(void)pthread_mutex_unlock(&causal->lock);
	return &found->need;
}

/* The lock is needed because a user's sessions run in several threads. */
static void join_user(struct mi_replica_progress *causal, struct mi_causal_need *user,
                      const struct mi_causal_need *need)
{
	if (causal->options.scope != MI_SCOPE_USER || !user)
		return;
	(void)pthread_mutex_lock(&causal->lock);
	mi_causal_join(user, need);
	(void)pthread_mutex_unlock(&causal->lock);
}

void mi_replica_progress_wrote(struct mi_replica_progress *causal, struct mi_causal_need *session,
                               struct mi_causal_need *user, struct mi_span gtids)
{
	if (gtids.len)
		mi_causal_wrote(causal->marks, session, gtids);
	else
		mi_causal_unknown(causal->marks, session);
	join_user(causal, user, session);
}

void mi_replica_progress_saw(struct mi_replica_progress *causal, struct mi_causal_need *session,
                             struct mi_causal_need *user)
{
	if (causal->options.scope == MI_SCOPE_ALL)
		return; /* scope all: each read must see the high-water mark anyway */
	mi_causal_saw_source(causal->marks, session);
	join_user(causal, user, session);
}

static struct mi_causal_need need_of(struct mi_replica_progress *causal,
                                     const struct mi_causal_need *session,
                                     const struct mi_causal_need *user)
{
	struct mi_causal_need need = *session, high;

	if (causal->options.scope == MI_SCOPE_ALL) {
		high = mi_causal_high(causal->marks);
		mi_causal_join(&need, &high);
	} else if (causal->options.scope == MI_SCOPE_USER && user) {
		(void)pthread_mutex_lock(&causal->lock);
		mi_causal_join(&need, user);
		(void)pthread_mutex_unlock(&causal->lock);
	}
	return need;
}

enum mi_causal_answer mi_replica_progress_ask(struct mi_replica_progress *causal,
                                              const struct mi_causal_need *session,
                                              const struct mi_causal_need *user, bool first,
                                              struct mi_causal_need *arrived, uint64_t now)
{
	enum mi_causal_answer answer;

	if (!causal->options.notify)
		return MI_CAUSAL_SILENT;
	if (first)
		*arrived = need_of(causal, session, user);
	answer = mi_causal_ask(causal->marks, arrived, now, causal->options.wait_ms);
	if (answer == MI_CAUSAL_UNKNOWN) {
		(void)pthread_mutex_lock(&causal->lock);
		(void)pthread_cond_signal(&causal->wake);
		(void)pthread_mutex_unlock(&causal->lock);
	}
	return answer;
}

void mi_replica_progress_waited_in_vain(struct mi_replica_progress *causal)
{
	mi_causal_waited_in_vain(causal->marks);
}

uint64_t mi_replica_progress_wait_ms(const struct mi_replica_progress *causal)
{
	return causal->options.wait_ms;
}

void mi_replica_progress_status(struct mi_replica_progress *causal, struct mi_buf *text)
{
	struct mi_causal_status status;

	mi_causal_status(causal->marks, mi_now_ms(), &status);
	if (status.believed)
		mi_buf_addf(text, "lag_ms %llu\ntarget_has %s\n", (unsigned long long)status.lag_ms,
		            mi_buf_cstr(&status.target));
	else
		mi_buf_add_str(text, "lag_ms unknown\ntarget_has unknown\n");
	mi_buf_addf(text, "high_water %s\nmarks_pending %llu\n",
	            status.unknown    ? "unknown"
	            : status.high.len ? mi_buf_cstr(&status.high)
	                              : "-",
	            (unsigned long long)status.pending);
	mi_buf_release(&status.target);
	mi_buf_release(&status.high);
}
