#include "route/control/lease.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/container.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/msg.h"
#include "route/control/mode.h"
#include "route/net/loop.h"
#include "route/session/gate.h"
#include "route/state/pins.h"
#include "route/back/sessions.h"
#include "route/state/state.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum { TOKEN_BYTES = 16, LOOK_MS = 50, NAMED = 3 };

enum state {
	NONE,
	DRAINING,
	IN_FORCE,
	USED, /* the mode was changed; mi_lease_admit follows in the same turn */
};

struct mi_lease {
	struct mi_route *route;
	struct mi_lease_options options;
	enum state state;
	bool evict;
	uint64_t began, deadline; /* by mi_now_ms: the loop's clock stands still during a turn */
	char token[2 * TOKEN_BYTES + 1];
	char used[2 * TOKEN_BYTES + 1]; /* the token of the last change of mode */
	mi_lease_tell_fn *tell;
	void *holder;
	struct mi_timer timer;
	struct mi_lease_counters counters;
};

static struct mi_loop *loop_of(const struct mi_lease *lease)
{
	return lease->route->loops[0];
}

static void make_token(char token[2 * TOKEN_BYTES + 1])
{
	unsigned char bytes[TOKEN_BYTES];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		abort(); /* better no router than a token that can be guessed */
	mi_hex_write(token, bytes, sizeof bytes, mi_hex_lower);
	token[2 * TOKEN_BYTES] = '\0';
}

static bool same_token(struct mi_span given, const char *token)
{
	size_t len = strlen(token);

	return len > 0 && given.len == len && CRYPTO_memcmp(given.data, token, len) == 0;
}

/* ---- The end of a hold ---- */

static void end(struct mi_lease *lease, enum mi_lease_news news, const struct mi_err *why)
{
	mi_lease_tell_fn *tell = lease->tell;

	mi_timer_stop(loop_of(lease), &lease->timer);
	lease->counters.last_ms = mi_now_ms() - lease->began;
	lease->counters.held_ms += lease->counters.last_ms;
	lease->state = NONE;
	lease->tell = NULL;
	OPENSSL_cleanse(lease->token, sizeof lease->token);
	mi_route_release(lease->route, lease->options.burst);
	if (tell)
		tell(lease->holder, news, why);
	lease->holder = NULL;
}

static void expire(struct mi_lease *lease)
{
	struct mi_err err = {0};

	lease->counters.expired++;
	(void)mi_fail(&err, MI_AGAIN, "the lease has ended: its time is over");
	mi_notice("a hold has ended by its timer: clients go on in mode %s",
	          mi_route_mode_names[mi_route_mode(lease->route)]);
	end(lease, MI_LEASE_ENDED, &err);
}

/* ---- Draining ---- */

static void stuck(struct mi_lease *lease, const char *why, enum mi_session_load who)
{
	struct mi_buf text = {0};
	struct mi_err err = {0};
	unsigned count = mi_lease_obstacles(lease->route, who, NAMED, &text);

	for (size_t i = 0; i < text.len; i++) /* an error is one line */
		if (text.data[i] == '\n')
			text.data[i] = i + 1 < text.len ? ';' : ' ';
	(void)mi_fail(&err, MI_AGAIN, "%s: %s(%u in all)", why, mi_buf_cstr(&text), count);
	mi_buf_release(&text);
	lease->counters.stuck++;
	mi_notice("no hold: %s", err.text);
	end(lease, MI_LEASE_STUCK, &err);
}

static void drained(void *arg)
{
	struct mi_lease *lease = arg;
	struct mi_route_tally tally;

	if (lease->state != DRAINING)
		return;
	/* takes every loop's lock after the hold began: a session that had not seen the hold is
	 * counted as busy by now */
	mi_route_tally(lease->route, &tally);
	if (tally.busy) {
		mi_route_hold(lease->route, drained, lease);
		return;
	}
	if (tally.pinned && lease->evict) {
		(void)mi_route_evict(lease->route);
		mi_route_tally(lease->route, &tally);
	}
	if (tally.pinned) {
		stuck(lease, "sessions that cannot move", MI_SESSION_PINNED);
		return;
	}
	if (mi_now_ms() >= lease->deadline) {
		stuck(lease, "drained too late", MI_SESSION_BUSY);
		return;
	}
	make_token(lease->token);
	lease->state = IN_FORCE;
	lease->counters.granted++;
	lease->tell(lease->holder, MI_LEASE_GRANTED, NULL);
}

