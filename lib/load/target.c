#include "load/target.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "bookkeeping/load.h"
#include "load/proof.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "sql/load_text.h"
#include "table/dbmap.h"
#include "table/table.h"
#include "target/compare.h"

#include <stdlib.h>

/* ---- The set ---- */

void mi_targets_init(struct mi_targets *targets)
{
	*targets = (struct mi_targets){0};
	(void)pthread_mutex_init(&targets->lock, NULL);
}

static void forget_old(struct mi_target *target)
{
	for (size_t i = 0; i < target->old_count; i++) {
		free(target->old[i].lo);
		free(target->old[i].hi);
		free(target->old[i].proof);
	}
	free(target->old);
	target->old = NULL;
	target->old_count = 0;
}

static int keep_old(void *user, const struct mi_state_chunk *chunk, struct mi_err *err)
{
	struct mi_target *target = user;
	struct mi_old_chunk *old =
	    mi_array_add(&target->old, &target->old_count, sizeof *target->old);

	(void)err;
	*old = (struct mi_old_chunk){.part = chunk->part,
	                             .rows = chunk->rows,
	                             .known = chunk->known,
	                             .lo = mi_strdup(chunk->lo),
	                             .hi = mi_strdup(chunk->hi),
	                             .proof = mi_strdup(chunk->proof)};
	return 0;
}

/* Frees what mi_target_prepare made. */
static void unprepare(struct mi_target *target)
{
	mi_loadtext_release(&target->plan);
	free(target->shape.columns);
	target->shape = (struct mi_table){0};
	mi_buf_reset(&target->load_sql);
	forget_old(target);
	mi_normal_release(&target->normal);
	free(target->refusal);
	target->refusal = NULL;
	target->prepared = target->resumed = target->verified = false;
}

void mi_targets_release(struct mi_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct mi_target *target = targets->items[i];

		unprepare(target);
		mi_buf_release(&target->load_sql);
		free(target->db);
		free(target->name);
		free(target);
	}
	free(targets->items);
	(void)pthread_mutex_destroy(&targets->lock);
	*targets = (struct mi_targets){0};
}

struct mi_target *mi_targets_get(struct mi_targets *targets, const struct mi_map *map,
                                 const char *db, const char *name)
{
	struct mi_target *target;

	for (size_t i = 0; i < targets->count; i++) {
		target = targets->items[i];
		if (strcmp(target->name, name) == 0 && strcmp(target->db, db) == 0)
			return target;
	}
	target = mi_alloc(sizeof *target);
	target->db = mi_strdup(db);
	target->name = mi_strdup(name);
	target->into = mi_map_db(map, target->db);
	*(struct mi_target **)mi_array_add(&targets->items, &targets->count, sizeof target) =
	    target;
	return target;
}

void mi_targets_new_stream(struct mi_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct mi_target *target = targets->items[i];

		unprepare(target);
		target->rows = target->end_rows = 0;
		target->end_seen = target->in_stream = false;
	}
}

/* ---- Counting ---- */

void mi_target_job_begins(struct mi_targets *targets, struct mi_target *target)
{
	(void)pthread_mutex_lock(&targets->lock);
	target->jobs++;
	(void)pthread_mutex_unlock(&targets->lock);
}

bool mi_target_job_done(struct mi_targets *targets, struct mi_target *target, uint64_t rows)
{
	bool last;

	(void)pthread_mutex_lock(&targets->lock);
	target->jobs--;
	target->rows += rows;
	last = target->jobs == 0 && target->end_seen;
	(void)pthread_mutex_unlock(&targets->lock);
	return last;
}

bool mi_target_end_seen(struct mi_targets *targets, struct mi_target *target, uint64_t rows)
{
	bool last;

	(void)pthread_mutex_lock(&targets->lock);
	target->end_seen = true;
	target->end_rows = rows;
	last = target->jobs == 0;
	(void)pthread_mutex_unlock(&targets->lock);
	return last;
}

int mi_target_end(struct mi_target *target, const struct mi_state *state, uint64_t stream,
                  struct mi_conn *conn, struct mi_err *err)
{
	bool complete;

	if (target->rows != target->end_rows)
		return mi_fail(
		    err, MI_DATA, "its chunks have %llu rows, and its TABLEEND record says %llu",
		    (unsigned long long)target->rows, (unsigned long long)target->end_rows);
	if (mi_state_covers(state, conn, target->db, target->name, &complete, err) != 0)
		return -1;
	if (!complete) {
		(void)mi_fail(err, MI_DATA,
		              "its chunks leave gaps although the stream says that "
		              "they are all");
		return mi_hint(err, "dump it again with mi-dump --skip and what mi-load --done "
		                    "prints now");
	}
	if (mi_prove_table(target, state, conn, &target->verified, err) != 0 ||
	    mi_state_end_table(state, conn, target->db, target->name, target->into, stream,
	                       target->rows, target->verified, err) != 0)
		return -1;
	target->complete = true;
	return 0;
}

