#include "route/session/session.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "route/auth/callers.h"
#include "route/auth/users.h"
#include "route/back/door.h"
#include "route/back/lost.h"
#include "route/back/reply.h"
#include "route/back/sessions.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/session/back_event.h"
#include "route/session/client.h"
#include "route/session/pump.h"
#include "route/shared/shared.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/state/note.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "server/mysql_errors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SWEEP_MS = 1000 };

/* ---- All sessions of a loop ---- */

static void free_session(struct mi_route_session *session)
{
	mi_note_release(session);
	mi_route_stmts_free(session);
	mi_route_users_drop(session->users);
	mi_buf_release(&session->name);
	mi_database_release(session);
	mi_buf_release(&session->attrs);
	mi_buf_release(&session->command.kept);
	mi_buf_release(&session->command.denied);
	free(session);
}

static void bury(struct mi_task *task)
{
	struct mi_route_sessions *sessions = mi_container_of(task, struct mi_route_sessions, bury);
	struct mi_route_session *keep = NULL, *next;

	for (struct mi_route_session *at = sessions->dead; at; at = next) {
		next = at->next;
		if (at->resume.queued) { /* its task is queued for a later turn: freed after that */
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

/* Ends whatever takes too long in one session. */
static void sweep_one(struct mi_route_session *session, uint64_t now)
{
	const struct mi_route_limits *limits = &session->route->limits;

	bool logs_in =
	    session->phase < MI_SESSION_LOGIN_BACK || session->phase == MI_SESSION_CHANGE_USER;

	if (logs_in && now - session->opened > limits->login_ms) {
		mi_session_fail(session, MI_ER_NET_READ_INTERRUPTED, "the login took too long");
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
		mi_session_fail(session, MI_ER_CLIENT_INTERACTION_TIMEOUT, NULL);
}

static void sweep(struct mi_timer *timer)
{
	struct mi_route_sessions *sessions =
	    mi_container_of(timer, struct mi_route_sessions, sweep);
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
	sessions->callers = mi_callers_new();
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
	mi_callers_free(sessions->callers);
	free(sessions);
}

/* ---- Beginning and end ---- */

static void client_event(struct mi_watch *watch, uint32_t events)
{
	struct mi_route_session *session =
	    mi_container_of(watch, struct mi_route_session, client.watch);

	if (session->phase == MI_SESSION_CLOSED)
		return;
	mi_channel_event(&session->client, events);
	if ((events & EPOLLOUT) && session->phase != MI_SESSION_TLS &&
	    mi_channel_flush(&session->client) != 0) {
		mi_session_close(session, "the client has gone");
		return;
	}
	mi_session_pump(session);
}

/* A login that must wait is looked at when its time has come, whatever has woken the session. */
static bool waits_still(struct mi_route_session *session)
{
	uint64_t now = mi_loop_now(session->client.loop);

	if (!session->delayed)
		return false;
	if (session->delayed > now) {
		mi_timer_set(session->client.loop, &session->timer, session->delayed - now);
		return true;
	}
	session->delayed = 0;
	session->unread = true;
	return false;
}

static void run_resume(struct mi_task *task)
{
	struct mi_route_session *session = mi_container_of(task, struct mi_route_session, resume);

	if (session->phase == MI_SESSION_CLOSED || waits_still(session))
		return;
	mi_session_wait_for(session, MI_WAIT_NOTHING);
	mi_timer_stop(session->client.loop, &session->timer);
	if (session->phase == MI_SESSION_LOGIN_BACK)
		mi_client_log_in_back(session);
	mi_session_pump(session);
}

static void on_timer(struct mi_timer *timer)
{
	struct mi_route_session *session = mi_container_of(timer, struct mi_route_session, timer);

	mi_session_resume(session);
}

/* The client has connected; is there room for it? */
static void begin(struct mi_route_session *session)
{
	struct mi_route_session *other = session;

	if (!mi_door_is_full(session->route)) {
		other = mi_door_too_many(session);
		mi_client_greet(session);
	}
	if (!other)
		return;
	atomic_fetch_add(&session->route->counters.refused, 1);
	mi_session_fail(other, MI_ER_CON_COUNT_ERROR, NULL);
}

void mi_session_open(struct mi_route_sessions *sessions, int fd, bool local, const char *peer,
                     uint64_t caller)
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
	session->client.loop = sessions->loop;
	session->client.local = local;
	session->id = atomic_fetch_add(&route->next_id, 1) | 1u << 31;
	session->caller = caller;
	session->opened = session->since = mi_loop_now(sessions->loop);
	(void)snprintf(session->peer, sizeof session->peer, "%s", peer);
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		session->back[side].session = session;
		session->back[side].side = (enum mi_route_side)side;
		session->back[side].channel.fd = -1;
		session->back[side].channel.watch.ready = mi_back_event;
	}
	session->next = sessions->first;
	if (session->next)
		session->next->prev = session;
	sessions->first = session;
	atomic_fetch_add(&route->count, 1);
	atomic_fetch_add(&route->counters.accepted, 1);
	mi_door_come(session);
	if (mi_channel_open(&session->client, sessions->loop, fd, false, &err) != 0) {
		mi_session_close(session, err.text);
		return;
	}
	if (!sessions->sweep.next)
		mi_timer_set(sessions->loop, &sessions->sweep, SWEEP_MS);
	begin(session);
}
