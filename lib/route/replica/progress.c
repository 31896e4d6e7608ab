#include "route/replica/progress.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/thread.h"
#include "base/unix_socket.h"
#include "gtid/gtid.h"
#include "route/auth/users.h"
#include "route/catalogue/catalogue.h"
#include "route/replica/marks.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "server/conn.h"
#include "server/open.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
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
	OWNED_TRIES = 200, /* a round trip each */
};

struct user_need {
	char *name;
	struct mi_causal_need need;
};

struct mi_replica_progress {
	struct mi_route *route;
	struct mi_replica_progress_options options;
	struct mi_causal *marks;
	atomic_int under_way; /* commands at the source that may commit */
	pthread_mutex_t lock; /* of users and their needs, of wanted and stopping */
	struct user_need **users;
	size_t user_count;

	pthread_t ear, asker;
	bool has_ear, has_asker, stopping;
	bool wanted; /* a read waits for the source's answer */
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

/* "database NAME": the marks do not care. */
static void hear_database(struct mi_replica_progress *causal, struct mi_span line)
{
	static const char word[] = "database ";
	size_t len = sizeof word - 1;

	if (line.len > len && memcmp(line.data, word, len) == 0)
		mi_catalogue_told(causal->route->catalogue,
		                  mi_span(line.data + len, line.len - len));
}

static void take_lines(struct mi_replica_progress *causal)
{
	const char *at = causal->line.data, *end = at + causal->line.len, *newline;
	struct mi_err err = {0};

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		hear_database(causal, mi_span(at, (size_t)(newline - at)));
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

/* *busy: a transaction of `before` is still under way. MySQL shows the rows of a transaction to
 * others a moment before gtid_executed has it: until then gtid_owned has, as "uuid:5#thread". */
static int take_owned(struct mi_span owned, struct mi_gtid_set **before, bool *busy,
                      struct mi_err *err)
{
	struct mi_buf text = {0};
	struct mi_gtid_set *now;
	bool in_thread = false;
	int ret;

	for (size_t i = 0; i < owned.len; i++) {
		in_thread = owned.data[i] == '#' ||
		            (in_thread && owned.data[i] != ':' && owned.data[i] != ',');
		if (!in_thread)
			mi_buf_add_char(&text, owned.data[i]);
	}
	ret = mi_gtid_parse(mi_buf_span(&text), &now, err);
	mi_buf_release(&text);
	if (ret != 0)
		return mi_within(err, "cannot read gtid_owned");
	if (*before) {
		ret = mi_gtid_intersect(*before, now, err);
		mi_gtid_free(now);
	} else {
		*before = now;
	}
	*busy = !mi_gtid_is_empty(*before);
	return ret;
}

/* MySQL. gtid_owned is read first: what leaves it is in gtid_executed by then. */
static int read_executed(struct mi_conn *conn, struct mi_buf *executed, struct mi_err *err)
{
	static const char query[] =
	    "SELECT CONCAT(@@GLOBAL.gtid_owned, '/', @@GLOBAL.gtid_executed)";
	struct mi_gtid_set *before = NULL;
	const char *slash;
	bool busy = true;
	int ret = 0;

	for (unsigned tries = 0; busy && ret == 0; tries++) {
		mi_buf_reset(executed);
		ret = tries == OWNED_TRIES ? mi_fail(err, MI_AGAIN, "transactions do not end")
		                           : mi_conn_value(conn, err, query, executed, NULL);
		if (ret != 0)
			break;
		slash = strchr(mi_buf_cstr(executed), '/');
		ret = take_owned(
		    mi_span(executed->data, slash ? (size_t)(slash - executed->data) : 0), &before,
		    &busy, err);
	}
	mi_gtid_free(before);
	return ret;
}

static int read_set(struct mi_conn *conn, struct mi_buf *text, struct mi_span *set,
                    struct mi_err *err)
{
	const char *slash;

	if (conn->flavour == MI_FLAVOUR_MYSQL) {
		if (read_executed(conn, text, err) != 0)
			return -1;
		slash = strchr(mi_buf_cstr(text), '/');
		*set = slash ? mi_span_str(slash + 1) : mi_buf_span(text);
		return 0;
	}
	/* MariaDB's position moves before others see the rows */
	if (mi_conn_value(conn, err,
	                  conn->flavour == MI_FLAVOUR_MARIADB ? "SELECT @@gtid_binlog_pos"
	                                                      : "SELECT @@gtid_executed",
	                  text, NULL) != 0)
		return -1;
	*set = mi_buf_span(text);
	return 0;
}

static int ask_source(struct mi_replica_progress *causal, struct mi_conn *conn, bool *is_open,
                      struct mi_err *err)
{
	const struct mi_conn_options *source = &causal->route->server[MI_ROUTE_SOURCE].options;
	struct mi_buf text = {0};
	struct mi_span set;
	uint64_t asked;
	int ret = -1;

	if (!*is_open && mi_conn_open(conn, source, MI_ROLE_PLAIN, err) != 0)
		return -1;
	*is_open = true;
	asked = mi_causal_asking(causal->marks);
	if (read_set(conn, &text, &set, err) == 0)
		ret = mi_causal_resolve(causal->marks, asked, set, err);
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

/* The thread that asks the source when some need is UNKNOWN: at once when a read waits for that,
 * and at intervals. */
static void *ask_when_needed(void *arg)
{
	struct mi_replica_progress *causal = arg;
	struct mi_conn conn = {0};
	struct mi_err err = {0};
	bool is_open = false;

	(void)pthread_mutex_lock(&causal->lock);
	while (!causal->stopping) {
		int ret = 0;

		causal->wanted = false;
		if (wants_to_ask(causal)) {
			(void)pthread_mutex_unlock(&causal->lock);
			ret = ask_source(causal, &conn, &is_open, &err);
			if (ret != 0)
				mi_detail("the source's GTIDs: %s", err.text);
			(void)pthread_mutex_lock(&causal->lock);
		}
		if ((!causal->wanted || ret != 0) && !causal->stopping)
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

void mi_replica_progress_begins(struct mi_replica_progress *causal)
{
	atomic_fetch_add(&causal->under_way, 1);
}

void mi_replica_progress_ends(struct mi_replica_progress *causal)
{
	atomic_fetch_sub(&causal->under_way, 1);
}

void mi_replica_progress_saw(struct mi_replica_progress *causal, struct mi_causal_need *session,
                             struct mi_causal_need *user, bool own)
{
	/* before the marks are looked at: what is over by now has left its own */
	if (atomic_load(&causal->under_way) > own) {
		mi_replica_progress_wrote(causal, session, user, (struct mi_span){0});
		return;
	}
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
	if (answer == MI_CAUSAL_UNKNOWN || answer == MI_CAUSAL_ASKED) {
		(void)pthread_mutex_lock(&causal->lock);
		causal->wanted = true;
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

bool mi_replica_progress_why(struct mi_replica_progress *causal, struct mi_buf *why)
{
	struct mi_causal_status status;
	bool is_so = true;

	mi_causal_status(causal->marks, mi_now_ms(), &status);
	if (!causal->options.notify)
		mi_buf_add_str(why, "no-notify");
	else if (!status.told)
		mi_buf_add_str(why, "no-follower");
	else if (status.epoch != status.expected)
		mi_buf_addf(why, "epoch %llu not %llu", (unsigned long long)status.epoch,
		            (unsigned long long)status.expected);
	else if (!status.believed)
		mi_buf_addf(why, "silent %llu ms", (unsigned long long)status.silent_ms);
	else if (status.behind)
		mi_buf_addf(why, "behind %llu ms", (unsigned long long)status.lag_ms);
	else if (status.unknown)
		mi_buf_add_str(why, "unknown");
	else
		is_so = false;
	mi_buf_release(&status.target);
	mi_buf_release(&status.high);
	return is_so;
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
