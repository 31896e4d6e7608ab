#include "side/route_control.h"
#include "base/msg.h"
#include "base/opt.h"
#include "side/route_leg.h"
#include "side/route_metrics.h"
#include "side/route_mode.h"
#include "side/route_session.h"
#include "side/route_switch.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WORDS = 4, BACKLOG = 16, PEERS = 32, LISTED = 10000, HOLD_MAX_MS = 600 * 1000 };
enum { WARM_AT_ONCE = 16, WARM_MS = 5, WARM_LIMIT_MS = 30 * 1000 };

/* One who speaks to us. */
struct peer {
	struct mi_leg leg;
	struct mi_control *control;
	struct peer *prev, *next;
	struct mi_buf text; /* of the answer in hand */
	bool waiting;       /* for a hold or for warm sessions: its next line is not looked at */
	bool holds;
	bool gone; /* freed by the task */
};

struct mi_control {
	struct mi_route *route;
	struct mi_lease *lease;
	struct mi_control_options options;
	struct mi_watch watch;
	struct mi_task work;
	int fd;
	struct peer *peers;
	unsigned count;
	struct peer *warming; /* NULL: nobody, or it has gone */
	struct mi_timer warm_timer;
	enum mi_route_side warm_side;
	uint64_t warm_until;
	struct mi_watch hup;
	int hup_fd;
};

static struct mi_loop *loop_of(const struct mi_control *control)
{
	return control->route->loops[0];
}

/* ---- Answers ---- */

static void leave(struct peer *peer)
{
	struct mi_control *control = peer->control;

	if (peer->gone)
		return;
	peer->gone = true;
	if (control->warming == peer)
		control->warming = NULL;
	mi_leg_close(&peer->leg);
	mi_lease_leave(control->lease, peer);
	mi_task_add(loop_of(control), &control->work);
}

static void send_text(struct peer *peer)
{
	if (!peer->gone && mi_leg_write(&peer->leg, mi_buf_span(&peer->text)) != 0)
		leave(peer);
	mi_buf_release(&peer->text);
}

static void answer_ok(struct peer *peer, const char *fmt, ...) MI_PRINTF(2, 3);
static void answer_ok(struct peer *peer, const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	mi_buf_addf(&peer->text, "ok%s%s\n", *line ? " " : "", line);
	send_text(peer);
}

static void answer_error(struct peer *peer, const struct mi_err *err)
{
	char line[MI_CONTROL_LINE];

	(void)snprintf(line, sizeof line - 1, "error %d %s%s%s", err->code ? err->code : MI_BUG,
	               err->text, *err->hint ? ": " : "", err->hint);
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	mi_buf_addf(&peer->text, "%s\n", line);
	send_text(peer);
}

static void answer_fail(struct peer *peer, int code, const char *text)
{
	struct mi_err err = {0};

	(void)mi_fail(&err, code, "%s", text);
	answer_error(peer, &err);
}

/* ---- status, metrics and lists ---- */

static void add_status(const struct mi_control *control, struct mi_buf *text)
{
	struct mi_route *route = control->route;
	struct mi_route_tally tally;
	struct mi_lease_counters counters;

	mi_route_tally(route, &tally);
	mi_lease_counters(control->lease, &counters);
	mi_buf_addf(text, "mode %s\nepoch %llu\n", mi_route_mode_names[mi_route_mode(route)],
	            (unsigned long long)atomic_load(&route->epoch));
	mi_buf_addf(text, "sessions %u\nbusy %u\npinned %u\nwaiting %u\nheld %s\n", tally.sessions,
	            tally.busy, tally.pinned, tally.waiting, mi_lease_token(control->lease));
	mi_buf_addf(text, "last_hold_ms %llu\n", (unsigned long long)counters.last_ms);
	if (control->options.lines.status)
		control->options.lines.status(route, text);
}

static void do_status(struct peer *peer)
{
	add_status(peer->control, &peer->text);
	answer_ok(peer, "%s", "");
}

static void do_metrics(struct peer *peer)
{
	struct mi_control *control = peer->control;

	mi_metrics_print(control->route, control->lease, &peer->text);
	if (control->options.lines.metrics)
		control->options.lines.metrics(control->route, &peer->text);
	answer_ok(peer, "%s", "");
}

static void do_incompatible(struct peer *peer)
{
	struct mi_control *control = peer->control;

	if (control->options.lines.incompatible)
		control->options.lines.incompatible(control->route, &peer->text);
	answer_ok(peer, "%s", "");
}

static void do_pinned(struct peer *peer)
{
	unsigned count = mi_lease_obstacles(peer->control->route, false, true, LISTED, &peer->text);

	answer_ok(peer, "%u", count);
}

