#include "apply/reader.h"
#include "apply/inbox.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "program/progress.h"
#include "base/stop.h"
#include "change/bundle.h"
#include "stream/field.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"
#include "table/table.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
	BUNDLE_BYTES = 1 << 20, /* a bundle is full at the first commit past this */
	KEEP_BYTES = 32 << 20,  /* a larger transaction is handed over in pieces */
	PIECE_BYTES = 2 << 20,  /* size of the pieces after the first */
	PATIENCE_US = 2000000,  /* for a thread that hangs in a read */
};

struct mi_reader {
	struct mi_reader_options options;
	pthread_t thread;
	struct mi_frame_reader *frames;
	struct mi_unpacker *unpacker;
	struct mi_parser *parser;
	struct mi_buf payload;
	struct mi_frame frame;
	struct mi_bundle *bundle; /* the one that is being filled; NULL: none */
	bool in_trx;              /* the bundle's last transaction has not ended */
	bool streaming;           /* pieces of that transaction have been handed over */
};

/* ---- Handing over ---- */

static int hand_over(struct mi_reader *reader, struct mi_err *err)
{
	struct mi_bundle *bundle = reader->bundle;

	reader->bundle = NULL;
	if (!bundle || mi_inbox_put(reader->options.inbox, bundle))
		return 0;
	return mi_fail(err, MI_AGAIN, "no more transactions are wanted");
}

static bool is_full(const struct mi_reader *reader)
{
	const struct mi_bundle *bundle = reader->bundle;

	return bundle && (bundle->trx_count >= reader->options.bundle_trxs ||
	                  mi_bundle_bytes(bundle) >= BUNDLE_BYTES);
}

/* Hands the bundle over without its open transaction, which begins a new bundle: so the
 * transactions before need not wait for its end. */
static int split_off(struct mi_reader *reader, struct mi_err *err)
{
	struct mi_bundle *before = reader->bundle, *own = mi_bundle_new();
	const struct mi_trx *open = before->last;
	struct mi_trx *copy;

	if (mi_bundle_begin(own, open->gtid, open->commit_us, &copy, err) != 0)
		goto fail;
	copy->continued = open->continued;
	copy->xa = open->xa;
	for (const struct mi_op *op = open->ops; op; op = op->next) {
		const struct mi_change change = {op->table, op->fk_flags, op->before, op->after};

		if (mi_bundle_change(own, op->kind, &change, err) != 0)
			goto fail;
	}
	for (const struct mi_op_statement *s = open->statements; s; s = s->next)
		mi_bundle_statement(own, &s->ddl);
	mi_bundle_drop_last(before);
	if (hand_over(reader, err) != 0)
		goto fail;
	reader->bundle = own;
	return 0;
fail:
	mi_bundle_free(own);
	return -1;
}

/* Called when the input has nothing to read at the moment: hands over what is complete. */
static int flush(struct mi_reader *reader, struct mi_err *err)
{
	if (!reader->in_trx)
		return hand_over(reader, err);
	return reader->bundle->trx_count > 1 ? split_off(reader, err) : 0;
}

/* Hands over the open transaction as it is so far, as a piece; what follows goes into a new
 * bundle. */
static int hand_over_piece(struct mi_reader *reader, struct mi_err *err)
{
	struct mi_trx *piece = reader->bundle->last, *next;
	struct mi_bundle *fresh = mi_bundle_new();
	int ret;

	piece->kind = MI_TRX_PIECE;
	ret = mi_bundle_begin(fresh, piece->gtid, piece->commit_us, &next, err);
	if (ret != 0) {
		mi_bundle_free(fresh);
		return -1;
	}
	next->continued = true;
	next->xa = piece->xa;
	ret = hand_over(reader, err);
	reader->bundle = fresh;
	reader->streaming = true;
	return ret;
}

/* ---- What the parser finds ---- */

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	struct mi_reader *reader = user;
	struct mi_bundle *bundle;

	if (header->kind != MI_STREAM_EVENTS)
		return mi_fail(err, MI_DATA, "bad stream: it holds %s, and events are expected",
		               header->kind == MI_STREAM_ROWS ? "rows" : "definitions");
	bundle = mi_bundle_new();
	bundle->since = mi_arena_text(&bundle->arena, header->low);
	bundle->import_id = mi_arena_text(&bundle->arena, header->import_id);
	bundle->server = mi_arena_text(&bundle->arena, header->server);
	bundle->flavour = mi_arena_text(&bundle->arena, header->flavour);
	reader->bundle = bundle;
	return hand_over(reader, err);
}