struct look {
	uint64_t now, idle_ms;
	unsigned idle;
};

static void look_at(struct mi_route_session *session, void *arg)
{
	struct look *look = arg;

	if (session->load == MI_SESSION_BUSY && !session->command.running &&
	    look->now - session->since > look->idle_ms)
		look->idle++;
}

/* Does not wait until the hold's time is over for transactions that have written and are idle. */
static void look_for_idle(struct mi_lease *lease)
{
	struct look look = {.now = mi_loop_now(loop_of(lease)), .idle_ms = lease->options.idle_ms};

	mi_route_each_session(lease->route, look_at, &look);
	if (look.idle == 0)
		return;
	if (lease->evict)
		(void)mi_route_evict(lease->route);
	else
		stuck(lease, "a transaction has written and is idle", MI_SESSION_BUSY);
}

static void on_timer(struct mi_timer *timer)
{
	struct mi_lease *lease = mi_container_of(timer, struct mi_lease, timer);
	uint64_t now = mi_now_ms(), left;

	if (lease->state == IN_FORCE && now >= lease->deadline) {
		expire(lease);
		return;
	}
	if (lease->state == DRAINING && now >= lease->deadline) {
		stuck(lease, "still busy when the time was over", MI_SESSION_BUSY);
		return;
	}
	if (lease->state == DRAINING)
		look_for_idle(lease);
	if (lease->state == NONE)
		return;
	left = lease->deadline - now;
	mi_timer_set(loop_of(lease), &lease->timer,
	             lease->state == DRAINING && left > LOOK_MS ? LOOK_MS : left);
}

int mi_lease_begin(struct mi_lease *lease, uint64_t ms, bool evict, mi_lease_tell_fn *tell,
                   void *holder, struct mi_err *err)
{
	struct mi_route_tally tally;
	struct mi_buf text = {0};

	if (lease->state != NONE)
		return mi_fail(err, MI_AGAIN, "another hold is in force");
	if (evict)
		(void)mi_route_evict(lease->route);
	mi_route_tally(lease->route, &tally);
	if (tally.pinned) {
		(void)mi_lease_obstacles(lease->route, MI_SESSION_PINNED, 1, &text);
		(void)mi_fail(err, MI_AGAIN, "%u sessions cannot move, one is %.*s", tally.pinned,
		              (int)(text.len ? text.len - 1 : 0), text.len ? text.data : "");
		mi_buf_release(&text);
		return -1;
	}
	lease->state = DRAINING;
	lease->evict = evict;
	lease->began = mi_now_ms();
	lease->deadline = lease->began + ms;
	lease->tell = tell;
	lease->holder = holder;
	lease->counters.holds++;
	mi_timer_set(loop_of(lease), &lease->timer, ms < LOOK_MS ? ms : LOOK_MS);
	mi_route_hold(lease->route, drained, lease);
	return 0;
}

/* ---- Leaving and releasing ---- */

void mi_lease_leave(struct mi_lease *lease, const void *holder)
{
	if (lease->state == NONE || lease->holder != holder)
		return;
	mi_notice("a hold has ended: its holder has gone");
	lease->tell = NULL;
	end(lease, MI_LEASE_ENDED, NULL);
}

static bool in_force(struct mi_lease *lease, struct mi_span token)
{
	if (lease->state != IN_FORCE)
		return false;
	if (mi_now_ms() >= lease->deadline) { /* the lease is over even if its timer is late */
		expire(lease);
		return false;
	}
	return same_token(token, lease->token);
}

static int no_such_lease(struct mi_err *err)
{
	(void)mi_fail(err, MI_AGAIN, "no lease of that token is in force");
	return mi_hint(err, "it has ended by its timer, with its holder's connection, or with the "
	                    "router; hold again");
}

int mi_lease_release(struct mi_lease *lease, struct mi_span token, struct mi_err *err)
{
	static const struct mi_err released = {0};

	if (in_force(lease, token)) {
		end(lease, MI_LEASE_ENDED, &released);
		return 0;
	}
	return same_token(token, lease->used) ? 0 : no_such_lease(err);
}

/* ---- Modes ---- */

static int may_change(struct mi_lease *lease, enum mi_route_mode from, enum mi_route_mode to,
                      struct mi_span token, struct mi_err *err)
{
	bool moves = mi_route_writer(from) != mi_route_writer(to);