struct listing {
	struct mi_buf *text;
	uint64_t now;
	unsigned count;
};

static void list_session(struct mi_route_session *session, void *arg)
{
	static const char *const loads[] = {"free", "busy", "pinned"};
	struct listing *listing = arg;

	if (listing->count++ >= LISTED || session->phase == MI_SESSION_CLOSED)
		return;
	mi_buf_addf(listing->text, "%u %s@%s %s %s %llu ms source=%u target=%u\n", session->id,
	            session->user ? session->user->name : "-", session->peer, loads[session->load],
	            session->command.running           ? "running"
	            : session->wait != MI_WAIT_NOTHING ? "waiting"
	                                               : "idle",
	            (unsigned long long)(listing->now - session->since),
	            session->back[MI_ROUTE_SOURCE].connection_id,
	            session->back[MI_ROUTE_TARGET].connection_id);
}

static void do_sessions(struct peer *peer)
{
	struct mi_control *control = peer->control;
	struct listing listing = {.text = &peer->text, .now = mi_loop_now(loop_of(control))};

	mi_route_each_session(control->route, list_session, &listing);
	answer_ok(peer, "%u", listing.count);
}

static void do_evict(struct peer *peer)
{
	answer_ok(peer, "evicted %u", mi_route_evict(peer->control->route));
}

/* ---- hold, release, mode ---- */

static void tell_holder(void *holder, enum mi_lease_news news, const struct mi_err *err)
{
	struct peer *peer = holder;
	struct mi_control *control = peer->control;

	if (news == MI_LEASE_GRANTED) {
		mi_buf_addf(&peer->text, "held %s %llu\n", mi_lease_token(control->lease),
		            (unsigned long long)atomic_load(&control->route->epoch));
		peer->waiting = false;
		peer->holds = true;
		send_text(peer);
	} else {
		bool held = peer->holds;

		peer->waiting = false;
		peer->holds = false;
		if (err && err->code)
			answer_error(peer, err);
		else if (held)
			answer_ok(peer, "released");
	}
	mi_task_add(loop_of(control), &control->work); /* lines that came meanwhile */
}

static bool seconds_of(const char *text, uint64_t *ms)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = *text >= '0' && *text <= '9' ? strtod(text, &end) : -1;
	if (seconds < 0 || errno || *end || !isfinite(seconds) || seconds * 1000 > HOLD_MAX_MS)
		return false;
	*ms = (uint64_t)(seconds * 1000);
	return *ms > 0;
}

static void do_hold(struct peer *peer, const char *seconds, const char *evict)
{
	struct mi_err err = {0};
	uint64_t ms;

	if (!seconds_of(seconds, &ms) || (*evict && strcmp(evict, "evict") != 0)) {
		answer_fail(peer, MI_USAGE, "hold SECONDS [evict], at most 600 seconds");
		return;
	}
	peer->waiting = true;
	if (mi_lease_begin(peer->control->lease, ms, *evict, tell_holder, peer, &err) == 0)
		return;
	peer->waiting = false;
	answer_error(peer, &err);
}

static void do_release(struct peer *peer, const char *token)
{
	struct mi_err err = {0};
	bool own = peer->holds;

	if (mi_lease_release(peer->control->lease, mi_span_str(token), &err) != 0)
		answer_error(peer, &err);
	else if (!own || peer->holds) /* else it has been told as the holder */
		answer_ok(peer, "released");
}

static void do_mode(struct peer *peer, const char *name, const char *token)
{
	struct mi_control *control = peer->control;
	struct mi_err err = {0};
	enum mi_route_mode mode;

	if (!mi_mode_of(mi_span_str(name), &mode)) {
		answer_fail(peer, MI_USAGE, "mode source|replica|primary|target [TOKEN]");
		return;
	}
	if (mi_lease_mode(control->lease, mode, mi_span_str(token), &err) != 0) {
		answer_error(peer, &err);
		return;
	}
	answer_ok(peer, "mode %s epoch %llu", name,
	          (unsigned long long)atomic_load(&control->route->epoch));
	mi_lease_admit(control->lease);
}

/* ---- warm ---- */

