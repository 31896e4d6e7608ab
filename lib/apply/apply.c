#include "apply/apply.h"
#include "apply/begin.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/group.h"
#include "apply/inbox.h"
#include "apply/notify.h"
#include "apply/past.h"
#include "apply/pieces.h"
#include "apply/reader.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "apply/statement.h"
#include "apply/xa.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "program/metric.h"
#include "base/msg.h"
#include "program/progress.h"
#include "base/stop.h"
#include "base/words.h"
#include "bookkeeping/load.h"
#include "bookkeeping/position.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "gtid/gtid.h"
#include "server/link.h"
#include "table/dbmap.h"

#include <stdlib.h>

enum {
	INBOX_BYTES = 24 << 20,
	TOGETHER_BYTES = 10 << 20, /* of bundles that are applied together, at most */
	BUNDLE_TRXS = 100,
	IDLE_MS = 1000, /* after so long without a COMMIT, skipped transactions are committed */
};

/* The GTID in "ACTION@GTID"; NULL: the action is not among actions, or there is no GTID. */
static const char *ddl_at_gtid(const char *text, const char *const *actions)
{
	const char *at = strchr(text, '@');

	if (!at || mi_word_index(mi_span(text, (size_t)(at - text)), actions) < 0)
		return NULL;
	return at + 1;
}

int mi_apply_check_options(const struct mi_apply_options *options, struct mi_err *err)
{
	static const char *const ddls[] = {"stop", "skip", "apply", NULL};
	static const char *const dialects[] = {"auto", "mysql", "vtgate", NULL};

	if (mi_word_index(mi_span_str(options->on_ddl), ddls) < 0)
		return mi_fail(err, MI_USAGE, "--on-ddl=%s is not stop, skip or apply",
		               options->on_ddl);
	if (mi_word_index(mi_span_str(options->dialect), dialects) < 0)
		return mi_fail(err, MI_USAGE, "--dialect=%s is not auto, mysql or vtgate",
		               options->dialect);
	if (options->past && options->until)
		return mi_fail(err, MI_USAGE, "--past passes one transaction: not with --until");
	if (options->on_ddl_at && !ddl_at_gtid(options->on_ddl_at, ddls))
		return mi_fail(err, MI_USAGE, "--on-ddl-at=%s is not ACTION@GTID",
		               options->on_ddl_at);
	if (options->import && options->flow)
		return mi_fail(err, MI_USAGE, "--flow names the import already: not with --import");
	if (options->import && mi_state_check_import(options->import, err) != 0)
		return -1;
	if (options->flow && (strlen(options->flow) > 80 || !strchr(options->flow, '/')))
		return mi_fail(err, MI_USAGE, "--flow=%s is not IMPORT/DIRECTION", options->flow);
	return mi_map_check(&options->map, err);
}

/* ---- One transaction of the source ---- */

/* A transaction of MariaDB whose number does not grow within its domain would be taken for one that
 * was applied. */
static int check_growth(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	if (mi_gtid_family(trx->gtids) != MI_GTID_MARIADB || trx->continued)
		return 0;
	if (mi_gtid_contains(f->seen, trx->gtids)) {
		(void)mi_fail(err, MI_DATA, "transaction %s does not come after the one before it",
		              trx->gtid);
		return mi_hint(err, "numbers must grow within a domain: gtid_strict_mode=ON on the "
		                    "source");
	}
	return mi_gtid_union(f->seen, trx->gtids, err);
}

static void forget_new_table(struct mi_follower *f)
{
	if (!f->shapes.new_table)
		return;
	f->shapes.new_table = false;
	mi_compact_reset(&f->compact);
	mi_shapes_release(&f->shapes);
}

/* Rows that follow a definition in the same transaction: the table's first. Its later ones are
 * looked at anew. */
static int take_rows(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	int ret;

	f->shapes.new_table = true;
	if (trx->kind == MI_TRX_PIECE)
		return mi_piecewise_take(f, trx, err);
	if (mi_is_too_large(f, trx->op_count))
		ret = mi_split_apply(f, trx, err);
	else
		ret = mi_group_add(f, trx, err) == 0 ? mi_group_commit(f, err) : -1;
	forget_new_table(f);
	return ret;
}