static struct mi_bundle *bundle_of(struct mi_reader *reader)
{
	if (!reader->bundle)
		reader->bundle = mi_bundle_new();
	return reader->bundle;
}

static int on_begin(void *user, const char *gtid, uint64_t commit_us, bool xa, struct mi_err *err)
{
	struct mi_reader *reader = user;
	struct mi_trx *trx;

	if (mi_bundle_begin(bundle_of(reader), gtid, commit_us, &trx, err) != 0)
		return -1;
	trx->xa = xa;
	reader->in_trx = true;
	return 0;
}

static int add_change(struct mi_reader *reader, enum mi_op_kind kind,
                      const struct mi_change *change, struct mi_err *err)
{
	if (mi_bundle_change(reader->bundle, kind, change, err) != 0)
		return -1;
	if (mi_bundle_bytes(reader->bundle) < (reader->streaming ? PIECE_BYTES : KEEP_BYTES))
		return 0;
	return hand_over_piece(reader, err);
}

static int on_insert(void *user, const struct mi_change *change, struct mi_err *err)
{
	return add_change(user, MI_OP_INSERT, change, err);
}

static int on_update(void *user, const struct mi_change *change, struct mi_err *err)
{
	return add_change(user, MI_OP_UPDATE, change, err);
}

static int on_delete(void *user, const struct mi_change *change, struct mi_err *err)
{
	return add_change(user, MI_OP_DELETE, change, err);
}

static int end_trx(struct mi_reader *reader, enum mi_trx_kind kind, struct mi_span xid,
                   struct mi_err *err)
{
	struct mi_trx *trx = reader->bundle->last;

	trx->kind = kind;
	trx->xid = mi_arena_copy(&reader->bundle->arena, xid);
	reader->in_trx = reader->streaming = false;
	return is_full(reader) ? hand_over(reader, err) : 0;
}

static int on_commit(void *user, struct mi_err *err)
{
	return end_trx(user, MI_TRX_COMMIT, mi_span(NULL, 0), err);
}

static int on_xa(void *user, enum mi_xa_step step, struct mi_span xid, struct mi_err *err)
{
	static const enum mi_trx_kind kinds[] = {
	    [MI_XA_PREPARE] = MI_TRX_PREPARE,
	    [MI_XA_COMMIT] = MI_TRX_XA_COMMIT,
	    [MI_XA_ROLLBACK] = MI_TRX_XA_ROLLBACK,
	};

	return end_trx(user, kinds[step], xid, err);
}

static int on_abort(void *user, struct mi_err *err)
{
	struct mi_reader *reader = user;

	if (reader->streaming)
		return end_trx(reader, MI_TRX_ABORT, mi_span(NULL, 0), err);
	mi_bundle_drop_last(reader->bundle);
	reader->in_trx = false;
	return 0;
}

static int on_statement(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_reader *reader = user;

	(void)err;
	mi_bundle_statement(reader->bundle, ddl);
	return 0;
}

static int on_skip(void *user, const char *set, struct mi_err *err)
{
	struct mi_reader *reader = user;
	struct mi_trx *trx;

	if (mi_bundle_begin(bundle_of(reader), set, 0, &trx, err) != 0)
		return -1;
	trx->kind = MI_TRX_SKIP;
	return is_full(reader) ? hand_over(reader, err) : 0;
}

static int on_past(void *user, const char *set, const char *what, struct mi_err *err)
{
	struct mi_reader *reader = user;
	struct mi_trx *trx;

	if (mi_bundle_begin(bundle_of(reader), set, 0, &trx, err) != 0)
		return -1;
	trx->kind = MI_TRX_PAST;
	trx->what = mi_arena_text(&reader->bundle->arena, what);
	return is_full(reader) ? hand_over(reader, err) : 0;
}

static int on_heartbeat(void *user, uint64_t time_us, struct mi_err *err)
{
	struct mi_reader *reader = user;

	(void)err;
	bundle_of(reader)->heartbeat_us = time_us;
	return 0;
}

static int on_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	const struct mi_reader *reader = user;

	if (mi_totals_equal(totals, mi_parser_totals(reader->parser)))
		return 0;
	return mi_fail(err, MI_DATA,
	               "bad stream: its END record does not agree with the records before it");
}