	if (from == MI_MODE_TARGET)
		return mi_fail(err, MI_USAGE, "mode target is final: there is no source any more");
	if (token.len)
		return in_force(lease, token) ? 0 : no_such_lease(err);
	if (moves) {
		(void)mi_fail(err, MI_USAGE,
		              "mode %s moves the writes: it needs the token of a hold",
		              mi_route_mode_names[to]);
		return mi_hint(err, "hold SECONDS gives one");
	}
	if (lease->state != NONE)
		return mi_fail(err, MI_AGAIN, "a hold is in force, and this is not its token");
	return 0;
}

/* Writes the mode file. A write that failed may have replaced the file all the same; then the file
 * decides, because a restarted router would go by it. */
static int commit(const struct mi_lease *lease, enum mi_route_mode mode, uint64_t epoch,
                  struct mi_err *err)
{
	enum mi_route_mode now;
	uint64_t now_epoch;
	struct mi_err second = {0};

	if (mi_mode_write(lease->options.mode_file, mode, epoch, err) == 0)
		return 0;
	if (mi_mode_read(lease->options.mode_file, &now, &now_epoch, &second) == 0 && now == mode &&
	    now_epoch == epoch) {
		mi_warn("%s; the file has the new mode, which counts", err->text);
		return 0;
	}
	return mi_within(err, "the mode stays %s",
	                 mi_route_mode_names[mi_route_mode(lease->route)]);
}

int mi_lease_mode(struct mi_lease *lease, enum mi_route_mode mode, struct mi_span token,
                  struct mi_err *err)
{
	struct mi_route *route = lease->route;
	enum mi_route_mode from = mi_route_mode(route);
	uint64_t epoch = atomic_load(&route->epoch) + 1;

	if (from == mode && (token.len == 0 || same_token(token, lease->used)))
		return 0; /* the command is sent again when its answer was lost */
	if (may_change(lease, from, mode, token, err) != 0)
		return -1;
	if (from != mode) {
		if (commit(lease, mode, epoch, err) != 0)
			return -1;
		mi_route_set_mode(route, mode, epoch);
		lease->counters.changes++;
		mi_notice("mode %s, epoch %llu", mi_route_mode_names[mode],
		          (unsigned long long)epoch);
	}
	if (lease->state == IN_FORCE) {
		memcpy(lease->used, lease->token, sizeof lease->used);
		lease->state = USED;
	}
	return 0;
}

void mi_lease_admit(struct mi_lease *lease)
{
	static const struct mi_err used = {0};

	if (lease->state == USED)
		end(lease, MI_LEASE_ENDED, &used);
}

/* ---- Looking ---- */

const char *mi_lease_token(const struct mi_lease *lease)
{
	return lease->state == IN_FORCE ? lease->token : "-";
}

void mi_lease_counters(const struct mi_lease *lease, struct mi_lease_counters *counters)
{
	*counters = lease->counters;
}

struct listing {
	enum mi_session_load who;
	unsigned max, count;
	uint64_t now;
	struct mi_buf *text;
};

static void list(struct mi_route_session *session, void *arg)
{
	struct listing *listing = arg;
	bool pinned = listing->who == MI_SESSION_PINNED;

	if (session->load != listing->who || listing->count++ >= listing->max)
		return;
	mi_buf_addf(listing->text, "%s %u %s@%s %llu ms", pinned ? "pinned" : "busy", session->id,
	            session->user ? session->user->name : "-", session->peer,
	            (unsigned long long)(listing->now - session->since));
	mi_buf_add_char(listing->text, ' ');
	if (pinned)
		mi_pins_print(session->pins, listing->text);
	else
		mi_buf_add_str(listing->text, session->command.running ? "running" : "idle");
	mi_buf_add_char(listing->text, '\n');
}

unsigned mi_lease_obstacles(struct mi_route *route, enum mi_session_load who, unsigned max,
                            struct mi_buf *text)
{
	struct listing listing = {
	    .who = who, .max = max, .now = mi_loop_now(route->loops[0]), .text = text};

	mi_route_each_session(route, list, &listing);
	return listing.count;
}

/* ---- Life ---- */

struct mi_lease *mi_lease_new(struct mi_route *route, const struct mi_lease_options *options)
{
	struct mi_lease *lease = mi_alloc(sizeof *lease);

	lease->route = route;
	lease->options = *options;
	lease->timer.fire = on_timer;
	return lease;
}

void mi_lease_free(struct mi_lease *lease)
{
	if (!lease)
		return;
	lease->tell = NULL;
	if (lease->state != NONE)
		end(lease, MI_LEASE_ENDED, NULL);
	free(lease);
}
