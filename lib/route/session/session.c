#include "route/session/session.h"
#include "base/msg.h"
#include "route/session/back_event.h"
#include "route/session/choose.h"
#include "route/session/client.h"
#include "route/session/command.h"
#include "route/session/relay.h"
#include "route/session/stmt.h"
#include "route/session/gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SWEEP_MS = 1000,
	ROUNDS = 16, /* of reading per event, then the others have their turn */
	RETRY_MS = 100,
};

struct mi_route_sessions {
	struct mi_route *route;
	struct mi_loop *loop;
	struct mi_route_session *first;
	struct mi_route_session *dead; /* by next: freed at the end of the turn */
	struct mi_timer sweep;
	struct mi_task bury;
};

/* ---- All sessions of a loop ---- */

static void free_session(struct mi_route_session *session)
{
	mi_route_choose_close(session);
	mi_route_stmts_free(session);
	mi_route_users_drop(session->users);
	mi_buf_release(&session->name);
	mi_buf_release(&session->database);
	mi_buf_release(&session->attrs);
	mi_buf_release(&session->command.kept);
	mi_buf_release(&session->command.denied);
	free(session);
}

static void bury(struct mi_task *task)
{
	struct mi_route_sessions *sessions =
	    (struct mi_route_sessions *)(void *)((char *)task -
	                                         offsetof(struct mi_route_sessions, bury));
	struct mi_route_session *keep = NULL, *next;

	for (struct mi_route_session *at = sessions->dead; at; at = next) {
		next = at->next;
		if (at->resume.queued) { /* its task runs in a later turn, and must find it */
			at->next = keep;
			keep = at;
		} else {
			free_session(at);
		}
	}
	sessions->dead = keep;
	if (keep)
		mi_task_add(sessions->loop, &sessions->bury);
}

/* What takes too long. */
static void sweep_one(struct mi_route_session *session, uint64_t now)
{
	const struct mi_route_limits *limits = &session->route->limits;

	bool logs_in =
	    session->phase < MI_SESSION_LOGIN_BACK || session->phase == MI_SESSION_CHANGE_USER;

	if (logs_in && now - session->opened > limits->login_ms) {
		mi_session_fail(session, 1159, "08S01", "the login took too long");
		return;
	}
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		struct mi_backend *back = &session->back[side];

		if (back->deadline && now > back->deadline) {
			mi_session_lost(back, "it does not answer");
			if (session->phase == MI_SESSION_CLOSED)
				return;
		}
	}
	if (session->phase == MI_SESSION_READY && !session->command.running &&
	    session->wait == MI_WAIT_NOTHING && limits->idle_ms &&
	    now - session->since > limits->idle_ms)
		mi_session_fail(session, 4031, "HY000",
		                "The client was disconnected by the server because of inactivity.");
}

static void sweep(struct mi_timer *timer)
{
	struct mi_route_sessions *sessions =
	    (struct mi_route_sessions *)(void *)((char *)timer -
	                                         offsetof(struct mi_route_sessions, sweep));
	uint64_t now = mi_loop_now(sessions->loop);
	struct mi_route_session *next;

	for (struct mi_route_session *at = sessions->first; at; at = next) {
		next = at->next;
		sweep_one(at, now);
	}
	if (sessions->first)
		mi_timer_set(sessions->loop, &sessions->sweep, SWEEP_MS);
}

struct mi_route_sessions *mi_route_sessions_new(struct mi_route *route, struct mi_loop *loop)
{
	struct mi_route_sessions *sessions = mi_alloc(sizeof *sessions);

	sessions->route = route;
	sessions->loop = loop;
	sessions->sweep.fire = sweep;
	sessions->bury.run = bury;
	return sessions;
}

void mi_route_sessions_free(struct mi_route_sessions *sessions)
{
	struct mi_route_session *next;

	if (!sessions)
		return;
	while (sessions->first)
		mi_session_close(sessions->first, NULL);
	for (struct mi_route_session *at = sessions->dead; at; at = next) {
		next = at->next;
		free_session(at);
	}
	free(sessions);
}

void mi_route_each_session(struct mi_route *route,
                           void (*fn)(struct mi_route_session *session, void *arg), void *arg)
{
	for (unsigned i = 0; i < route->loop_count; i++) {
		struct mi_route_session *next;

		if (i > 0) /* the first one is the caller's own */
			mi_loop_lock(route->loops[i]);
		for (struct mi_route_session *at = route->sessions[i]->first; at; at = next) {
			next = at->next;
			fn(at, arg);
		}
		if (i > 0) {
			mi_loop_unlock(route->loops[i]);
			mi_loop_wake(route->loops[i]);
		}
	}
}