static int take_piece(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	int ret = mi_piecewise_take(f, piece, err);

	if (piece->kind != MI_TRX_PIECE)
		forget_new_table(f);
	return ret;
}

static int take_statement(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	bool rows = true;

	/* of pieces it is not known yet whether an earlier run has applied them, or some */
	if (!mi_gtid_contains(f->position.set, trx->gtids) && !mi_split_has_begun(f, trx) &&
	    mi_follower_statement(f, trx, &rows, err) != 0)
		return -1;
	return rows ? take_rows(f, trx, err) : 0;
}

static int take_special(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	if (mi_group_commit(f, err) != 0)
		return -1;
	if (trx->statements)
		return take_statement(f, trx, err);
	if (trx->kind == MI_TRX_PIECE || trx->continued)
		return take_piece(f, trx, err);
	switch (trx->kind) {
	case MI_TRX_PREPARE:
		return mi_xa_prepare(f, trx, err);
	case MI_TRX_XA_COMMIT:
		return mi_xa_commit(f, trx, err);
	case MI_TRX_XA_ROLLBACK:
		return mi_xa_rollback(f, trx, err);
	default:
		return mi_split_apply(f, trx, err);
	}
}

static int take_skip(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	if (mi_gtid_family(trx->gtids) == MI_GTID_MARIADB &&
	    mi_gtid_union(f->seen, trx->gtids, err) != 0)
		return -1;
	if (mi_gtid_contains(f->position.set, trx->gtids))
		return 0;
	if (f->parted && mi_gtid_contains(trx->gtids, f->parted)) {
		(void)mi_fail(err, MI_DATA,
		              "a large transaction was rolled back at the source after "
		              "--split-large had applied a part of it");
		return mi_hint(err, "copy the tables that it changed again");
	}
	f->skips_told = false;
	return mi_gtid_union(f->skipped, trx->gtids, err);
}

static int take_trx(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	bool passed;

	if (trx->kind == MI_TRX_SKIP)
		return take_skip(f, trx, err);
	if (trx->kind != MI_TRX_ABORT && check_growth(f, trx, err) != 0)
		return -1;
	if (mi_past_take(f, trx, &passed, err) != 0)
		return -1;
	if (passed)
		return 0;
	if (!trx->continued && trx->kind != MI_TRX_PIECE &&
	    mi_gtid_contains(f->position.set, trx->gtids))
		return 0; /* applied by an earlier run */
	if (trx->kind == MI_TRX_COMMIT && !trx->continued && !trx->statements &&
	    !mi_is_too_large(f, trx->op_count))
		return mi_group_add(f, trx, err);
	return take_special(f, trx, err);
}

/* ---- --until ---- */

/* *reached: together with the group that is not committed yet, the position contains the wanted
 * set. */
static int look_at_until(struct mi_follower *f, bool *reached, struct mi_err *err)
{
	struct mi_gtid_set *set;
	int ret;

	*reached = false;
	if (!f->until)
		return 0;
	set = mi_gtid_copy(f->position.set);
	ret = mi_gtid_union(set, f->skipped, err);
	for (size_t i = 0; ret == 0 && i < f->group.count; i++)
		ret = mi_gtid_union(set, f->group.trxs[i]->gtids, err);
	if (ret == 0)
		*reached = mi_gtid_contains(set, f->until);
	mi_gtid_free(set);
	return ret;
}

/* ---- Bundles ---- */

/* A transaction cannot be applied: commits those before it in the group. Returns -1. */
static int fail_after_group(struct mi_follower *f, struct mi_err *err)
{
	struct mi_err other = {0};

	if (f->group.count > 0 && mi_group_commit(f, &other) != 0)
		*err = other;
	return -1;
}

/* All up to here is applied, so that a heartbeat among it says how late it is. */
static void heard(struct mi_follower *f, uint64_t heartbeat_us)
{
	if (heartbeat_us > 0)
		atomic_store(&f->heartbeat_us, heartbeat_us);
}

/* Applies the bundles' transactions, up to the one with which --until is reached. */
static int apply_bundles(struct mi_follower *f, const struct mi_bundle *bundles, bool *reached,
                         struct mi_err *err)
{
	uint64_t heartbeat_us = 0;

