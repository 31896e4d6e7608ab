
#include "apply/pieces.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/group.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "apply/write.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "change/bundle.h"
#include "gtid/gtid.h"

#include <stdio.h>
#include <stdlib.h>

enum { VITESS_MAX_OPS = 100000, PART_OPS = 10000 };

static const char split_word[] = "split";

/* ---- In pieces, one target transaction ---- */

static struct mi_writing writing_for(struct mi_follower *f, const struct mi_trx *trx)
{
	return (struct mi_writing){.sender = &f->sender,
	                           .mode = mi_follower_is_idempotent(f, trx) ? MI_WRITE_IDEMPOTENT
	                                                                     : MI_WRITE_STRICT};
}

/* Rolls back: pieces that were sent are no longer in memory for another try. Returns -1. */
static int give_up(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	mi_follower_abandon(f);
	f->piecewise.is_open = false;
	if (err->code == MI_UNAVAILABLE || err->code == MI_AGAIN) {
		err->code = MI_AGAIN;
		(void)mi_within(err, "transaction %s, too large to be kept for another try",
		                piece->gtid);
		return mi_hint(err, "nothing of it was applied: run the pipe again");
	}
	return -1;
}

static int write_piece(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	struct mi_writing writing = writing_for(f, piece);

	if (mi_sender_finish(&f->sender, err) != 0 ||
	    mi_follower_prepare(f, piece->ops, true, err) != 0 ||
	    mi_follower_write(f, &writing, piece->ops, err) != 0 ||
	    mi_apply_end(&writing, err) != 0)
		return -1;
	/* the piece is freed next, and the sender's statements point into it */
	return mi_sender_finish(&f->sender, err);
}

static int too_large(const struct mi_trx *trx, uint64_t ops, bool all, struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA, "transaction %s changes %s%llu rows, and vtgate takes %d",
	              trx->gtid, all ? "" : "at least ", (unsigned long long)ops, VITESS_MAX_OPS);
	return mi_hint(err, trx->continued && trx->xa
	                        ? "an XA transaction of more than 32 MiB is not split: it may be "
	                          "rolled back after it was prepared"
	                        : "--split-large applies it in parts: exactly once, but not all at "
	                          "once");
}

static int take_part_of_whole(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	struct mi_piecewise *p = &f->piecewise;

	if (!p->is_open) {
		if (mi_follower_open(f, err) != 0)
			return -1;
		p->is_open = true;
	}
	p->ops += piece->op_count;
	if (f->is_vitess && p->ops > VITESS_MAX_OPS)
		(void)too_large(piece, p->ops, piece->kind == MI_TRX_COMMIT, err);
	else if (write_piece(f, piece, err) == 0)
		return 0;
	return give_up(f, piece, err);
}

/* ---- In parts, several target transactions ---- */

bool mi_is_too_large(const struct mi_follower *f, uint64_t ops)
{
	return (f->is_vitess || f->options->split_large) && ops > VITESS_MAX_OPS;
}

/* How many of the transaction's changes have been committed, by the intent in the checkpoint. */
static uint64_t done_before(const struct mi_follower *f, const struct mi_trx *trx)
{
	const char *intent = f->position.intent, *at;
	size_t len = strlen(split_word);

	if (strncmp(intent, split_word, len) != 0 || intent[len] != ' ')
		return 0;
	at = intent + len + 1;
	if (strncmp(at, trx->gtid, strlen(trx->gtid)) != 0 || at[strlen(trx->gtid)] != ' ')
		return 0;
	return strtoull(at + strlen(trx->gtid), NULL, 10);
}

bool mi_split_has_begun(const struct mi_follower *f, const struct mi_trx *trx)
{
	return done_before(f, trx) > 0;
}

struct part {
	const struct mi_trx *trx;
	const struct mi_op *first;
	uint64_t count;
};

static int write_part(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct part *part = user;
	struct mi_writing writing = writing_for(f, part->trx);
	const struct mi_op *op = part->first;

	for (uint64_t i = 0; i < part->count; i++, op = op->next) {
		struct mi_shape *shape = f->shapes.items[op->table->id];
		bool checks =
		    writing.mode == MI_WRITE_STRICT && mi_shape_cascades(shape, op->fk_flags);

		if (mi_apply_op(&writing, shape, op, checks, err) != 0)
			return -1;
	}
	return mi_apply_end(&writing, err);
}