/* ---- Preparing ---- */

/* Empties the table and forgets its chunks. */
static int begin_anew(const struct mi_target *target, const struct mi_state *state,
                      struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret = -1;

	mi_notice("table %s.%s: parts of another dump are here; it is emptied and loaded anew",
	          target->into, target->name);
	mi_buf_add_str(&sql, "TRUNCATE TABLE ");
	mi_sql_name(&sql, target->into, target->name);
	if (mi_state_distrust(state, conn, target->db, target->name, err) == 0 &&
	    mi_conn_exec_span(conn, err, mi_buf_span(&sql)) == 0 &&
	    mi_state_forget(state, conn, target->db, target->name, err) == 0)
		ret = 0;
	mi_buf_release(&sql);
	return ret;
}

/* A table that has all its rows gets no more of them when the same input comes again, which may be
 * because a later definition has failed: then its triggers are there, and in nobody's way. Should a
 * chunk want to write all the same, it is refused. */
static int check_writable(struct mi_target *target, const struct mi_state_table *known,
                          struct mi_conn *conn, struct mi_err *err)
{
	if (mi_target_is_writable(target->into, target->name, conn, err) == 0)
		return 0;
	if (err->code != MI_CONFIG || !known->ended)
		return -1;
	target->refusal = mi_alloc(sizeof *target->refusal);
	*target->refusal = *err;
	*err = (struct mi_err){0};
	return 0;
}

static int check_contents(struct mi_target *target, const struct mi_preparation *how,
                          struct mi_conn *conn, struct mi_err *err)
{
	struct mi_state_table known;
	bool empty;

	if (mi_state_table(how->state, conn, target->db, target->name, how->stream, &known, err) !=
	        0 ||
	    check_writable(target, &known, conn, err) != 0)
		return -1;
	target->has_ranges = known.ranges > 0;
	if (known.other_parts && !known.ended)
		return begin_anew(target, how->state, conn, err);
	target->resumed = known.ranges > 0 || known.parts > 0 || known.ended;
	if (target->resumed || how->into_existing)
		return 0;
	if (mi_target_is_empty(target->into, target->name, conn, &empty, err) != 0)
		return -1;
	if (empty)
		return 0;
	(void)mi_fail(err, MI_CONFIG, "it has rows that this import did not put there");
	return mi_hint(err, "empty or drop it, or say --into-existing to load beside them");
}

/* What an earlier run has left in ranges is read by these; other chunks can only be added up for
 * the whole table, which shows nothing where others' rows are among them, or where snapshots differ
 * and a row may have come in two chunks. */
static int choose_proof(struct mi_target *target, const struct mi_table *sent,
                        const struct mi_preparation *how, struct mi_conn *conn, struct mi_err *err)
{
	const struct mi_table *def = &target->shape;
	bool indexed = false, same_order = false;

	target->may_hold_others = how->into_existing;
	target->torn = how->torn;
	target->prove = MI_PROVE_NOT;
	if (!how->prove || conn->flavour == MI_FLAVOUR_VITESS)
		return 0;
	mi_normal_init(&target->normal, sent, def, how->same_flavour,
	               conn->flavour == MI_FLAVOUR_MYSQL ? conn->version : 0);
	if (mi_table_row_key(def) &&
	    mi_target_key(def, target->into, conn, &indexed, &same_order, err) != 0)
		return -1;
	if (!indexed)
		target->prove = target->may_hold_others ? MI_PROVE_NOT : MI_PROVE_TABLE;
	else if (same_order && how->same_flavour && !target->may_hold_others)
		target->prove = MI_PROVE_RANGES;
	else
		target->prove = MI_PROVE_KEYS;
	if (!target->resumed || target->prove == MI_PROVE_NOT)
		return 0;
	return mi_state_chunks(how->state, conn, target->db, target->name, keep_old, target, err);
}

int mi_target_prepare(struct mi_target *target, const struct mi_table *def,
                      const struct mi_preparation *how, struct mi_conn *conn, struct mi_err *err)
{
	bool exists;

	unprepare(target);
	if (mi_target_compare(def, target->into, conn, &exists, &target->shape, err) != 0)
		goto fail;
	if (!exists) {
		(void)mi_fail(err, MI_CONFIG, "it does not exist here");
		(void)mi_hint(err, "load the definitions first: mi-schema --section=pre-data");
		goto fail;
	}
	if (check_contents(target, how, conn, err) != 0 ||
	    choose_proof(target, def, how, conn, err) != 0)
		goto fail;
	mi_loadtext_init(&target->plan, &target->shape);
	mi_loadtext_statement(&target->load_sql, target->into, &target->shape);
	atomic_store(&target->by_insert, false);
	atomic_store(&target->lax, false);
	target->prepared = true;
	return 0;
fail:
	return mi_within(err, "table %s.%s", target->into, target->name);
}
