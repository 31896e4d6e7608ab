#include "route/control/commands.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "route/auth/users.h"
#include "route/control/lease.h"
#include "route/control/metrics.h"
#include "route/control/mode.h"
#include "route/control/peer.h"
#include "route/control/reload.h"
#include "route/net/loop.h"
#include "route/state/decide.h"
#include "route/session/gate.h"
#include "route/back/sessions.h"
#include "route/state/state.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { WORDS = 4, LISTED = 10000, HOLD_MAX_MS = 600 * 1000 };
/* Sessions are warmed a few at a time, looked at every WARM_MS; while the server cannot be reached,
 * that doubles up to WARM_SLOWEST_MS. */
enum { WARM_AT_ONCE = 16, WARM_MS = 5, WARM_SLOWEST_MS = 1000, WARM_LIMIT_MS = 30 * 1000 };

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

static void do_status(struct mi_peer *peer)
{
	add_status(peer->control, &peer->text);
	mi_peer_done(peer);
}

static void do_metrics(struct mi_peer *peer)
{
	struct mi_control *control = peer->control;

	mi_metrics_print(control->route, control->lease, &peer->text);
	if (control->options.lines.metrics)
		control->options.lines.metrics(control->route, &peer->text);
	mi_peer_done(peer);
}

static void add_lines(struct mi_peer *peer,
                      void (*add)(struct mi_route *route, struct mi_buf *text))
{
	if (add)
		add(peer->control->route, &peer->text);
	mi_peer_done(peer);
}

static void do_incompatible(struct mi_peer *peer)
{
	add_lines(peer, peer->control->options.lines.incompatible);
}

static void do_lacking(struct mi_peer *peer)
{
	add_lines(peer, peer->control->options.lines.lacking);
}

static void do_programs(struct mi_peer *peer)
{
	add_lines(peer, peer->control->options.lines.programs);
}

