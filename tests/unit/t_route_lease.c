/* Leases by themselves: the sessions are stood in for below, and time passes without the loop's
 * noticing, as when the process was stopped. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "route/auth/users.h"
#include "route/control/lease.h"
#include "route/control/mode.h"
#include "route/net/loop.h"
#include "route/session/gate.h"
#include "route/back/sessions.h"
#include "route/state/state.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "t.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- In place of the sessions ---- */

const char *const mi_route_mode_names[MI_MODES] = {"source", "replica", "primary", "target"};
const char *const mi_route_side_names[MI_ROUTE_SIDES] = {"source", "target"};

static struct {
	bool held;
	unsigned busy, pinned, released, evicted;
	void (*drained)(void *arg);
	void *arg;
} world;

static void all_idle(void)
{
	void (*drained)(void *arg) = world.drained;

	world.busy = 0;
	world.drained = NULL;
	if (drained)
		drained(world.arg);
}

void mi_route_hold(struct mi_route *route, void (*drained)(void *arg), void *arg)
{
	(void)route;
	world.held = true;
	world.drained = drained;
	world.arg = arg;
	if (world.busy == 0)
		all_idle();
}

void mi_route_release(struct mi_route *route, unsigned burst)
{
	(void)route;
	(void)burst;
	world.held = false;
	world.drained = NULL;
	world.released++;
}

void mi_route_set_mode(struct mi_route *route, enum mi_route_mode mode, uint64_t epoch)
{
	atomic_store(&route->mode, (int)mode);
	atomic_store(&route->epoch, epoch);
}

void mi_route_tally(struct mi_route *route, struct mi_route_tally *tally)
{
	(void)route;
	*tally = (struct mi_route_tally){.busy = world.busy, .pinned = world.pinned};
}

unsigned mi_route_evict(struct mi_route *route)
{
	unsigned pinned = world.pinned;

	(void)route;
	world.pinned = 0;
	world.evicted += pinned;
	return pinned;
}

void mi_route_each_session(struct mi_route *route,
                           void (*fn)(struct mi_route_session *session, void *arg), void *arg)
{
	(void)route;
	(void)fn;
	(void)arg;
}

/* ---- The tests ---- */

static char folder[] = "/tmp/t_side_lease.XXXXXX";
static char path[64];
static struct mi_loop *loop;
static struct mi_route route;

struct holder {
	unsigned granted, stuck, ended;
	int code;
};

static void tell(void *arg, enum mi_lease_news news, const struct mi_err *err)
{
	struct holder *holder = arg;

	holder->granted += news == MI_LEASE_GRANTED;
	holder->stuck += news == MI_LEASE_STUCK;
	holder->ended += news == MI_LEASE_ENDED;
	holder->code = err ? err->code : 0;
}

static void sleep_ms(unsigned ms)
{
	struct timespec time = {.tv_nsec = (long)ms * 1000000};

	(void)nanosleep(&time, NULL);
}

static bool file_says(const char *text)
{
	struct mi_buf bytes = {0};
	struct mi_err err;
	bool same =
	    mi_read_file(path, 4096, &bytes, &err) == 0 && strcmp(mi_buf_cstr(&bytes), text) == 0;

	mi_buf_release(&bytes);
	return same;
}

static struct mi_lease *lease_in(enum mi_route_mode mode, uint64_t epoch)
{
	struct mi_lease_options options = {.mode_file = path, .idle_ms = 1000, .burst = 10};
	struct mi_err err = {0};

	memset(&world, 0, sizeof world);
	mi_route_set_mode(&route, mode, epoch);
	if (mi_mode_write(path, mode, epoch, &err) != 0)
		abort();
	return mi_lease_new(&route, &options);
}

/* A copy, as the holder has it. */
static struct mi_span token_of(const struct mi_lease *lease)
{
	static char token[64];

	(void)snprintf(token, sizeof token, "%s", mi_lease_token(lease));
	return mi_span_str(token);
}

static void late(void)
{
	struct mi_lease *lease = lease_in(MI_MODE_REPLICA, 5);
	struct holder holder = {0};
	struct mi_err err = {0};
	struct mi_span token;

	CHECK(mi_lease_begin(lease, 30, false, tell, &holder, &err) == 0 && holder.granted == 1,
	      "a hold of 30 ms is granted");
	token = token_of(lease);
	CHECK(token.len == 32 && world.held, "with a token");
	sleep_ms(40); /* the loop's timer has not fired */
	CHECK(mi_lease_mode(lease, MI_MODE_PRIMARY, token, &err) == -1 && err.code == MI_AGAIN,
	      "after 40 ms it counts no longer");
	CHECK(file_says("mode replica\nepoch 5\n") && mi_route_mode(&route) == MI_MODE_REPLICA,
	      "nothing has changed");
	CHECK(!world.held && holder.ended == 1 && holder.code == MI_AGAIN, "the holder was told");
	CHECK(mi_lease_release(lease, token, &err) == -1, "the token is dead");
	mi_lease_free(lease);
}

