
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/notify.h"
#include "apply/sender.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "program/progress.h"
#include "bookkeeping/position.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/link.h"

#include <stdlib.h>

enum { LEAST_PACKET = 1 << 16, VITESS_PACKET = 16 << 20 };

/* ---- The connection ---- */

static int set_up_connection(struct mi_follower *f, struct mi_err *err)
{
	struct mi_conn *conn = &f->link.conn;
	uint64_t packet;

	f->is_vitess =
	    strcmp(f->options->dialect, "vtgate") == 0 ||
	    (strcmp(f->options->dialect, "auto") == 0 && conn->flavour == MI_FLAVOUR_VITESS);
	if (mi_conn_number(conn, err, "SELECT @@max_allowed_packet", &packet) != 0)
		return -1;
	if (f->is_vitess && packet > VITESS_PACKET)
		packet = VITESS_PACKET;
	if (f->is_vitess && mi_conn_exec(conn, err, "SET transaction_mode='single'") != 0 &&
	    conn->flavour == MI_FLAVOUR_VITESS)
		return -1;
	*err = (struct mi_err){0};
	if (!f->is_vitess &&
	    mysql_set_server_option(conn->mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0)
		return mi_conn_fail(conn, err, "allowing several statements in a packet");
	mi_sender_release(&f->sender);
	f->sender = (struct mi_sender){.conn = conn,
	                               .max_packet = packet < LEAST_PACKET ? LEAST_PACKET : packet};
	return 0;
}

/* Makes sure that this connection has claimed the checkpoint. A failure that another try would only
 * repeat goes into f->final, and 0 is returned, which ends the tries. */
static int ensure_claim(struct mi_follower *f, struct mi_err *err)
{
	struct mi_conn *conn = &f->link.conn;
	bool lost;

	if (f->claimed == f->link.opened)
		return 0;
	if (set_up_connection(f, err) != 0)
		return -1;
	if (mi_position_claim(&f->position, conn, &lost, err) == 0) {
		f->claimed = f->link.opened;
		return 0;
	}
	if (!lost)
		return -1;
	f->final = *err;
	return 0;
}

/* ---- One transaction ---- */

static const char *intent_of(const struct mi_follower *f, const struct mi_work *work)
{
	return !work->intent && f->intent_ends ? "" : work->intent;
}

static int begin(struct mi_follower *f, const struct mi_work *work, struct mi_err *err)
{
	const struct mi_expect fence = {.kind = MI_EXPECT_FENCE};

	f->sender.single = work->single || f->is_vitess;
	if (mi_sender_add(&f->sender, "START TRANSACTION", err) != 0)
		return -1;
	mi_position_fence(&f->position, intent_of(f, work), mi_sender_text(&f->sender));
	return mi_sender_end(&f->sender, &fence, err);
}

/* Sends position and COMMIT in one packet: when the first statement fails, the server does not run
 * the second. *set becomes the new position; NULL when nothing was touched. */
static int end(struct mi_follower *f, const struct mi_gtid_set *touched, struct mi_gtid_set **set,
               struct mi_err *err)
{
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};
	uint64_t began;

	*set = NULL;
	if (mi_sender_finish(&f->sender, err) != 0)
		return -1;
	if (touched && !mi_gtid_is_empty(touched)) {
		*set = mi_gtid_copy(f->position.set);
		if (mi_gtid_union(*set, touched, err) != 0)
			return -1;
		mi_position_advance(&f->position, touched, *set, mi_sender_text(&f->sender));
		if (mi_sender_end(&f->sender, &nothing, err) != 0)
			return -1;
	}
	if (mi_sender_add(&f->sender, "COMMIT", err) != 0)
		return -1;
	began = mi_now_us();
	if (mi_sender_finish(&f->sender, err) != 0)
		return -1;
	mi_throttle_commit(f->throttle, mi_now_us() - began);
	return 0;
}

static void committed(struct mi_follower *f, struct mi_gtid_set *set, const char *intent)
{
	mi_position_committed(&f->position, set, intent);
	f->intent_ends = false;
	f->sender.session_differs = false;
	f->file_is_old = f->file_is_old || set;
	f->committed_ms = mi_now_ms();
}

/* Tells the router, once COMMIT has returned (or the transaction was found on the server). */
static void tell(struct mi_follower *f, const struct mi_gtid_set *touched)
{
	if (touched)
		mi_notify_add(f->notify, touched);
}

/* After a failure: leaves the connection in order, with a transaction that may be open, or closes
 * it. */
static void clean_up(struct mi_follower *f)
{
	bool close = f->sender.session_differs;

	if (f->link.is_open)
		mi_sender_reset(&f->sender);
	f->sender.session_differs = false;
	if (close)
		mi_link_close(&f->link);
}