static void do_pinned(struct mi_peer *peer)
{
	unsigned count =
	    mi_lease_obstacles(peer->control->route, MI_SESSION_PINNED, LISTED, &peer->text);

	mi_peer_ok(peer, "%u", count);
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

static void do_sessions(struct mi_peer *peer)
{
	struct mi_control *control = peer->control;
	struct listing listing = {.text = &peer->text,
	                          .now = mi_loop_now(mi_control_loop(control))};

	mi_route_each_session(control->route, list_session, &listing);
	mi_peer_ok(peer, "%u", listing.count);
}

static void do_evict(struct mi_peer *peer)
{
	mi_peer_ok(peer, "evicted %u", mi_route_evict(peer->control->route));
}

/* ---- hold, release, mode ---- */

static void tell_holder(void *holder, enum mi_lease_news news, const struct mi_err *err)
{
	struct mi_peer *peer = holder;
	struct mi_control *control = peer->control;

	if (news == MI_LEASE_GRANTED) {
		mi_buf_addf(&peer->text, "held %s %llu\n", mi_lease_token(control->lease),
		            (unsigned long long)atomic_load(&control->route->epoch));
		peer->waiting = false;
		peer->holds = true;
		mi_peer_send(peer);
	} else {
		bool held = peer->holds;

		peer->waiting = false;
		peer->holds = false;
		if (err && err->code)
			mi_peer_error(peer, err);
		else if (held)
			mi_peer_ok(peer, "released");
	}
	/* takes the lines that came while the peer waited */
	mi_task_add(mi_control_loop(control), &control->work);
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

static void do_hold(struct mi_peer *peer, const char *seconds, const char *evict)
{
	struct mi_err err = {0};
	uint64_t ms;

	if (!seconds_of(seconds, &ms) || (*evict && strcmp(evict, "evict") != 0)) {
		mi_peer_fail(peer, MI_USAGE, "hold SECONDS [evict], at most 600 seconds");
		return;
	}
	peer->waiting = true;
	if (mi_lease_begin(peer->control->lease, ms, *evict, tell_holder, peer, &err) == 0)
		return;
	peer->waiting = false;
	mi_peer_error(peer, &err);
}

static void do_release(struct mi_peer *peer, const char *token)
{
	struct mi_err err = {0};
	bool own = peer->holds;

	if (mi_lease_release(peer->control->lease, mi_span_str(token), &err) != 0)
		mi_peer_error(peer, &err);
	else if (!own || peer->holds) /* the holder itself was told by tell_holder */
		mi_peer_ok(peer, "released");
}

static void do_mode(struct mi_peer *peer, const char *name, const char *token)
{
	struct mi_control *control = peer->control;
	struct mi_err err = {0};
	enum mi_route_mode mode;

	if (!mi_mode_of(mi_span_str(name), &mode)) {
		mi_peer_fail(peer, MI_USAGE, "mode source|replica|primary|target [TOKEN]");
		return;
	}
	if (mi_lease_mode(control->lease, mode, mi_span_str(token), &err) != 0) {
		mi_peer_error(peer, &err);
		return;
	}
	mi_peer_ok(peer, "mode %s epoch %llu", name,
	           (unsigned long long)atomic_load(&control->route->epoch));
	mi_lease_admit(control->lease);
}

/* ---- warm ---- */

static void say_how_warm(struct mi_control *control, struct mi_peer *peer,
                         const struct mi_route_warmth *warmth, unsigned refusal)
{
	const char *side = mi_route_side_names[control->warm_side];
	struct mi_err err = {0};
	unsigned missing = warmth->to_come + warmth->failed;

	if (missing == 0) {
		mi_peer_ok(peer, "warmed %u", warmth->warm);
		return;
	}
	if (refusal)
		(void)mi_fail(&err, MI_UNAVAILABLE,
		              "the %s took %u sessions, %u are missing: it refuses logins with "
		              "error %u",
		              side, warmth->warm, missing, refusal);
	else
		(void)mi_fail(&err, MI_UNAVAILABLE, "the %s took %u sessions, %u are missing", side,
		              warmth->warm, missing);
	mi_peer_error(peer, &err);
}

/* How long to wait before the next look: longer and longer while connections are lost. */
static unsigned warm_pause(struct mi_control *control)
{
	uint64_t lost = atomic_load(&control->route->counters.lost[control->warm_side]);
	unsigned pause = control->warm_pause;

	if (lost == control->warm_lost)
		return WARM_MS;
	control->warm_lost = lost;
	pause = pause * 2 < WARM_SLOWEST_MS ? pause * 2 : WARM_SLOWEST_MS;
	control->warm_pause = pause;
	return pause;
}

void mi_control_look_at_warmth(struct mi_timer *timer)
{
	struct mi_control *control = mi_container_of(timer, struct mi_control, warm_timer);
	struct mi_route_server *server = &control->route->server[control->warm_side];
	struct mi_peer *peer = control->warming;
	struct mi_route_warmth warmth;
	bool late = mi_loop_now(mi_control_loop(control)) >= control->warm_until;
	bool refused = atomic_load(&server->refusals) != control->warm_refusals;

	if (!peer)
		return; /* the peer has gone */
	/* after a refusal, trying on would but fill the server's log, and block its host */
	mi_route_warm(control->route, control->warm_side, refused ? 0 : WARM_AT_ONCE, &warmth);
	if (warmth.to_come && !late && !warmth.failed && !refused) {
		mi_timer_set(mi_control_loop(control), timer, warm_pause(control));
		return;
	}
	control->warming = NULL;
	peer->waiting = false;
	say_how_warm(control, peer, &warmth, refused ? atomic_load(&server->refusal) : 0);
	mi_task_add(mi_control_loop(control), &control->work);
}

/* Warms the side to which the next switch moves the writes, or to which this mode sends reads. */
static void do_warm(struct mi_peer *peer)
{
	struct mi_control *control = peer->control;
	enum mi_route_mode mode = mi_route_mode(control->route);

	if (mode == MI_MODE_TARGET) {
		mi_peer_ok(peer, "warmed 0");
		return;
	}
	if (control->warming) {
		mi_peer_fail(peer, MI_AGAIN, "sessions are being warmed already");
		return;
	}
	control->warming = peer;
	peer->waiting = true;
	control->warm_side = mode == MI_MODE_PRIMARY ? MI_ROUTE_SOURCE : MI_ROUTE_TARGET;
	control->warm_until = mi_loop_now(mi_control_loop(control)) + WARM_LIMIT_MS;
	control->warm_pause = WARM_MS;
	control->warm_refusals = atomic_load(&control->route->server[control->warm_side].refusals);
	control->warm_lost = atomic_load(&control->route->counters.lost[control->warm_side]);
	mi_control_look_at_warmth(&control->warm_timer);
}

/* ---- detach ---- */

static void do_detach(struct mi_peer *peer, const char *name)
{
	struct mi_control *control = peer->control;
	enum mi_route_side side = strcmp(name, "target") == 0 ? MI_ROUTE_TARGET : MI_ROUTE_SOURCE;
	enum mi_route_mode needed = side == MI_ROUTE_TARGET ? MI_MODE_SOURCE : MI_MODE_TARGET;
	struct mi_err err = {0};

	if (strcmp(name, mi_route_side_names[side]) != 0) {
		mi_peer_fail(peer, MI_USAGE, "detach source|target");
		return;
	}
	if (mi_route_mode(control->route) != needed) {
		(void)mi_fail(&err, MI_USAGE,
		              "the %s is in use: it can be detached in mode %s only", name,
		              mi_route_mode_names[needed]);
		mi_peer_error(peer, &err);
		return;
	}
	if (mi_route_users_detach(control->options.users, side, &err) != 0 ||
	    mi_route_reload(control->route, control->options.users, &err) != 0) {
		mi_peer_error(peer, &err);
		return;
	}
	mi_route_close_side(control->route, side);
	mi_peer_ok(peer, "detached %s", name);
}

/* ---- Finding the command ---- */

struct command {
	const char *name;
	unsigned min, max; /* words after the name */
	void (*plain)(struct mi_peer *peer);
	void (*one)(struct mi_peer *peer, const char *word);
	void (*two)(struct mi_peer *peer, const char *word, const char *other);
};

static const struct command commands[] = {
    {"status", 0, 0, do_status, NULL, NULL},
    {"metrics", 0, 0, do_metrics, NULL, NULL},
    {"incompatible", 0, 0, do_incompatible, NULL, NULL},
    {"lacking", 0, 0, do_lacking, NULL, NULL},
    {"programs", 0, 0, do_programs, NULL, NULL},
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

void mi_control_obey(struct mi_peer *peer, char *line)
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
	mi_peer_fail(peer, MI_USAGE, "no such command: see mi-route(1), CONTROL SOCKET");
}