/* Two loops that wait for each other's lock would wait for ever. */
bool mi_route_search_sessions(struct mi_route_session *session,
                              bool (*fn)(struct mi_route_session *session, void *arg), void *arg)
{
	struct mi_route *route = session->route;
	bool all = true, found = false;

	for (unsigned i = 0; i < route->loop_count && !found; i++) {
		bool own = route->loops[i] == session->of->loop;

		if (!own && !mi_loop_try_lock(route->loops[i])) {
			all = false;
			continue;
		}
		for (struct mi_route_session *at = route->sessions[i]->first; at && !found;
		     at = at->next)
			found = fn(at, arg);
		if (!own) {
			mi_loop_unlock(route->loops[i]);
			mi_loop_wake(route->loops[i]);
		}
	}
	return all || found;
}

/* ---- Beginning and end ---- */

static void client_event(struct mi_watch *watch, uint32_t events)
{
	struct mi_route_session *session =
	    (struct mi_route_session *)(void *)((char *)watch -
	                                        offsetof(struct mi_route_session, client.watch));

	if (session->phase == MI_SESSION_CLOSED)
		return;
	mi_leg_event(&session->client, events);
	if ((events & EPOLLOUT) && session->phase != MI_SESSION_TLS &&
	    mi_leg_flush(&session->client) != 0) {
		mi_session_close(session, "the client has gone");
		return;
	}
	mi_session_pump(session);
}

static void run_resume(struct mi_task *task)
{
	struct mi_route_session *session =
	    (struct mi_route_session *)(void *)((char *)task -
	                                        offsetof(struct mi_route_session, resume));

	if (session->phase == MI_SESSION_CLOSED)
		return;
	session->wait = MI_WAIT_NOTHING;
	mi_timer_stop(session->of->loop, &session->timer);
	if (session->phase == MI_SESSION_LOGIN_BACK)
		mi_client_log_in_back(session);
	mi_session_pump(session);
}

static void on_timer(struct mi_timer *timer)
{
	struct mi_route_session *session =
	    (struct mi_route_session *)(void *)((char *)timer -
	                                        offsetof(struct mi_route_session, timer));

	mi_session_resume(session);
}

void mi_session_resume(struct mi_route_session *session)
{
	mi_task_add(session->of->loop, &session->resume);
}

void mi_session_open(struct mi_route_sessions *sessions, int fd, bool local, const char *peer)
{
	struct mi_route *route = sessions->route;
	struct mi_route_session *session = mi_alloc(sizeof *session);
	struct mi_err err = {0};

	session->route = route;
	session->of = sessions;
	session->resume.run = run_resume;
	session->timer.fire = on_timer;
	session->client.watch.ready = client_event;
	session->client.fd = -1;
	session->client.local = local;
	session->id = atomic_fetch_add(&route->next_id, 1) | 1u << 31;
	session->opened = session->since = mi_loop_now(sessions->loop);
	(void)snprintf(session->peer, sizeof session->peer, "%s", peer);
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		session->back[side].session = session;
		session->back[side].side = (enum mi_route_side)side;
		session->back[side].leg.fd = -1;
		session->back[side].leg.watch.ready = mi_back_event;
	}
	session->next = sessions->first;
	if (session->next)
		session->next->prev = session;
	sessions->first = session;
	atomic_fetch_add(&route->count, 1);
	atomic_fetch_add(&route->counters.accepted, 1);
	mi_route_choose_open(session);
	if (mi_leg_open(&session->client, sessions->loop, fd, false, &err) != 0) {
		mi_session_close(session, err.text);
		return;
	}
	if (!sessions->sweep.next)
		mi_timer_set(sessions->loop, &sessions->sweep, SWEEP_MS);
	if ((uint64_t)atomic_load(&route->count) > route->limits.sessions) {
		atomic_fetch_add(&route->counters.refused, 1);
		mi_session_fail(session, 1040, "08004", "Too many connections");
		return;
	}
	mi_client_greet(session);
}

static const char *user_name(const struct mi_route_session *session)
{
	return session->user ? session->user->name : "-";
}

static void unlink_session(struct mi_route_session *session)
{
	struct mi_route_sessions *of = session->of;

	if (session->next)
		session->next->prev = session->prev;
	if (session->prev)
		session->prev->next = session->next;
	else
		of->first = session->next;
	session->prev = NULL;
	session->next = of->dead;
	of->dead = session;
	mi_task_add(of->loop, &of->bury);
}