/* Commits count changes from first on. all: they are the transaction's last, and its GTID goes into
 * the position; else the intent records that done + count of them are there. */
static int commit_part(struct mi_follower *f, const struct mi_trx *trx, const struct mi_op *first,
                       uint64_t count, uint64_t done, bool all, struct mi_err *err)
{
	struct part part = {trx, first, count};
	struct mi_buf intent = {0};
	struct mi_work work = {.body = write_part, .user = &part, .intent = ""};
	int ret;

	if (all) {
		work.touched = trx->gtids;
	} else {
		mi_buf_addf(&intent, "%s %s %llu", split_word, trx->gtid,
		            (unsigned long long)(done + count));
		work.intent = mi_buf_cstr(&intent);
	}
	ret = mi_follower_commit(f, &work, err);
	if (ret == 0)
		mi_follower_count(f, all, count, trx->commit_us);
	mi_buf_release(&intent);
	return ret;
}

/* Commits the changes of one piece, part by part; those that were committed before are left out. */
static int apply_parts(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	struct mi_piecewise *p = &f->piecewise;
	bool last = piece->kind != MI_TRX_PIECE;
	uint64_t done = done_before(f, piece), left = piece->op_count;
	const struct mi_op *op = piece->ops;

	if (mi_follower_prepare(f, piece->ops, false, err) != 0)
		return -1;
	for (; left > 0 && p->ops < done; op = op->next, left--)
		p->ops++;
	do {
		uint64_t count = left < PART_OPS ? left : PART_OPS;

		if ((count > 0 || last) &&
		    commit_part(f, piece, op, count, p->ops, last && count == left, err) != 0)
			return -1;
		for (uint64_t i = 0; i < count; i++)
			op = op->next;
		p->ops += count;
		left -= count;
	} while (left > 0);
	return 0;
}

static void warn_split(const struct mi_trx *trx)
{
	mi_warn("transaction %s is applied in parts: until its end, the target shows some of it",
	        trx->gtid);
}

int mi_split_apply(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	int ret;

	if (!f->options->split_large)
		return too_large(trx, trx->op_count, true, err);
	warn_split(trx);
	f->piecewise = (struct mi_piecewise){0};
	ret = apply_parts(f, trx, err);
	f->piecewise = (struct mi_piecewise){0};
	return ret;
}

/* ---- Both ---- */

static int end_of_pieces(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	struct mi_piecewise *p = &f->piecewise;
	uint64_t ops = p->ops;

	if (piece->kind != MI_TRX_COMMIT) {
		(void)mi_fail(
		    err, MI_DATA,
		    "transaction %s: an XA transaction of more than 32 MiB cannot be kept "
		    "until its decision",
		    piece->gtid);
		return give_up(f, piece, err);
	}
	if (mi_follower_close(f, piece->gtids, err) != 0)
		return give_up(f, piece, err);
	*p = (struct mi_piecewise){0};
	mi_follower_count(f, 1, ops, piece->commit_us);
	return 0;
}

static void forget_pieces(struct mi_follower *f)
{
	if (f->piecewise.is_open)
		mi_follower_abandon(f);
	f->piecewise = (struct mi_piecewise){0};
	f->intent_ends = false;
}

int mi_piecewise_take(struct mi_follower *f, const struct mi_trx *piece, struct mi_err *err)
{
	struct mi_piecewise *p = &f->piecewise;
	bool last = piece->kind != MI_TRX_PIECE;

	if (!piece->continued) {
		*p = (struct mi_piecewise){.dropping =
		                               mi_gtid_contains(f->position.set, piece->gtids)};
		mi_gtid_free(f->parted); /* sent again, or another one */
		f->parted = NULL;
	}
	if (piece->kind == MI_TRX_ABORT) {
		if (f->options->split_large && !piece->xa && !p->dropping)
			f->parted = mi_gtid_copy(piece->gtids);
		forget_pieces(f);
		return 0;
	}
	if (p->dropping) {
		p->dropping = !last;
		return 0;
	}
	/* what may be prepared and rolled back later must not be there in parts */
	if (f->options->split_large && !piece->xa) {
		if (!piece->continued)
			warn_split(piece);
		if (apply_parts(f, piece, err) != 0)
			return -1;
		if (last)
			*p = (struct mi_piecewise){0};
		return 0;
	}
	if (take_part_of_whole(f, piece, err) != 0)
		return -1;
	return last ? end_of_pieces(f, piece, err) : 0;
}