static void look_at_warmth(struct mi_timer *timer)
{
	struct mi_control *control =
	    (struct mi_control *)(void *)((char *)timer - offsetof(struct mi_control, warm_timer));
	struct peer *peer = control->warming;
	struct mi_route_warmth warmth;
	struct mi_err err = {0};
	bool late = mi_loop_now(loop_of(control)) >= control->warm_until;

	if (!peer)
		return; /* it has gone */
	mi_route_warm(control->route, control->warm_side, WARM_AT_ONCE, &warmth);
	if (warmth.to_come && !late && !warmth.failed) {
		mi_timer_set(loop_of(control), timer, WARM_MS);
		return;
	}
	control->warming = NULL;
	peer->waiting = false;
	if (warmth.to_come || warmth.failed) {
		(void)mi_fail(&err, MI_UNAVAILABLE, "the %s took %u sessions, %u are missing",
		              mi_route_side_names[control->warm_side], warmth.warm,
		              warmth.to_come + warmth.failed);
		answer_error(peer, &err);
	} else {
		answer_ok(peer, "warmed %u", warmth.warm);
	}
	mi_task_add(loop_of(control), &control->work);
}

/* The side that the next switch goes to, or the reads of this mode. */
static void do_warm(struct peer *peer)
{
	struct mi_control *control = peer->control;
	enum mi_route_mode mode = mi_route_mode(control->route);

	if (mode == MI_MODE_TARGET) {
		answer_ok(peer, "warmed 0");
		return;
	}
	if (control->warming) {
		answer_fail(peer, MI_AGAIN, "sessions are being warmed already");
		return;
	}
	control->warming = peer;
	peer->waiting = true;
	control->warm_side = mode == MI_MODE_PRIMARY ? MI_ROUTE_SOURCE : MI_ROUTE_TARGET;
	control->warm_until = mi_loop_now(loop_of(control)) + WARM_LIMIT_MS;
	look_at_warmth(&control->warm_timer);
}

/* ---- Users: detach and reload ---- */

/* A session's next connections are made as the new file says. One whose user has gone keeps what it
 * logged in with. */
static void take_users(struct mi_route_session *session, void *arg)
{
	struct mi_route_users *users = arg;
	const struct mi_route_user *user;

	if (!session->user || session->phase < MI_SESSION_READY ||
	    session->phase == MI_SESSION_CHANGE_USER || session->phase == MI_SESSION_CLOSED)
		return;
	user = mi_route_users_find(users, mi_span_str(session->user->name));
	if (!user)
		return;
	for (int side = 0; side < MI_ROUTE_SIDES; side++) /* a login under way has pointers */
		if (session->back[side].state >= MI_BACK_CONNECTING &&
		    session->back[side].state <= MI_BACK_LOGIN)
			return;
	mi_route_users_drop(session->users);
	session->users = mi_route_users_hold(users);
	session->user = user;
	session->auth.user = user;
}

int mi_control_reload(struct mi_control *control, struct mi_err *err)
{
	struct mi_route *route = control->route;
	struct mi_route_users *users, *old;

	if (mi_route_users_read(control->options.users, &users, err) != 0)
		return -1;
	(void)pthread_mutex_lock(&route->users_lock);
	old = route->users;
	route->users = users;
	(void)pthread_mutex_unlock(&route->users_lock);
	mi_route_users_drop(old);
	mi_route_each_session(route, take_users, users);
	mi_notice("%zu users in %s", mi_route_users_count(users), control->options.users);
	return 0;
}

static void do_detach(struct peer *peer, const char *name)
{
	struct mi_control *control = peer->control;
	enum mi_route_side side = strcmp(name, "target") == 0 ? MI_ROUTE_TARGET : MI_ROUTE_SOURCE;
	enum mi_route_mode needed = side == MI_ROUTE_TARGET ? MI_MODE_SOURCE : MI_MODE_TARGET;
	struct mi_err err = {0};

	if (strcmp(name, mi_route_side_names[side]) != 0) {
		answer_fail(peer, MI_USAGE, "detach source|target");
		return;
	}
	if (mi_route_mode(control->route) != needed) {
		(void)mi_fail(&err, MI_USAGE,
		              "the %s is in use: it can be detached in mode %s only", name,
		              mi_route_mode_names[needed]);
		answer_error(peer, &err);
		return;
	}
	if (mi_route_users_detach(control->options.users, side, &err) != 0 ||
	    mi_control_reload(control, &err) != 0) {
		answer_error(peer, &err);
		return;
	}
	mi_route_close_side(control->route, side);
	answer_ok(peer, "detached %s", name);
}

/* ---- Lines ---- */

struct command {
	const char *name;
	unsigned min, max; /* words after it */
	void (*plain)(struct peer *peer);
	void (*one)(struct peer *peer, const char *word);
	void (*two)(struct peer *peer, const char *word, const char *other);
};