void mi_session_close(struct mi_route_session *session, const char *why)
{
	struct mi_route *route = session->route;

	if (session->phase == MI_SESSION_CLOSED)
		return;
	if (why && *why)
		mi_detail("session %u of %s at %s ends: %s", session->id, user_name(session),
		          session->peer, why);
	mi_timer_stop(session->of->loop, &session->timer);
	atomic_fetch_add(&route->counters.bytes_in, session->client.bytes_in);
	atomic_fetch_add(&route->counters.bytes_out, session->client.bytes_out);
	mi_leg_close(&session->client);
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_back_close(&session->back[side]);
	session->phase = MI_SESSION_CLOSED;
	mi_session_settle(session);
	atomic_fetch_sub(&route->count, 1);
	unlink_session(session);
}

/* The client has gone while its command runs on a server, which finishes it in any case, perhaps
 * with a COMMIT: the session stays, and stays busy, until the answer says that it is over. */
void mi_session_client_lost(struct mi_route_session *session)
{
	static const char why[] = "the client has gone";
	struct mi_backend *back = &session->back[session->command.side];

	if (!session->command.running || session->command.body || session->command.file ||
	    back->state != MI_BACK_RELAY) {
		mi_session_close(session, why);
		return;
	}
	mi_detail("session %u of %s at %s: the client has gone, its command still runs",
	          session->id, user_name(session), session->peer);
	mi_leg_close(&session->client);
	session->phase = MI_SESSION_GONE;
}

/* ---- Answers of the router's own ---- */

static void send_payload(struct mi_route_session *session, struct mi_span payload)
{
	struct mi_buf packet = {0};

	if (session->phase == MI_SESSION_GONE)
		return;
	mi_packet_add(&packet, payload, &session->seq);
	if (mi_leg_write(&session->client, mi_buf_span(&packet)) != 0)
		mi_session_close(session, "the client has gone");
	mi_buf_release(&packet);
}

