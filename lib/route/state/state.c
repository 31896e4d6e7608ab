#include "route/state/state.h"
#include "base/msg.h"
#include "route/net/loop.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/state/decide.h"
#include "route/shared/names.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	PREPARE_MS = 30000
}; /* how long a server may take to answer a command of the router's own */

static const char *const phase_names[MI_SESSION_PHASES] = {
    [MI_SESSION_HELLO] = "hello", [MI_SESSION_TLS] = "tls",
    [MI_SESSION_AUTH] = "auth",   [MI_SESSION_LOGIN_BACK] = "login-back",
    [MI_SESSION_READY] = "ready", [MI_SESSION_CHANGE_USER] = "change-user",
    [MI_SESSION_GONE] = "gone",   [MI_SESSION_CLOSED] = "closed",
};

static const char *const back_names[MI_BACK_STATES] = {
    [MI_BACK_NONE] = "none", [MI_BACK_CONNECTING] = "connecting", [MI_BACK_GREETING] = "greeting",
    [MI_BACK_TLS] = "tls",   [MI_BACK_LOGIN] = "login",           [MI_BACK_PREPARE] = "prepare",
    [MI_BACK_IDLE] = "idle", [MI_BACK_RELAY] = "relay",
};

static const char *const wait_names[MI_WAITS] = {
    [MI_WAIT_NOTHING] = "nothing",
    [MI_WAIT_BACK] = "back",
    [MI_WAIT_HOLD] = "hold",
    [MI_WAIT_CAUSAL] = "causal",
};

/* ---- What may follow what ---- */

static const bool phase_may[MI_SESSION_PHASES][MI_SESSION_PHASES] = {
    [MI_SESSION_HELLO] =
	{[MI_SESSION_TLS] = true, [MI_SESSION_AUTH] = true, [MI_SESSION_CLOSED] = true},
    [MI_SESSION_TLS] = {[MI_SESSION_AUTH] = true, [MI_SESSION_CLOSED] = true},
    [MI_SESSION_AUTH] = {[MI_SESSION_LOGIN_BACK] = true, [MI_SESSION_CLOSED] = true},
    [MI_SESSION_LOGIN_BACK] = {[MI_SESSION_READY] = true, [MI_SESSION_CLOSED] = true},
    [MI_SESSION_READY] =
	{[MI_SESSION_CHANGE_USER] = true, [MI_SESSION_GONE] = true, [MI_SESSION_CLOSED] = true},
    [MI_SESSION_CHANGE_USER] = {[MI_SESSION_LOGIN_BACK] = true, [MI_SESSION_CLOSED] = true},
    [MI_SESSION_GONE] = {[MI_SESSION_CLOSED] = true},
};

static const bool back_may[MI_BACK_STATES][MI_BACK_STATES] = {
    [MI_BACK_NONE] = {[MI_BACK_CONNECTING] = true},
    [MI_BACK_CONNECTING] = {[MI_BACK_GREETING] = true, [MI_BACK_NONE] = true},
    [MI_BACK_GREETING] = {[MI_BACK_TLS] = true, [MI_BACK_LOGIN] = true, [MI_BACK_NONE] = true},
    [MI_BACK_TLS] = {[MI_BACK_LOGIN] = true, [MI_BACK_NONE] = true},
    [MI_BACK_LOGIN] = {[MI_BACK_IDLE] = true, [MI_BACK_NONE] = true},
    [MI_BACK_PREPARE] = {[MI_BACK_IDLE] = true, [MI_BACK_NONE] = true},
    [MI_BACK_IDLE] = {[MI_BACK_PREPARE] = true, [MI_BACK_RELAY] = true, [MI_BACK_NONE] = true},
    [MI_BACK_RELAY] = {[MI_BACK_IDLE] = true, [MI_BACK_NONE] = true},
};

/* A command is looked at again before it waits for something else. Only MI_WAIT_BACK may follow
 * itself: a back end is brought into the state that a command needs step by step. */
static const bool wait_may[MI_WAITS][MI_WAITS] = {
    [MI_WAIT_NOTHING] = {true, true, true, true},
    [MI_WAIT_BACK] = {[MI_WAIT_NOTHING] = true, [MI_WAIT_BACK] = true},
    [MI_WAIT_HOLD] = {[MI_WAIT_NOTHING] = true},
    [MI_WAIT_CAUSAL] = {[MI_WAIT_NOTHING] = true},
};

/* Written to stderr directly: this line must come out whatever the verbosity is. */
static void must(bool may, const struct mi_route_session *session, const char *what,
                 const char *from, const char *to)
{
	if (!may) {
		(void)fprintf(stderr, "%s: bug: session %u: %s goes from %s to %s\n", mi_progname(),
		              session->id, what, from, to);
		abort();
	}
	if (mi_msg_verbosity() > 2)
		mi_detail("session %u: %s: %s to %s", session->id, what, from, to);
}

void mi_session_enter(struct mi_route_session *session, enum mi_session_phase phase)
{
	must(phase_may[session->phase][phase], session, "the session", phase_names[session->phase],
	     phase_names[phase]);
	session->phase = phase;
}

void mi_session_wait_for(struct mi_route_session *session, enum mi_session_wait wait)
{
	if (wait == MI_WAIT_NOTHING && session->wait == MI_WAIT_NOTHING)
		return;
	must(wait_may[session->wait][wait], session, "what it waits for", wait_names[session->wait],
	     wait_names[wait]);
	session->wait = wait;
}

/* What commits at the source may be seen before it is told: see route/replica/progress.h. */
static void count_commits(struct mi_backend *back)
{
	const struct mi_effects *effects = &back->session->command.effects;
	const struct mi_route *route = back->session->route;
	bool commits = back->state == MI_BACK_RELAY && back->side == MI_ROUTE_SOURCE &&
	               (effects->may_write || effects->commits);

	if (commits && !back->commits)
		mi_replica_progress_begins(route->replica->causal);
	else if (!commits && back->commits)
		mi_replica_progress_ends(route->replica->causal);
	back->commits = commits;
}

void mi_back_enter(struct mi_backend *back, enum mi_back_state state)
{
	struct mi_route_session *session = back->session;

	must(back_may[back->state][state], session, mi_route_side_names[back->side],
	     back_names[back->state], back_names[state]);
	back->state = state;
	count_commits(back);
	if (state == MI_BACK_CONNECTING)
		back->deadline =
		    mi_loop_now(session->client.loop) + session->route->limits.connect_ms;
	else if (state == MI_BACK_PREPARE)
		back->deadline = mi_loop_now(session->client.loop) + PREPARE_MS;
	else if (state == MI_BACK_NONE || state == MI_BACK_IDLE)
		back->deadline = 0;
}

void mi_session_resume(struct mi_route_session *session)
{
	mi_task_add(session->client.loop, &session->resume);
}