static const struct mi_stream_ops reader_ops = {
    .header = on_header,
    .table = mi_ignore_table,
    .begin = on_begin,
    .insert = on_insert,
    .update = on_update,
    .remove = on_delete,
    .commit = on_commit,
    .abort = on_abort,
    .xa = on_xa,
    .statement = on_statement,
    .skip = on_skip,
    .past = on_past,
    .heartbeat = on_heartbeat,
    .end = on_end,
};

/* ---- The thread ---- */

static bool has_input(const struct mi_reader *reader, int wait_ms)
{
	struct pollfd wait[] = {{.fd = reader->options.fd, .events = POLLIN},
	                        {.fd = mi_stop_fd(), .events = POLLIN}};

	(void)poll(wait, 2, wait_ms);
	return wait[0].revents != 0;
}

static int wait_for_input(struct mi_reader *reader, struct mi_err *err)
{
	if (!has_input(reader, 0)) {
		if (flush(reader, err) != 0)
			return -1;
		while (!mi_stop_asked() && !has_input(reader, -1))
			;
	}
	/* a wish to stop waits for the end of a transaction of which pieces have been handed
	 * over */
	return mi_stop_asked() && !reader->streaming ? mi_stop_fail(err) : 0;
}

static int read_frame(struct mi_reader *reader, struct mi_err *err)
{
	int got = wait_for_input(reader, err);

	if (got == 0)
		got = mi_frame_next(reader->frames, &reader->frame, err);
	if (got != 1)
		return got;
	mi_progress_add(reader->options.progress, 0, reader->frame.member_size);
	if (reader->frame.kind == MI_FRAME_HEADER &&
	    (hand_over(reader, err) != 0 || !mi_inbox_wait_done(reader->options.inbox)))
		return -1; /* the tables that bundles point to are about to go */
	if (mi_frame_unpack(reader->unpacker, &reader->frame, &reader->payload, err) != 0 ||
	    mi_parser_feed(reader->parser, &reader->frame, mi_buf_span(&reader->payload), err) != 0)
		return -1;
	return 1;
}

/* An input that was cut off is MI_AGAIN: its writer died, and says itself why; transactions that
 * came whole are applied. */
static void explain_cut(const struct mi_reader *reader, struct mi_err *err)
{
	if (!mi_frame_reader_was_cut(reader->frames))
		return;
	(void)mi_fail(err, MI_AGAIN, "the input ended without the stream's end");
	(void)mi_hint(err, "whatever wrote it did not finish: look at its messages; all that came "
	                   "whole has been applied, and the pipe can be run again");
}

static void *run(void *arg)
{
	struct mi_reader *reader = arg;
	struct mi_err err = {0}, ignored = {0};
	int got;

	do
		got = read_frame(reader, &err);
	while (got == 1);
	if (got < 0)
		explain_cut(reader, &err);
	if (reader->in_trx && reader->bundle)
		mi_bundle_drop_last(reader->bundle);
	(void)!hand_over(reader, &ignored);
	mi_inbox_close(reader->options.inbox, got < 0 ? &err : NULL);
	return NULL;
}

static void reader_free(struct mi_reader *reader)
{
	mi_bundle_free(reader->bundle);
	mi_parser_free(reader->parser);
	mi_unpacker_free(reader->unpacker);
	mi_frame_reader_free(reader->frames);
	mi_frame_release(&reader->frame);
	mi_buf_release(&reader->payload);
	free(reader);
}

int mi_reader_start(struct mi_reader **reader, const struct mi_reader_options *options,
                    struct mi_err *err)
{
	struct mi_reader *r = mi_alloc(sizeof *r);

	r->options = *options;
	r->frames = mi_frame_reader_new(options->fd);
	r->unpacker = mi_unpacker_new();
	r->parser = mi_parser_new(&reader_ops, r);
	if (pthread_create(&r->thread, NULL, run, r) != 0) {
		reader_free(r);
		return mi_fail(err, MI_AGAIN, "cannot start a thread");
	}
	*reader = r;
	return 0;
}

void mi_reader_stop(struct mi_reader *reader)
{
	uint64_t until_us = mi_wall_us() + PATIENCE_US;
	struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
	                         .tv_nsec = (long)(until_us % 1000000) * 1000};

	if (!reader)
		return;
	if (pthread_timedjoin_np(reader->thread, NULL, &until) == 0)
		reader_free(reader);
}