static void send_err(struct mi_route_session *session, unsigned code, const char *state,
                     const char *text)
{
	struct mi_buf payload = {0};

	/* before its login is read nobody knows what the client understands */
	if (session->phase == MI_SESSION_HELLO && session->caps == 0)
		state = NULL;
	mi_reply_err_build(&payload, (uint16_t)code, state, mi_span_str(text));
	send_payload(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
}

void mi_session_refuse(struct mi_route_session *session, unsigned code, const char *state,
                       const char *text)
{
	send_err(session, code, state, text);
	if (session->phase != MI_SESSION_CLOSED)
		mi_session_command_done(session);
}

void mi_session_fail(struct mi_route_session *session, unsigned code, const char *state,
                     const char *text)
{
	send_err(session, code, state, text);
	mi_session_close(session, text);
}

void mi_session_ok(struct mi_route_session *session)
{
	struct mi_reply_ok ok = {0};
	struct mi_buf payload = {0};
	enum mi_route_side writer = mi_route_writer(mi_route_mode(session->route));

	ok.status = session->back[writer].status &
	            (MI_STATUS_IN_TRANS | MI_STATUS_AUTOCOMMIT | MI_STATUS_NO_BACKSLASH_ESCAPES |
	             MI_STATUS_IN_TRANS_READONLY | MI_STATUS_ANSI_QUOTES);
	if (session->back[writer].state < MI_BACK_OWN)
		ok.status = MI_STATUS_AUTOCOMMIT;
	mi_reply_ok_build(&payload, &ok, session->caps);
	send_payload(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
	if (session->phase != MI_SESSION_CLOSED)
		mi_session_command_done(session);
}

void mi_session_command_done(struct mi_route_session *session)
{
	struct mi_route_command *command = &session->command;
	bool body = command->body && command->dropped;
	bool full = command->full;
	uint32_t left = command->left;

	if (command->written && command->began_us)
		mi_route_latency_add(&session->route->latency[command->side],
		                     mi_loop_now_us(session->of->loop) - command->began_us);
	mi_buf_release(&command->kept);
	*command =
	    (struct mi_route_command){.body = body, .dropped = body, .full = full, .left = left};
	session->wait = MI_WAIT_NOTHING;
	session->since = mi_loop_now(session->of->loop);
	if (session->phase == MI_SESSION_GONE)
		mi_session_close(session, "its last command is over");
	else
		mi_session_settle(session);
}

/* ---- Free, busy, pinned ---- */

static enum mi_session_load load_of(const struct mi_route_session *session)
{
	if (session->phase != MI_SESSION_READY && session->phase != MI_SESSION_GONE)
		return MI_SESSION_FREE;
	if ((session->command.running || session->command.claimed) &&
	    session->command.kind != MI_KIND_READ)
		return MI_SESSION_BUSY;
	if (session->in_trans && session->wrote)
		return MI_SESSION_BUSY;
	return session->pins ? MI_SESSION_PINNED : MI_SESSION_FREE;
}

void mi_session_settle(struct mi_route_session *session)
{
	enum mi_session_load before = session->load, now = load_of(session);

	session->load = now;
	if ((before == MI_SESSION_BUSY) == (now == MI_SESSION_BUSY))
		return;
	if (now == MI_SESSION_BUSY)
		atomic_fetch_add(&session->route->busy, 1);
	else if (atomic_fetch_sub(&session->route->busy, 1) == 1 && session->route->held)
		mi_route_drained(session->route);
}

/* ---- Losing a back end ---- */

static void outcome_unknown(struct mi_route_session *session, const char *why)
{
	const struct mi_backend *back = &session->back[session->command.side];
	char text[256];

	(void)snprintf(text, sizeof text,
	               "The connection to the %s was lost (%s): the outcome of the last statement "
	               "is unknown",
	               mi_route_side_names[session->command.side], why);
	atomic_fetch_add(&session->route->counters.outcome_unknown, 1);
	mi_warn("session %u of %s at %s: %s", session->id, user_name(session), session->peer, text);
	if (session->phase == MI_SESSION_GONE ||
	    (session->command.answered && !mi_response_at_boundary(&back->response))) {
		mi_session_close(session, why);
		return;
	}
	session->seq =
	    (uint8_t)(1 + (session->command.answered ? back->response.seq : session->command.seq));
	mi_session_fail(session, 1053, "08S01", text);
}

static void lost_in_relay(struct mi_backend *back, const char *why)
{
	struct mi_route_session *session = back->session;
	struct mi_route_command *command = &session->command;
	bool repeat = command->kind == MI_KIND_READ && !command->answered && !command->again &&
	              command->kept.len > 0 && !(back->status & MI_STATUS_IN_TRANS) &&
	              !session->pins;

	mi_route_note_lost(session, back);
	if (!repeat || session->phase == MI_SESSION_GONE) {
		outcome_unknown(session, why);
		return;
	}
	mi_back_close(back);
	mi_command_repeat(session, back->side != mi_route_writer(mi_route_mode(session->route)));
}

/* Is this what the login, or the command that waits, waits for? */
static bool is_awaited(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	if (session->phase == MI_SESSION_LOGIN_BACK)
		return back->side == mi_route_writer(mi_route_mode(session->route));
	return session->wait == MI_WAIT_BACK && session->command.side == back->side;
}

/* Nothing of the waiting command was sent: it may wait for the server to come back. */
static void lost_while_opening(struct mi_backend *back, const char *why)
{
	struct mi_route_session *session = back->session;
	uint64_t now = mi_loop_now(session->of->loop);
	uint64_t began =
	    session->phase == MI_SESSION_READY ? session->command.began : session->opened;
	char text[256];

	mi_back_close(back);
	if (mi_route_reader_failed(back, false))
		return;
	if (!is_awaited(back))
		return; /* it was opened beforehand */
	if (now - began < session->route->limits.hold_ms) {
		mi_timer_set(session->of->loop, &session->timer, RETRY_MS);
		return;
	}
	(void)snprintf(text, sizeof text, "The %s cannot be reached (%s); nothing was done",
	               mi_route_side_names[back->side], why);
	mi_warn("session %u of %s at %s: %s", session->id, user_name(session), session->peer, text);
	if (session->phase == MI_SESSION_READY)
		session->seq = 1;
	mi_session_fail(session, 1053, "08S01", text);
}

void mi_session_lost(struct mi_backend *back, const char *why)
{
	struct mi_route_session *session = back->session;
	bool held_state = back->stateful || back->status & MI_STATUS_IN_TRANS || session->pins;

	atomic_fetch_add(&session->route->counters.lost[back->side], 1);
	mi_detail("session %u of %s at %s: the %s: %s", session->id, user_name(session),
	          session->peer, mi_route_side_names[back->side], why);
	if (back->state == MI_BACK_RELAY) {
		lost_in_relay(back, why);
	} else if (back->state == MI_BACK_IDLE || (back->state == MI_BACK_OWN && held_state)) {
		mi_back_close(back);
		/* a side that only reads holds nothing of the session's own */
		if (held_state && back->side == mi_route_writer(mi_route_mode(session->route)))
			mi_session_close(session, "the server closed the connection");
		else if (session->wait == MI_WAIT_BACK)
			mi_session_resume(session);
	} else {
		lost_while_opening(back, why);
	}
}

/* ---- Pumping ---- */

static bool may_relay(const struct mi_route_session *session, const struct mi_backend *back)
{
	return back->state == MI_BACK_RELAY && back->leg.readable &&
	       !mi_leg_is_blocked(&session->client);
}

static bool relay(struct mi_route_session *session, struct mi_backend *back)
{
	struct mi_span data;

	if (!may_relay(session, back))
		return false;
	switch (mi_leg_read(&back->leg, &data)) {
	case MI_LEG_BYTES:
		mi_relay_feed(back, data);
		return true;
	case MI_LEG_NOTHING:
		return false;
	case MI_LEG_CLOSED:
		break;
	}
	mi_session_lost(back, errno ? strerror(errno) : "it closed the connection");
	return true;
}

/* May the client's next bytes be looked at? */
static bool may_read(const struct mi_route_session *session)
{
	const struct mi_route_command *command = &session->command;

	switch (session->phase) {
	case MI_SESSION_HELLO:
	case MI_SESSION_AUTH:
	case MI_SESSION_CHANGE_USER:
		return true;
	case MI_SESSION_READY:
		if (session->wait != MI_WAIT_NOTHING || mi_leg_is_blocked(&session->client))
			return false;
		if (command->body || command->file)
			return command->dropped ||
			       !mi_leg_is_blocked(&session->back[command->side].leg);
		return !command->running;
	default:
		return false;
	}
}

static void feed(struct mi_route_session *session, struct mi_span data)
{
	if (session->phase == MI_SESSION_READY)
		mi_command_feed(session, data);
	else
		mi_client_login(session, data);
}

static bool read_client(struct mi_route_session *session)
{
	struct mi_leg *leg = &session->client;
	struct mi_span data;

	if (!may_read(session))
		return false;
	if (session->unread) { /* a command that came together with the one before */
		struct mi_buf kept = leg->in;

		session->unread = false;
		leg->in = (struct mi_buf){0};
		feed(session, mi_buf_span(&kept));
		mi_buf_release(&kept);
		return true;
	}
	if (!leg->readable)
		return false;
	/* TLS may begin right behind the first packet: do not read into it */
	switch (session->phase == MI_SESSION_HELLO ? mi_leg_read_first(leg, 36, &data)
	                                           : mi_leg_read(leg, &data)) {
	case MI_LEG_BYTES:
		feed(session, data);
		return true;
	case MI_LEG_NOTHING:
		return false;
	case MI_LEG_CLOSED:
		break;
	}
	mi_session_close(session, errno ? strerror(errno) : "");
	return true;
}

static void shake_hands(struct mi_route_session *session)
{
	struct mi_err err = {0};

	switch (mi_leg_handshake(&session->client, &err)) {
	case MI_LEG_NOTHING:
		return;
	case MI_LEG_BYTES:
		session->phase = MI_SESSION_AUTH;
		return;
	case MI_LEG_CLOSED:
		break;
	}
	mi_notice("login from %s refused: %s", session->peer, err.text);
	mi_session_close(session, err.text);
}

/* A client that hangs up while its command waits has withdrawn it. */
static bool withdrew(const struct mi_route_session *session)
{
	return session->client.hung_up &&
	       (session->wait != MI_WAIT_NOTHING || session->phase == MI_SESSION_LOGIN_BACK);
}

static void lose_broken(struct mi_route_session *session)
{
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (session->back[side].broken && session->phase != MI_SESSION_CLOSED)
			mi_session_lost(&session->back[side], "it closed the connection");
}

void mi_session_pump(struct mi_route_session *session)
{
	for (int round = 0; round < ROUNDS; round++) {
		bool moved = false;

		if (session->phase == MI_SESSION_TLS)
			shake_hands(session);
		if (session->phase == MI_SESSION_CLOSED)
			return;
		if (withdrew(session)) {
			mi_session_close(session, "the client has gone");
			return;
		}
		for (int side = 0; side < MI_ROUTE_SIDES; side++)
			moved |= relay(session, &session->back[side]);
		/* after it was read what they have to say about it */
		lose_broken(session);
		moved |= read_client(session);
		if (!moved)
			return;
	}
	mi_session_resume(session);
}