static void in_time(void)
{
	struct mi_lease *lease = lease_in(MI_MODE_REPLICA, 5);
	struct holder holder = {0}, other = {0};
	struct mi_err err = {0};
	struct mi_span token;

	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == 0, "a long hold");
	token = token_of(lease);
	CHECK(mi_lease_begin(lease, 60000, false, tell, &other, &err) == -1 && !other.granted,
	      "there is one at a time");
	CHECK(mi_lease_mode(lease, MI_MODE_PRIMARY, mi_span("x", 1), &err) == -1, "a wrong token");
	CHECK(mi_lease_mode(lease, MI_MODE_PRIMARY, mi_span(token.data, 31), &err) == -1,
	      "half a token");
	CHECK(mi_lease_mode(lease, MI_MODE_PRIMARY, mi_span("", 0), &err) == -1 &&
	          err.code == MI_USAGE,
	      "none");
	CHECK(mi_lease_mode(lease, MI_MODE_PRIMARY, token, &err) == 0, "the right one");
	CHECK(file_says("mode primary\nepoch 6\n") && world.held,
	      "the file is written, and nobody let in before the answer");
	mi_lease_admit(lease);
	CHECK(!world.held && holder.ended == 1 && holder.code == 0, "then they are");
	CHECK(mi_lease_mode(lease, MI_MODE_PRIMARY, token, &err) == 0 &&
	          file_says("mode primary\nepoch 6\n"),
	      "asked again: the same answer, no new epoch");
	CHECK(mi_lease_mode(lease, MI_MODE_REPLICA, token, &err) == -1,
	      "a token is for one change");
	mi_lease_free(lease);
}

static void leaving(void)
{
	struct mi_lease *lease = lease_in(MI_MODE_SOURCE, 1);
	struct holder holder = {0}, stranger = {0};
	struct mi_err err = {0};

	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == 0, "a hold");
	mi_lease_leave(lease, &stranger);
	CHECK(world.held, "somebody else leaves");
	mi_lease_leave(lease, &holder);
	CHECK(!world.held && holder.ended == 0, "the holder leaves, and is told nothing");
	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == 0, "another");
	mi_lease_free(lease);
	CHECK(!world.held && holder.ended == 0, "which ends with the router");
}

static void draining(void)
{
	struct mi_lease *lease = lease_in(MI_MODE_SOURCE, 1);
	struct holder holder = {0};
	struct mi_err err = {0};

	world.busy = 1;
	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == 0 && !holder.granted,
	      "one is busy");
	CHECK(mi_lease_release(lease, mi_span("", 0), &err) == -1 &&
	          mi_lease_mode(lease, MI_MODE_PRIMARY, mi_span("-", 1), &err) == -1,
	      "there is no token yet");
	all_idle();
	CHECK(holder.granted == 1, "and is no longer");
	mi_lease_leave(lease, &holder);
	world.busy = 1;
	CHECK(mi_lease_begin(lease, 20, false, tell, &holder, &err) == 0, "busy again");
	sleep_ms(30);
	all_idle();
	CHECK(holder.granted == 1 && holder.stuck == 1 && !world.held, "drained too late");
	mi_lease_free(lease);
}

static void pinned(void)
{
	struct mi_lease *lease = lease_in(MI_MODE_SOURCE, 1);
	struct holder holder = {0};
	struct mi_err err = {0};

	world.pinned = 1;
	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == -1 &&
	          err.code == MI_AGAIN && !world.held,
	      "one is pinned: no hold");
	CHECK(mi_lease_begin(lease, 60000, true, tell, &holder, &err) == 0 && holder.granted == 1 &&
	          world.evicted == 1,
	      "unless it may be ended");
	mi_lease_leave(lease, &holder);
	world.busy = 1;
	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == 0, "a hold");
	world.pinned = 1;
	all_idle();
	CHECK(holder.stuck == 1 && !world.held, "a session that is pinned in the end");
	mi_lease_free(lease);
}

static void final(void)
{
	struct mi_lease *lease = lease_in(MI_MODE_TARGET, 9);
	struct holder holder = {0};
	struct mi_err err = {0};

	CHECK(mi_lease_begin(lease, 60000, false, tell, &holder, &err) == 0 &&
	          mi_lease_mode(lease, MI_MODE_PRIMARY, token_of(lease), &err) == -1 &&
	          err.code == MI_USAGE && file_says("mode target\nepoch 9\n"),
	      "mode target is final");
	mi_lease_free(lease);
}

int main(void)
{
	struct mi_err err;

	if (!mkdtemp(folder) || mi_loop_new(&loop, &err) != 0)
		return 1;
	(void)snprintf(path, sizeof path, "%s/mode", folder);
	route.loops = &loop;
	late();
	in_time();
	leaving();
	draining();
	pinned();
	final();
	mi_loop_free(loop);
	(void)unlink(path);
	(void)rmdir(folder);
	DONE();
}
