/* The states of a session and of its back ends: what may follow what, and that anything else ends
 * the program with both names. */
#include "base/err.h"
#include "base/msg.h"
#include "route/net/loop.h"
#include "route/state/state.h"
#include "t.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct mi_loop *loop;
static struct mi_route route;

static void set_up(struct mi_route_session *session)
{
	*session = (struct mi_route_session){.route = &route, .id = 7};
	session->client.loop = loop;
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		session->back[side].session = session;
		session->back[side].side = (enum mi_route_side)side;
	}
}

/* ---- What a step does to the process ---- */

enum which { PHASE, BACK, WAIT };

static void step(struct mi_route_session *session, enum which which, int from, int to)
{
	switch (which) {
	case PHASE:
		session->phase = (enum mi_session_phase)from;
		mi_session_enter(session, (enum mi_session_phase)to);
		break;
	case BACK:
		session->back[MI_ROUTE_TARGET].state = (enum mi_back_state)from;
		mi_back_enter(&session->back[MI_ROUTE_TARGET], (enum mi_back_state)to);
		break;
	case WAIT:
		session->wait = (enum mi_session_wait)from;
		mi_session_wait_for(session, (enum mi_session_wait)to);
		break;
	}
}

/* In a process of its own: true when it lives. said is what it wrote to stderr. */
static bool survives(enum which which, int from, int to, char said[static 200])
{
	struct mi_route_session session;
	int pipes[2], status;
	ssize_t got;
	pid_t pid;

	if (pipe(pipes) != 0 || (pid = fork()) < 0)
		exit(70);
	if (pid == 0) {
		(void)dup2(pipes[1], 2);
		set_up(&session);
		step(&session, which, from, to);
		_exit(0);
	}
	(void)close(pipes[1]);
	got = read(pipes[0], said, 199);
	said[got > 0 ? got : 0] = '\0';
	(void)close(pipes[0]);
	(void)waitpid(pid, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
		return false;
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "ends by itself or by abort()");
	return true;
}

/* ---- The pictures of route/state/state.h, written down once more ---- */

static const char *const phases[] = {"hello", "tls",         "auth", "login-back",
                                     "ready", "change-user", "gone", "closed"};
static const char *const phase_steps[] = {"hello tls",
                                          "hello auth",
                                          "tls auth",
                                          "auth login-back",
                                          "change-user login-back",
                                          "login-back ready",
                                          "ready change-user",
                                          "ready gone",
                                          "gone closed",
                                          "hello closed",
                                          "tls closed",
                                          "auth closed",
                                          "login-back closed",
                                          "ready closed",
                                          "change-user closed"};

static const char *const backs[] = {"none",  "connecting", "greeting", "tls",
                                    "login", "prepare",    "idle",     "relay"};
static const char *const back_steps[] = {
    "none connecting", "connecting greeting", "greeting tls", "greeting login", "tls login",
    "login idle",      "idle prepare",        "prepare idle", "idle relay",     "relay idle",
    "connecting none", "greeting none",       "tls none",     "login none",     "idle none",
    "prepare none",    "relay none"};

static const char *const waits[] = {"nothing", "back", "hold", "causal"};
static const char *const wait_steps[] = {"nothing nothing", "nothing back",  "nothing hold",
                                         "nothing causal",  "back back",     "back nothing",
                                         "hold nothing",    "causal nothing"};

static bool is_listed(const char *const *steps, size_t count, const char *from, const char *to)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%s %s", from, to);
	for (size_t i = 0; i < count; i++)
		if (strcmp(steps[i], text) == 0)
			return true;
	return false;
}

static void all(enum which which, const char *const *names, size_t count, const char *const *steps,
                size_t step_count)
{
	char said[200], both[64];

	for (size_t from = 0; from < count; from++)
		for (size_t to = 0; to < count; to++) {
			bool may = is_listed(steps, step_count, names[from], names[to]);
			bool lives = survives(which, (int)from, (int)to, said);

			CHECK(lives == may, "%s to %s is %s", names[from], names[to],
			      may ? "a step" : "none");
			(void)snprintf(both, sizeof both, "from %s to %s\n", names[from],
			               names[to]);
			if (!may)
				CHECK(strstr(said, "bug: session 7:") && strstr(said, both),
				      "says so: %s", said);
		}
}

#define COUNT(list) (sizeof list / sizeof *list)

static void deadlines(void)
{
	struct mi_route_session session;
	struct mi_backend *back = &session.back[MI_ROUTE_SOURCE];

	set_up(&session);
	route.limits.connect_ms = 5000;
	mi_back_enter(back, MI_BACK_CONNECTING);
	CHECK(back->deadline == mi_loop_now(loop) + 5000, "opening has a deadline");
	mi_back_enter(back, MI_BACK_GREETING);
	mi_back_enter(back, MI_BACK_LOGIN);
	CHECK(back->deadline != 0, "which lasts until the login's end");
	mi_back_enter(back, MI_BACK_IDLE);
	CHECK(back->deadline == 0, "and no longer");
	mi_back_enter(back, MI_BACK_PREPARE);
	CHECK(back->deadline > mi_loop_now(loop), "so has a command of the router's");
	mi_back_enter(back, MI_BACK_IDLE);
	mi_back_enter(back, MI_BACK_RELAY);
	CHECK(back->deadline == 0, "but none of the client's");
}

int main(int argc, char **argv)
{
	struct mi_err err = {0};

	(void)argc;
	mi_msg_init(argv[0]);
	if (!CHECK(mi_loop_new(&loop, &err) == 0, "a loop: %s", err.text))
		DONE();
	all(PHASE, phases, COUNT(phases), phase_steps, COUNT(phase_steps));
	all(BACK, backs, COUNT(backs), back_steps, COUNT(back_steps));
	all(WAIT, waits, COUNT(waits), wait_steps, COUNT(wait_steps));
	deadlines();
	mi_loop_free(loop);
	DONE();
}