	for (; bundles && !*reached; bundles = bundles->next) {
		for (const struct mi_trx *trx = bundles->first; trx && !*reached; trx = trx->next)
			if (take_trx(f, trx, err) != 0 || look_at_until(f, reached, err) != 0)
				return fail_after_group(f, err);
		if (bundles->heartbeat_us)
			heartbeat_us = bundles->heartbeat_us;
	}
	/* when all transactions were skipped, their part of the position is not committed now, but
	 * with later ones or after IDLE_MS; the router learns of them at once, since nothing of
	 * them is missing here and everything before them has been committed */
	if (f->group.count == 0 && !*reached) {
		if (!f->skips_told && !f->piecewise.is_open)
			mi_notify_add(f->notify, f->skipped);
		f->skips_told = true;
	} else if (mi_group_commit(f, err) != 0) {
		return -1;
	}
	heard(f, heartbeat_us);
	return 0;
}

static void bundles_done(struct mi_follower *f, struct mi_bundle *bundles)
{
	while (bundles) {
		struct mi_bundle *next = bundles->next;

		bundles->next = NULL;
		mi_inbox_done(f->inbox, bundles);
		bundles = next;
	}
}

/* Chains to the first bundle those that have arrived already, as many as go into one group: a few
 * transactions too many would cost a COMMIT of their own, and the size of the next bundle is
 * guessed from the last one. A header ends the chain and is returned in *header. */
static struct mi_bundle *take_more(struct mi_follower *f, struct mi_bundle *first,
                                   struct mi_bundle **header)
{
	struct mi_bundle *last = first;
	size_t bytes = mi_bundle_bytes(first), trxs = first->trx_count, ops = first->op_count;

	while (bytes < TOGETHER_BYTES && trxs + last->trx_count <= f->options->batch &&
	       ops + last->op_count <= MI_GROUP_OPS && (last->next = mi_inbox_take(f->inbox, 0))) {
		if (last->next->since) {
			*header = last->next;
			last->next = NULL;
			break;
		}
		last = last->next;
		bytes += mi_bundle_bytes(last);
		trxs += last->trx_count;
		ops += last->op_count;
	}
	return first;
}

/* Commits skipped transactions and writes the checkpoint file: both at once (now), or when they
 * have waited long enough. */
static int catch_up_with_files(struct mi_follower *f, bool now, struct mi_err *err)
{
	if (!f->piecewise.is_open && !mi_gtid_is_empty(f->skipped) &&
	    (now || mi_now_ms() - f->committed_ms >= IDLE_MS) && mi_group_commit(f, err) != 0)
		return -1;
	return mi_follower_save(f, now, err);
}

static int wait_ms(const struct mi_follower *f)
{
	if (!f->has_begun)
		return -1;
	if (f->file_is_old && f->options->checkpoint)
		return IDLE_MS / 10;
	return mi_gtid_is_empty(f->skipped) ? -1 : IDLE_MS;
}

/* Waits for the next bundle. NULL: a failure, with err filled; or the input is complete, with err's
 * code 0. */
static struct mi_bundle *next_bundle(struct mi_follower *f, struct mi_err *err)
{
	struct mi_bundle *bundle;

	for (;;) {
		if (f->has_begun && catch_up_with_files(f, false, err) != 0)
			return NULL;
		atomic_store(&f->busy_since, 0);
		bundle = mi_inbox_take(f->inbox, wait_ms(f));
		atomic_store(&f->busy_since, mi_now_ms());
		if (bundle)
			return bundle;
		if (mi_inbox_ended(f->inbox, err)) {
			struct mi_err other = {0};

			if (f->has_begun && catch_up_with_files(f, true, &other) != 0 &&
			    err->code == 0)
				*err = other;
			return NULL;
		}
	}
}

/* Waits until the next transaction may begin. Between the pieces of one nothing is waited for: it
 * holds locks. A wish to stop ends the waiting. */
static int wait_turn(struct mi_follower *f, struct mi_err *err)
{
	while (!f->piecewise.is_open && !mi_stop_asked() &&
	       !mi_throttle_ready(f->throttle, &f->turn))
		if (catch_up_with_files(f, false, err) != 0)
			return -1;
	return 0;
}