static const struct command commands[] = {
    {"status", 0, 0, do_status, NULL, NULL},
    {"metrics", 0, 0, do_metrics, NULL, NULL},
    {"incompatible", 0, 0, do_incompatible, NULL, NULL},
    {"pinned", 0, 0, do_pinned, NULL, NULL},
    {"sessions", 0, 0, do_sessions, NULL, NULL},
    {"evict", 0, 0, do_evict, NULL, NULL},
    {"hold", 1, 2, NULL, NULL, do_hold},
    {"release", 1, 1, NULL, do_release, NULL},
    {"mode", 1, 2, NULL, NULL, do_mode},
    {"warm", 0, 0, do_warm, NULL, NULL},
    {"detach", 1, 1, NULL, do_detach, NULL},
};

/* Splits in place; missing words are empty. Returns how many there are, WORDS + 1 for too many. */
static unsigned split(char *line, const char *words[WORDS])
{
	char *rest = line;
	unsigned count = 0;

	for (unsigned i = 0; i < WORDS; i++)
		words[i] = "";
	for (char *word; (word = strsep(&rest, " \t")) != NULL;) {
		if (!*word)
			continue;
		if (count == WORDS)
			return WORDS + 1;
		words[count++] = word;
	}
	return count;
}

static void obey(struct peer *peer, char *line)
{
	const char *words[WORDS];
	unsigned count = split(line, words);

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *command = &commands[i];

		if (strcmp(words[0], command->name) != 0)
			continue;
		if (count - 1 < command->min || count - 1 > command->max)
			break;
		if (command->plain)
			command->plain(peer);
		else if (command->one)
			command->one(peer, words[1]);
		else
			command->two(peer, words[1], words[2]);
		return;
	}
	answer_fail(peer, MI_USAGE, "no such command: see mi-route(1), CONTROL SOCKET");
}

/* Takes one line off data and obeys it. False: there is no whole line, or it cannot be taken now.
 */
static bool take_line(struct peer *peer, struct mi_span *data)
{
	const char *end = data->len ? memchr(data->data, '\n', data->len) : NULL;
	char line[MI_CONTROL_LINE + 1];
	size_t len = end ? (size_t)(end - data->data) : data->len;

	if (len > MI_CONTROL_LINE) {
		answer_fail(peer, MI_USAGE, "a line of more than 512 bytes");
		leave(peer);
		return false;
	}
	if (!end || peer->waiting || mi_leg_is_blocked(&peer->leg))
		return false;
	memcpy(line, data->data, len);
	line[len > 0 && line[len - 1] == '\r' ? len - 1 : len] = '\0';
	*data = mi_span(end + 1, data->len - len - 1);
	obey(peer, line);
	return !peer->gone;
}

/* What was read but not taken is in the leg until the next event. */
static void take_kept(struct peer *peer)
{
	struct mi_buf kept = peer->leg.in;
	struct mi_span data = mi_buf_span(&kept);

	peer->leg.in = (struct mi_buf){0};
	while (take_line(peer, &data))
		continue;
	if (!peer->gone) {
		mi_buf_add_span(&peer->leg.in, data);
		if (peer->leg.in.len == 0)
			mi_buf_release(&peer->leg.in);
	}
	mi_buf_release(&kept);
}

static void read_lines(struct peer *peer)
{
	struct mi_span data;

	while (!peer->gone && peer->leg.readable) {
		switch (mi_leg_read(&peer->leg, &data)) {
		case MI_LEG_BYTES:
			mi_leg_keep(&peer->leg, data);
			take_kept(peer);
			break;
		case MI_LEG_NOTHING:
			return;
		case MI_LEG_CLOSED:
			leave(peer);
			return;
		}
	}
}

static void peer_event(struct mi_watch *watch, uint32_t events)
{
	struct peer *peer =
	    (struct peer *)(void *)((char *)watch - offsetof(struct peer, leg.watch));

	if (peer->gone)
		return;
	mi_leg_event(&peer->leg, events);
	if (mi_leg_flush(&peer->leg) != 0) {
		leave(peer);
		return;
	}
	if (peer->leg.in.len)
		take_kept(peer);
	read_lines(peer);
}

/* ---- Who may speak ---- */

static bool may_speak(int fd)
{
	struct ucred who;
	socklen_t size = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
	    (who.uid == 0 || who.uid == geteuid()))
		return true;
	mi_warn("control socket: uid %ld is not heard", (long)who.uid);
	return false;
}

static void refuse(int fd, const char *line)
{
	ssize_t n = write(fd, line, strlen(line)); /* as much as the socket takes at once */

	(void)n;
	(void)close(fd);
}

