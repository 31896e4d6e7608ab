#include "route/session/gate.h"
#include "base/container.h"
#include "base/err.h"
#include "route/auth/users.h"
#include "route/back/open.h"
#include "route/back/prepare.h"
#include "route/back/reply.h"
#include "route/back/sessions.h"
#include "route/catalogue/catalogue.h"
#include "route/net/loop.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/decide.h"
#include "route/state/state.h"
#include "route/state/trans.h"
#include "server/mysql_errors.h"

/* ---- Holding ---- */

/* Calls route->drained, once, when the hold has drained. */
static void tell_drained(struct mi_route *route)
{
	void (*drained)(void *arg) = route->drained;

	if (!drained || !route->held || atomic_load(&route->busy) > 0)
		return;
	route->drained = NULL;
	drained(route->drained_arg);
}

void mi_route_woken(struct mi_task *task)
{
	struct mi_route *route = mi_container_of(task, struct mi_route, woken);

	tell_drained(route);
}

void mi_route_hold(struct mi_route *route, void (*drained)(void *arg), void *arg)
{
	route->drained = drained;
	route->drained_arg = arg;
	/* A session counts itself as busy before it looks at held; here held is set before busy is
	 * looked at. So either the session sees the hold, or the hold sees the session. */
	atomic_store(&route->held, true);
	tell_drained(route);
}

struct release {
	unsigned burst, count;
};

static void let_go(struct mi_route_session *session, void *arg)
{
	struct release *release = arg;
	unsigned after = release->burst ? release->count / release->burst : 0;

	if (session->wait != MI_WAIT_HOLD)
		return;
	release->count++;
	if (after == 0)
		mi_session_resume(session);
	else
		mi_timer_set(session->client.loop, &session->timer, after);
}

void mi_route_release(struct mi_route *route, unsigned burst)
{
	struct release release = {.burst = burst};

	route->drained = NULL;
	atomic_store(&route->held, false);
	mi_route_each_session(route, let_go, &release);
	mi_loop_wake(route->loops[0]);
}

void mi_route_set_mode(struct mi_route *route, enum mi_route_mode mode, uint64_t epoch)
{
	/* called before the change, so that nobody reads by old marks, and again after it, for what
	 * was written meanwhile */
	mi_replica_progress_mode(route->replica->causal, epoch);
	atomic_store(&route->epoch, epoch);
	atomic_store(&route->mode, (int)mode);
	mi_replica_progress_mode(route->replica->causal, epoch);
	mi_catalogue_refresh(route->catalogue); /* the new writer's, or at an import's start */
}

/* ---- Looking ---- */

static void tally_one(struct mi_route_session *session, void *arg)
{
	struct mi_route_tally *tally = arg;

	tally->sessions++;
	tally->busy += session->load == MI_SESSION_BUSY;
	tally->pinned += session->pins != 0;
	tally->waiting += session->wait == MI_WAIT_HOLD;
}

void mi_route_tally(struct mi_route *route, struct mi_route_tally *tally)
{
	*tally = (struct mi_route_tally){0};
	mi_route_each_session(route, tally_one, tally);
}

/* ---- Warming ---- */

struct warm {
	enum mi_route_side side;
	unsigned opening, warm, failed, at_once;
};

static void warm_one(struct mi_route_session *session, void *arg)
{
	struct warm *warm = arg;
	struct mi_backend *back = &session->back[warm->side];
	struct mi_err err = {0};

	if (session->phase != MI_SESSION_READY)
		return;
	if (back->state == MI_BACK_IDLE && session->wait == MI_WAIT_NOTHING &&
	    !session->command.running && mi_prepare_is_behind(back)) {
		mi_prepare_next(back);
		warm->opening++;
	} else if (back->state == MI_BACK_IDLE || back->state == MI_BACK_RELAY) {
		warm->warm++;
	} else if (back->state != MI_BACK_NONE) {
		warm->opening++;
	} else if (warm->opening < warm->at_once) {
		if (mi_back_open(back, &err) == 0)
			warm->opening++;
		else
			warm->failed++;
	} else {
		warm->opening++;
	}
}

void mi_route_warm(struct mi_route *route, enum mi_route_side side, unsigned at_once,
                   struct mi_route_warmth *warmth)
{
	struct warm warm = {.side = side, .at_once = at_once};

	mi_route_each_session(route, warm_one, &warm);
	*warmth = (struct mi_route_warmth){warm.warm, warm.opening, warm.failed};
}

/* ---- Ending ---- */

/* A command of the router's may run there: who waits for its end is looked at again. */
static void close_idle(struct mi_backend *back)
{
	mi_back_close(back);
	if (back->session->wait == MI_WAIT_BACK)
		mi_session_resume(back->session);
}

static void evict_one(struct mi_route_session *session, void *arg)
{
	unsigned *count = arg;
	struct mi_backend *back = &session->back[mi_session_writer(session)];

	if (session->phase != MI_SESSION_READY || session->command.running)
		return;
	if (session->pins) {
		(*count)++;
		mi_session_fail_unasked(session, MI_ER_CONNECTION_KILLED,
		                        "Connection was killed: the server is about "
		                        "to be switched, and it held a lock");
	} else if (session->trans.open && session->trans.wrote) {
		(*count)++;
		close_idle(back); /* the server rolls the transaction back */
		mi_trans_evict(session);
		mi_session_settle(session);
	}
}

unsigned mi_route_evict(struct mi_route *route)
{
	unsigned count = 0;

	mi_route_each_session(route, evict_one, &count);
	return count;
}

static void close_one(struct mi_route_session *session, void *arg)
{
	struct mi_backend *back = &session->back[*(enum mi_route_side *)arg];

	if (back->state != MI_BACK_RELAY)
		close_idle(back);
}

void mi_route_close_side(struct mi_route *route, enum mi_route_side side)
{
	mi_route_each_session(route, close_one, &side);
}