static int apply_in_turn(struct mi_follower *f, const struct mi_bundle *bundles, bool *reached,
                         struct mi_err *err)
{
	uint64_t bytes = 0;
	int ret;

	if (wait_turn(f, err) != 0)
		return -1;
	if (mi_stop_asked() && !f->piecewise.is_open)
		return 0; /* the caller looks, too: nothing of these has been applied */
	for (const struct mi_bundle *b = bundles; b; b = b->next)
		bytes += mi_bundle_bytes(b);
	ret = apply_bundles(f, bundles, reached, err);
	mi_throttle_done(f->throttle, &f->turn, bytes);
	return ret;
}

static int take_bundle(struct mi_follower *f, struct mi_bundle *bundle, bool *reached,
                       struct mi_err *err)
{
	struct mi_bundle *header = NULL;
	int ret;

	if (bundle->since) {
		header = bundle;
		ret = 0;
	} else {
		bundle = take_more(f, bundle, &header);
		ret = apply_in_turn(f, bundle, reached, err);
		f->group.count = f->group.op_count = 0;
		bundles_done(f, bundle);
	}
	if (header && ret == 0 && !*reached && !mi_stop_asked()) {
		/* a further stream begins where the one before ended, skipped transactions
		 * included */
		ret = f->has_begun ? catch_up_with_files(f, true, err) : 0;
		if (ret == 0)
			ret = mi_follower_header(f, header, err);
		if (ret == 0)
			ret = look_at_until(f, reached, err);
	}
	bundles_done(f, header);
	return ret;
}

static int follow(struct mi_follower *f, struct mi_err *err)
{
	struct mi_bundle *bundle;
	bool reached = false;

	while (!reached && (bundle = next_bundle(f, err))) {
		if (take_bundle(f, bundle, &reached, err) != 0)
			return -1;
		if (mi_stop_asked() && !f->piecewise.is_open)
			return catch_up_with_files(f, true, err) == 0 ? mi_stop_fail(err) : -1;
	}
	if (err->code)
		return -1;
	mi_past_end(f);
	if (f->until && !reached)
		return mi_fail(err, MI_AGAIN, "the stream ended before --until was reached");
	return 0;
}

/* ---- All of it ---- */

static void add_metrics(void *user, struct mi_buf *out)
{
	struct mi_follower *f = user;
	struct mi_apply_metrics *m = &f->metrics;
	uint64_t source_us, heartbeat = atomic_load(&f->heartbeat_us);
	const char *tool = mi_progname();

	(void)pthread_mutex_lock(&m->lock);
	source_us = m->source_us > heartbeat ? m->source_us : heartbeat;
	mi_progress_metric(out, "mi_transactions_total", "counter", "Source transactions applied.",
	                   tool, (double)m->transactions);
	mi_progress_metric(out, "mi_target_transactions_total", "counter",
	                   "Transactions of the target they went into.", tool,
	                   (double)m->target_transactions);
	mi_progress_metric(out, "mi_replays_total", "counter",
	                   "Batches that were repeated one by one.", tool, (double)m->replays);
	mi_progress_metric(out, "mi_lag_seconds", "gauge",
	                   "From commit on the source to commit here, latest transaction.", tool,
	                   m->lag_seconds);
	mi_progress_metric(out, "mi_source_time_seconds", "gauge",
	                   "The source's time up to which all is applied or was quiet.", tool,
	                   (double)source_us / 1e6);
	mi_progress_metric(out, "mi_busy", "gauge",
	                   "1: something that was read is not applied yet.", tool,
	                   atomic_load(&f->busy_since) != 0);
	mi_metric_begin(out, "mi_position", "gauge", "Applied transactions.");
	mi_metric_count(out, "mi_position",
	                MI_LABELS({"tool", tool}, {"gtid", mi_buf_cstr(&m->position)}), 1);
	(void)pthread_mutex_unlock(&m->lock);
	mi_throttle_metrics(f->throttle, out);
}

/* How far the target may be behind the source, in milliseconds, for notify: 0 when all that was
 * read has been applied; else the last transaction's lag or, if that is longer, how long the
 * present work has taken. */