static void welcome(struct mi_control *control, int fd)
{
	struct peer *peer;
	struct mi_err err = {0};

	if (!may_speak(fd)) {
		refuse(fd, "error 77 only root and the router's own user are heard\n");
		return;
	}
	if (control->count >= PEERS) {
		refuse(fd, "error 75 too many connections to the control socket\n");
		return;
	}
	peer = mi_alloc(sizeof *peer);
	peer->control = control;
	peer->leg.watch.ready = peer_event;
	peer->leg.local = true;
	peer->next = control->peers;
	if (peer->next)
		peer->next->prev = peer;
	control->peers = peer;
	control->count++;
	mi_detail("control socket: a peer, %u in all", control->count);
	if (mi_leg_open(&peer->leg, loop_of(control), fd, false, &err) != 0) {
		mi_warn("control socket: %s", err.text);
		leave(peer);
	}
}

static void on_connect(struct mi_watch *watch, uint32_t events)
{
	struct mi_control *control =
	    (struct mi_control *)(void *)((char *)watch - offsetof(struct mi_control, watch));
	int fd;

	(void)events;
	while ((fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		welcome(control, fd);
}

static void free_peer(struct peer *peer)
{
	struct mi_control *control = peer->control;

	if (peer->next)
		peer->next->prev = peer->prev;
	if (peer->prev)
		peer->prev->next = peer->next;
	else
		control->peers = peer->next;
	control->count--;
	mi_buf_release(&peer->text);
	free(peer);
}

/* At the end of a turn: who has gone is freed, who waited no longer is heard again. */
static void work(struct mi_task *task)
{
	struct mi_control *control =
	    (struct mi_control *)(void *)((char *)task - offsetof(struct mi_control, work));
	struct peer *next;

	for (struct peer *at = control->peers; at; at = next) {
		next = at->next;
		if (!at->gone && !at->waiting && at->leg.in.len)
			take_kept(at);
		if (at->gone)
			free_peer(at);
	}
}

/* ---- SIGHUP ---- */

static void on_hup(struct mi_watch *watch, uint32_t events)
{
	struct mi_control *control =
	    (struct mi_control *)(void *)((char *)watch - offsetof(struct mi_control, hup));
	struct signalfd_siginfo info;
	struct mi_err err = {0};

	(void)events;
	while (read(control->hup_fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (mi_control_reload(control, &err) != 0)
			mi_warn("the users stay as they were: %s", err.text);
}

static int watch_hup(struct mi_control *control, struct mi_err *err)
{
	sigset_t hup;

	(void)sigemptyset(&hup);
	(void)sigaddset(&hup, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &hup, NULL);
	control->hup_fd = signalfd(-1, &hup, SFD_NONBLOCK | SFD_CLOEXEC);
	if (control->hup_fd < 0)
		return mi_fail_errno(err, MI_AGAIN, errno, "cannot wait for a signal");
	return mi_loop_watch(loop_of(control), control->hup_fd, EPOLLIN, &control->hup, err);
}

/* ---- Life ---- */

static int listen_at(struct mi_control *control, struct mi_err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = control->options.path;
	mode_t before;
	int bound;

	if (strlen(path) >= sizeof address.sun_path)
		return mi_fail(err, MI_CONFIG, "%s: too long for a socket's path", path);
	memcpy(address.sun_path, path, strlen(path));
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (control->fd < 0)
		return mi_fail_errno(err, MI_AGAIN, errno, "cannot make a socket");
	(void)unlink(path);
	before = umask(0177);
	bound = bind(control->fd, (struct sockaddr *)&address, sizeof address);
	(void)umask(before);
	if (bound != 0 || listen(control->fd, BACKLOG) != 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot listen at %s", path);
	return mi_loop_watch(loop_of(control), control->fd, EPOLLIN, &control->watch, err);
}

int mi_control_open(struct mi_control **out, struct mi_route *route, struct mi_lease *lease,
                    const struct mi_control_options *options, struct mi_err *err)
{
	struct mi_control *control = mi_alloc(sizeof *control);

	control->route = route;
	control->lease = lease;
	control->options = *options;
	control->watch.ready = on_connect;
	control->work.run = work;
	control->warm_timer.fire = look_at_warmth;
	control->hup.ready = on_hup;
	control->hup_fd = control->fd = -1;
	if (listen_at(control, err) == 0 && watch_hup(control, err) == 0) {
		*out = control;
		return 0;
	}
	mi_control_close(control);
	return -1;
}

void mi_control_close(struct mi_control *control)
{
	if (!control)
		return;
	for (struct peer *at = control->peers; at; at = at->next)
		leave(at);
	work(&control->work);
	if (control->hup_fd >= 0)
		(void)close(control->hup_fd);
	if (control->fd >= 0) {
		(void)close(control->fd);
		(void)unlink(control->options.path);
	}
	free(control);
}
