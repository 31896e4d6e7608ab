
#include "apply/group.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/shape.h"
#include "apply/write.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "gtid/gtid.h"
#include "server/link.h"
#include "table/table.h"

enum { VITESS_OPS = 2000 };

bool mi_follower_is_idempotent(const struct mi_follower *f, const struct mi_trx *trx)
{
	return mi_gtid_contains(f->position.high, trx->gtids);
}

/* Puts the transaction's name before the error's text, unless that begins with one. Returns -1. */
static int of_trx(const struct mi_trx *trx, struct mi_err *err)
{
	if (strncmp(err->text, "transaction ", 12) != 0)
		(void)mi_within(err, "transaction %s", trx->gtid);
	return -1;
}

struct preparation {
	struct mi_follower *f;
	const struct mi_op *ops;
};

static int prepare(void *user, struct mi_link *link, struct mi_err *err)
{
	struct preparation *p = user;
	struct mi_shape *shape;

	for (const struct mi_op *op = p->ops; op; op = op->next) {
		if (mi_shapes_get(&p->f->shapes, op->table, &link->conn, &shape, err) != 0)
			return of_trx(op->trx, err);
		if (op->fk_flags == 0 && shape->bad_fkey)
			return mi_fail(err, MI_DATA,
			               "transaction %s: table %s.%s: foreign key %s is not here as "
			               "on the source, whose cascades are not in the stream",
			               op->trx->gtid, shape->into, op->table->name,
			               shape->bad_fkey);
	}
	return 0;
}

/* NULL: not known yet. */
static struct mi_shape *shape_of(const struct mi_follower *f, const struct mi_table *table)
{
	return table->id < f->shapes.room ? f->shapes.items[table->id] : NULL;
}

int mi_follower_prepare(struct mi_follower *f, const struct mi_op *ops, bool once,
                        struct mi_err *err)
{
	for (const struct mi_op *op = ops; op; op = op->next) {
		const struct mi_shape *shape = shape_of(f, op->table);
		struct preparation p = {f, op};

		if (!shape || (op->fk_flags == 0 && shape->bad_fkey))
			return once ? prepare(&p, &f->link, err)
			            : mi_link_run(&f->link, prepare, &p, err);
	}
	return 0;
}