static uint64_t lag_ms(void *user)
{
	struct mi_follower *f = user;
	uint64_t since = atomic_load(&f->busy_since), now = mi_now_ms(), lag;

	if (since == 0)
		return 0;
	(void)pthread_mutex_lock(&f->metrics.lock);
	lag = (uint64_t)(f->metrics.lag_seconds * 1000);
	(void)pthread_mutex_unlock(&f->metrics.lock);
	return now - since > lag ? now - since : lag;
}

static void add_words(void *user, struct mi_buf *out)
{
	struct mi_follower *f = user;

	mi_throttle_words(f->throttle, out);
}

static int start_notify(struct mi_follower *f, struct mi_err *err)
{
	const struct mi_notify_options options = {f->options->notify, lag_ms, f};

	return options.path ? mi_notify_start(&f->notify, &options, err) : 0;
}

static int set_up(struct mi_follower *f, const struct mi_apply_options *options, int fd,
                  struct mi_err *err)
{
	const struct mi_progress_extra extra = {add_metrics, add_words, f};
	struct mi_throttle_options throttle = options->throttle;

	f->options = options;
	f->link_options = (struct mi_link_options){
	    .conn = options->conn,
	    .no_binlog = options->no_binlog,
	    .retry_seconds = options->retry_seconds,
	};
	f->link.options = &f->link_options;
	f->shapes.map = &options->map;
	f->shapes.no_proof = options->no_proof;
	f->skipped = mi_gtid_new();
	f->seen = mi_gtid_new();
	f->inbox = mi_inbox_new(INBOX_BYTES);
	(void)pthread_mutex_init(&f->metrics.lock, NULL);
	atomic_init(&f->heartbeat_us, 0);
	atomic_init(&f->busy_since, 0);
	if (options->until && mi_follower_set_option("until", options->until, &f->until, err) != 0)
		return -1;
	if (mi_past_options(f, err) != 0)
		return -1;
	throttle.conn = options->conn;
	throttle.side = "target";
	if (start_notify(f, err) != 0 || mi_throttle_start(&f->throttle, &throttle, err) != 0)
		return -1;
	if (mi_progress_start_with(&f->progress, "applied", options->progress, &extra, err) != 0)
		return -1;
	return mi_reader_start(
	    &f->reader,
	    &(struct mi_reader_options){
		.fd = fd, .inbox = f->inbox, .bundle_trxs = BUNDLE_TRXS, .progress = f->progress},
	    err);
}

static void tear_down(struct mi_follower *f, bool finished)
{
	mi_notify_stop(f->notify);
	mi_inbox_refuse(f->inbox);
	mi_stop_ask(); /* wakes the reader */
	mi_compact_reset(&f->compact);
	mi_shapes_release(&f->shapes);
	mi_reader_stop(f->reader);
	mi_progress_stop(f->progress, finished);
	mi_throttle_stop(f->throttle);
	mi_inbox_free(f->inbox);
	mi_compact_release(&f->compact);
	mi_sender_release(&f->sender);
	mi_link_close(&f->link);
	if (f->has_begun)
		mi_position_release(&f->position);
	mi_state_release(&f->state);
	mi_gtid_free(f->until);
	mi_gtid_free(f->skipped);
	mi_gtid_free(f->seen);
	mi_gtid_free(f->parted);
	mi_past_release(f);
	free(f->group.trxs);
	mi_buf_release(&f->metrics.position);
	(void)pthread_mutex_destroy(&f->metrics.lock);
}

int mi_apply_run(const struct mi_apply_options *options, int fd, struct mi_err *err)
{
	struct mi_follower *f = mi_alloc(sizeof *f);
	struct mi_err other = {0};
	int ret = set_up(f, options, fd, err);

	if (ret == 0)
		ret = follow(f, err);
	if (f->piecewise.is_open)
		mi_follower_abandon(f);
	f->piecewise.is_open = false;
	/* the file is written after a failure, too: what was applied before it stays applied */
	if (f->has_begun && mi_follower_save(f, true, &other) != 0) {
		if (ret == 0)
			*err = other;
		ret = -1;
	}
	tear_down(f, ret == 0);
	free(f);
	return ret;
}