/* Does the position, as the server has it, show that the work was committed? */
static bool is_done(const struct mi_follower *f, const struct mi_work *work)
{
	if (work->touched)
		return mi_gtid_contains(f->position.set, work->touched);
	return work->intent && strcmp(f->position.intent, work->intent) == 0;
}

struct attempt {
	struct mi_follower *f;
	const struct mi_work *work;
	bool began; /* an earlier attempt began: its COMMIT may have succeeded unseen */
};

static int attempt_once(void *user, struct mi_link *link, struct mi_err *err);

/* A shape has become lax: the same work again, at once. Each shape does so once. */
static int attempt_relaxed(struct attempt *attempt, struct mi_err *err)
{
	struct mi_link *link = &attempt->f->link;

	attempt->f->sender.relaxed = false;
	*err = (struct mi_err){0};
	if (!link->is_open)
		return mi_link_open(link, err) == 0 ? attempt_once(attempt, link, err) : -1;
	if (mysql_rollback(link->conn.mysql) != 0)
		return mi_conn_fail(&link->conn, err, "ROLLBACK");
	return attempt_once(attempt, link, err);
}

static int attempt_once(void *user, struct mi_link *link, struct mi_err *err)
{
	struct attempt *attempt = user;
	struct mi_follower *f = attempt->f;
	struct mi_gtid_set *set = NULL;

	(void)link;
	if (ensure_claim(f, err) != 0)
		return -1;
	if (f->final.code || (attempt->began && is_done(f, attempt->work)))
		return 0;
	attempt->began = true;
	f->sender.in_pieces = false;
	if (begin(f, attempt->work, err) == 0 &&
	    (!attempt->work->body || attempt->work->body(f, attempt->work->user, err) == 0) &&
	    end(f, attempt->work->touched, &set, err) == 0) {
		committed(f, set, intent_of(f, attempt->work));
		return 0;
	}
	mi_gtid_free(set);
	clean_up(f);
	if (f->sender.lost) {
		f->final = *err;
		return 0;
	}
	return f->sender.relaxed ? attempt_relaxed(attempt, err) : -1;
}

int mi_follower_commit(struct mi_follower *f, const struct mi_work *work, struct mi_err *err)
{
	struct attempt attempt = {.f = f, .work = work};

	if (mi_link_run(&f->link, attempt_once, &attempt, err) != 0)
		return -1;
	if (f->final.code == 0) {
		tell(f, work->touched);
		return 0;
	}
	*err = f->final;
	return -1;
}

/* ---- In halves ---- */

static int open_once(void *user, struct mi_link *link, struct mi_err *err)
{
	static const struct mi_work plain = {0};
	struct mi_follower *f = user;

	(void)link;
	if (ensure_claim(f, err) != 0)
		return -1;
	if (f->final.code)
		return 0;
	f->sender.in_pieces = true;
	if (begin(f, &plain, err) == 0 && mi_sender_finish(&f->sender, err) == 0)
		return 0;
	clean_up(f);
	if (!f->sender.lost)
		return -1;
	f->final = *err;
	return 0;
}

int mi_follower_open(struct mi_follower *f, struct mi_err *err)
{
	if (mi_link_run(&f->link, open_once, f, err) != 0)
		return -1;
	if (f->final.code == 0)
		return 0;
	*err = f->final;
	return -1;
}

int mi_follower_close(struct mi_follower *f, const struct mi_gtid_set *touched, struct mi_err *err)
{
	struct mi_gtid_set *set = NULL;

	if (end(f, touched, &set, err) != 0) {
		mi_gtid_free(set);
		return -1;
	}
	committed(f, set, f->intent_ends ? "" : NULL);
	tell(f, touched);
	return 0;
}

void mi_follower_abandon(struct mi_follower *f)
{
	clean_up(f);
	if (f->link.is_open && mysql_rollback(f->link.conn.mysql) != 0)
		mi_link_close(&f->link);
}

/* ---- Counting ---- */

void mi_follower_count(struct mi_follower *f, uint64_t transactions, uint64_t ops,
                       uint64_t commit_us)
{
	uint64_t now = mi_wall_us();

	mi_progress_add(f->progress, ops, 0);
	(void)pthread_mutex_lock(&f->metrics.lock);
	f->metrics.transactions += transactions;
	f->metrics.target_transactions++;
	if (commit_us) {
		f->metrics.lag_seconds = now > commit_us ? (double)(now - commit_us) / 1e6 : 0;
		f->metrics.source_us = commit_us;
	}
	mi_buf_reset(&f->metrics.position);
	mi_gtid_print(f->position.set, &f->metrics.position);
	(void)pthread_mutex_unlock(&f->metrics.lock);
}