int mi_follower_write(struct mi_follower *f, struct mi_writing *writing, const struct mi_op *ops,
                      struct mi_err *err)
{
	for (const struct mi_op *op = ops; op; op = op->next) {
		struct mi_shape *shape = shape_of(f, op->table);
		bool checks =
		    writing->mode == MI_WRITE_STRICT && mi_shape_cascades(shape, op->fk_flags);

		if (mi_apply_op(writing, shape, op, checks, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- Together ---- */

/* Sorts the group's changes by table (f->compact). True when a foreign key must act here, or a
 * table has no key to sort by, so that all changes must be written in source order. */
static bool fill_lanes(struct mi_follower *f)
{
	const struct mi_group *group = &f->group;
	bool in_order = false;

	mi_compact_reset(&f->compact);
	for (size_t i = 0; i < group->count; i++) {
		for (const struct mi_op *op = group->trxs[i]->ops; op; op = op->next) {
			struct mi_shape *shape = shape_of(f, op->table);

			in_order |= shape->keyless ||
			            (mi_shape_cascades(shape, op->fk_flags) && !group->idempotent);
			if (!shape->keyless)
				mi_compact_add(&f->compact, &shape->key, op);
		}
	}
	return in_order;
}

static int write_lanes(struct mi_follower *f, struct mi_writing *writing, struct mi_err *err)
{
	for (size_t i = 0; i < f->compact.count; i++) {
		const struct mi_lane *lane = f->compact.lanes[i];
		struct mi_shape *shape = shape_of(f, lane->plan->table);

		if (lane->compacted) {
			if (mi_apply_lane(writing, shape, lane, err) != 0)
				return -1;
			continue;
		}
		for (size_t k = 0; k < lane->op_count; k++)
			if (mi_apply_op(writing, shape, lane->ops[k], false, err) != 0)
				return -1;
	}
	return 0;
}

static int write_trxs(struct mi_follower *f, struct mi_writing *writing, struct mi_err *err)
{
	for (size_t i = 0; i < f->group.count; i++)
		if (mi_follower_write(f, writing, f->group.trxs[i]->ops, err) != 0)
			return -1;
	return 0;
}

static int write_together(struct mi_follower *f, void *user, struct mi_err *err)
{
	struct mi_writing writing = {.sender = &f->sender,
	                             .mode = f->group.idempotent ? MI_WRITE_IDEMPOTENT
	                                                         : MI_WRITE_STRICT};
	bool in_order = fill_lanes(f);
	int ret;

	(void)user;
	if (!mi_compact_settle(&f->compact, !f->group.idempotent && !in_order))
		return mi_fail(err, MI_DATA, "the batch's changes contradict each other");
	ret = in_order ? write_trxs(f, &writing, err) : write_lanes(f, &writing, err);
	return ret == 0 ? mi_apply_end(&writing, err) : -1;
}

/* ---- One by one ---- */

static int write_alone(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct mi_trx *trx = user;
	struct mi_writing writing = {.sender = &f->sender,
	                             .mode = f->group.idempotent ? MI_WRITE_IDEMPOTENT
	                                                         : MI_WRITE_STRICT,
	                             .rows_per_statement = 1};

	if (mi_follower_write(f, &writing, trx->ops, err) != 0)
		return -1;
	return mi_apply_end(&writing, err);
}

/* Commits each source transaction of the group by itself, row by row: so what is wrong is found and
 * named, and everything before it is applied. */
static int replay(struct mi_follower *f, struct mi_err *err)
{
	(void)pthread_mutex_lock(&f->metrics.lock);
	f->metrics.replays++;
	(void)pthread_mutex_unlock(&f->metrics.lock);
	for (size_t i = 0; i < f->group.count; i++) {
		struct mi_trx trx = *f->group.trxs[i];
		const struct mi_work work = {
		    .body = write_alone, .user = &trx, .touched = trx.gtids, .single = true};

		if (mi_follower_commit(f, &work, err) != 0)
			return err->code == MI_DATA || err->code == MI_CONFIG ? of_trx(&trx, err)
			                                                      : -1;
		mi_follower_count(f, 1, trx.op_count, trx.commit_us);
	}
	return 0;
}

/* ---- The group ---- */

/* *touched: what the group and f->skipped add to the position; the caller frees it. MariaDB's
 * skipped position is added last: it may be behind the group's transactions, and would then contain
 * them. */
static int touched_by(const struct mi_follower *f, struct mi_gtid_set **touched, struct mi_err *err)
{
	bool is_set = mi_gtid_family(f->skipped) == MI_GTID_MYSQL;

	*touched = is_set ? mi_gtid_copy(f->skipped) : mi_gtid_new();
	for (size_t i = 0; i < f->group.count; i++) {
		const struct mi_trx *trx = f->group.trxs[i];

		if (mi_gtid_contains(*touched, trx->gtids))
			return mi_fail(err, MI_PROTOCOL, "bad stream: it has transaction %s twice",
			               trx->gtid);
		if (mi_gtid_union(*touched, trx->gtids, err) != 0)
			return -1;
	}
	return is_set ? 0 : mi_gtid_union(*touched, f->skipped, err);
}

static void forget_skipped(struct mi_follower *f)
{
	mi_gtid_free(f->skipped);
	f->skipped = mi_gtid_new();
}

static int commit_together(struct mi_follower *f, struct mi_err *err)
{
	struct mi_gtid_set *touched = NULL;
	int ret = touched_by(f, &touched, err);
	const struct mi_work work = {.body = f->group.count ? write_together : NULL,
	                             .touched = touched};

	if (ret == 0)
		ret = mi_follower_commit(f, &work, err);
	mi_gtid_free(touched);
	if (ret == 0)
		forget_skipped(f);
	return ret;
}

int mi_group_commit(struct mi_follower *f, struct mi_err *err)
{
	struct mi_group *group = &f->group;
	const struct mi_trx *last = group->count ? group->trxs[group->count - 1] : NULL;
	int ret;

	if (!last && mi_gtid_is_empty(f->skipped))
		return 0;
	ret = commit_together(f, err);
	if (ret == 0)
		mi_follower_count(f, group->count, group->op_count, last ? last->commit_us : 0);
	if (ret != 0 && last && err->code == MI_DATA) {
		mi_detail("going through %zu transactions one by one: %s", group->count, err->text);
		ret = replay(f, err);
	}
	group->count = group->op_count = 0;
	return ret;
}

static bool fits_in(const struct mi_follower *f, const struct mi_trx *trx, bool idempotent)
{
	const struct mi_group *group = &f->group;
	size_t most = f->is_vitess ? VITESS_OPS : MI_GROUP_OPS;

	return group->count == 0 ||
	       (group->idempotent == idempotent && group->count < f->options->batch &&
	        group->op_count + trx->op_count <= most);
}

int mi_group_add(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	bool idempotent = mi_follower_is_idempotent(f, trx);
	struct mi_group *group = &f->group;

	if (mi_follower_prepare(f, trx->ops, false, err) != 0)
		return -1;
	if (!fits_in(f, trx, idempotent) && mi_group_commit(f, err) != 0)
		return -1;
	if (group->count == group->room) {
		group->room = group->room ? 2 * group->room : 64;
		group->trxs = mi_realloc_array(group->trxs, group->room, sizeof *group->trxs);
	}
	group->idempotent = idempotent;
	group->op_count += trx->op_count;
	group->trxs[group->count++] = trx;
	return 0;
}
