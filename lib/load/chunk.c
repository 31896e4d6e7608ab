#include "load/chunk.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/container.h"
#include "base/err.h"
#include "base/msg.h"
#include "program/progress.h"
#include "bookkeeping/load.h"
#include "load/collision.h"
#include "load/feed.h"
#include "load/lax.h"
#include "load/odd_rows.h"
#include "load/pool.h"
#include "load/proof.h"
#include "load/send.h"
#include "load/target.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/link.h"
#include "sql/load_text.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/proof.h"
#include "table/table.h"
#include "throttle/throttle.h"

#include <stdlib.h>

enum {
	VITESS_MAX_ROWS = 100000, /* vttablet rolls larger transactions back */
	KEEP_BUFFER = 8 << 20,    /* larger buffers are freed after a chunk */
	JOB_OVERHEAD = 1024,      /* bytes that a job holds besides its frames */
};

/* ---- Jobs ---- */

static struct mi_chunk_job *chunk_job(struct mi_job *job)
{
	return mi_container_of(job, struct mi_chunk_job, job);
}

static void free_job(struct mi_job *job)
{
	struct mi_chunk_job *chunk = chunk_job(job);

	for (size_t i = 0; i < chunk->frame_count; i++)
		mi_frame_release(&chunk->frames[i]);
	free(chunk->frames);
	free(chunk);
}

static int run_job(struct mi_job *job, struct mi_worker *worker, struct mi_err *err);

struct mi_chunk_job *mi_chunk_job_new(struct mi_load_rows *rows, struct mi_rows_stream *stream,
                                      struct mi_target *target, const struct mi_table *def)
{
	struct mi_chunk_job *job = mi_alloc(sizeof *job);

	*job = (struct mi_chunk_job){
	    .job = {.bytes = JOB_OVERHEAD, .run = run_job, .free = free_job},
	    .rows = rows,
	    .stream = stream,
	    .target = target,
	    .def = def,
	};
	return job;
}

void mi_chunk_job_add(struct mi_chunk_job *job, struct mi_frame *frame)
{
	*(struct mi_frame *)mi_array_add(&job->frames, &job->frame_count, sizeof *frame) = *frame;
	job->job.bytes += frame->member.room;
	job->payload_bytes += frame->payload_size;
	job->job.moved = job->payload_bytes;
	frame->member = (struct mi_buf){0};
}

/* ---- What the parser finds ---- */

static int on_chunk(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
                    struct mi_err *err)
{
	struct mi_feed *feed = user;
	const struct mi_chunk_job *job = feed->job;
	struct mi_claim claim = {
	    .db = table->db,
	    .table = table->name,
	    .into = job->target->into,
	    .stream = job->stream->id,
	    .part = chunk->part,
	    .lo = chunk->lo,
	    .hi = chunk->hi,
	    .rows = chunk->rows,
	};

	feed->rows = chunk->rows;
	feed->is_range = chunk->part == 0;
	mi_buf_reset(&feed->lo);
	mi_buf_reset(&feed->hi);
	mi_buf_add_str(&feed->lo, chunk->lo);
	mi_buf_add_str(&feed->hi, chunk->hi);
	if (chunk->part > 0 && job->target->has_ranges)
		return mi_fail(err, MI_DATA,
		               "it travels in parts, but key ranges of it were loaded before");
	if (job->rows->is_vitess && chunk->rows > VITESS_MAX_ROWS) {
		(void)mi_fail(err, MI_DATA,
		              "a chunk of %llu rows is more than a transaction of vtgate may have",
		              (unsigned long long)chunk->rows);
		return mi_hint(err, "dump it with smaller chunks");
	}
	if (mi_conn_exec(&feed->link->conn, err, "START TRANSACTION") != 0 ||
	    mi_state_claim(job->rows->state, &feed->link->conn, &claim, feed->id,
	                   &feed->already_done, err) != 0)
		return -1;
	feed->claimed = true;
	if (!feed->already_done && job->target->refusal) {
		*err = *job->target->refusal;
		return -1;
	}
	return feed->already_done ? -1 : 0; /* -1 ends the parsing: transact takes it for success */
}

static int on_row(void *user, const struct mi_table *table, const struct mi_span *values,
                  struct mi_err *err)
{
	struct mi_feed *feed = user;
	const struct mi_normal_plan *normal = &feed->job->target->normal;

	if (normal->how)
		mi_proof_add(&feed->proof, mi_normal_take(&feed->row, normal, values),
		             mi_table_fields(table));
	if (!feed->by_load)
		return mi_send_insert_row(feed, values, err);
	if (mi_loadtext_row(&feed->job->target->plan, values, &feed->text)) {
		feed->sent++;
		return 0;
	}
	if (mi_odd_rows_are_full(&feed->odd)) {
		feed->never_load = true;
		atomic_store(&feed->job->target->by_insert, true);
		return mi_fail(err, MI_BUG, "too many rows that LOAD DATA cannot take");
	}
	if (mi_odd_rows_add(feed, values, err) != 0)
		return -1;
	return mi_send_check_length(feed, feed->odd.sql.len, err);
}

static int on_chunk_end(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct mi_feed *feed = user;

	(void)table;
	(void)err;
	feed->ended = true;
	return 0;
}

static const struct mi_stream_ops chunk_ops = {
    .chunk = on_chunk, .row = on_row, .chunk_end = on_chunk_end};

static struct mi_feed *feed_new(bool prove)
{
	struct mi_feed *feed = mi_alloc(sizeof *feed);

	feed->unpacker = mi_unpacker_new();
	feed->parser = mi_parser_new(&chunk_ops, feed);
	if (prove)
		mi_parser_prove(feed->parser);
	return feed;
}

/* ---- One chunk ---- */

static void begin_try(struct mi_feed *feed, struct mi_link *link, const struct mi_chunk_job *job)
{
	feed->link = link;
	feed->job = job;
	feed->next_frame = 0;
	feed->by_load = !feed->never_load && atomic_load(&job->rows->load_data) &&
	                !atomic_load(&job->target->by_insert);
	feed->claimed = feed->already_done = feed->ended = false;
	feed->replaced = feed->collided = false;
	feed->refused = 0;
	feed->proof = (struct mi_proof){0};
	feed->rows = feed->sent = 0;
	feed->text_at = feed->head_len = 0;
	feed->rows_in_text = 0;
	mi_odd_rows_clear(&feed->odd);
	mi_buf_reset(&feed->text);
	mi_parser_begin_chunk(feed->parser, job->def);
}

static void give_back_large_buffers(struct mi_feed *feed)
{
	if (feed->text.room > KEEP_BUFFER)
		mi_buf_release(&feed->text);
	if (feed->payload.room > KEEP_BUFFER)
		mi_buf_release(&feed->payload);
}

/* Parses frames up to and with the one that has the CHUNK record: on_chunk begins the transaction
 * and claims the chunk. */
static int claim(struct mi_feed *feed, struct mi_err *err)
{
	while (!feed->claimed && feed->next_frame < feed->job->frame_count)
		if (mi_feed_frame(feed, err) != 0)
			return -1;
	if (!feed->claimed)
		return mi_fail(err, MI_DATA, "bad stream: a chunk without a CHUNK record");
	return 0;
}

static int send_rows(struct mi_feed *feed, struct mi_err *err)
{
	int ret = feed->by_load ? mi_send_load(feed, err) : mi_send_insert(feed, err);

	if (ret != 0 || mi_odd_rows_flush(feed, err) != 0)
		return -1;
	if (!feed->ended)
		return mi_fail(err, MI_DATA, "bad stream: a chunk without its end");
	return 0;
}

static enum mi_state_proof known_by(const struct mi_target *target)
{
	if (target->prove == MI_PROVE_TABLE)
		return MI_STATE_SENT;
	return target->may_hold_others ? MI_STATE_READ_BESIDE : MI_STATE_READ;
}

/* Reads the rows back, and records what they add up to. */
static int prove(struct mi_feed *feed, struct mi_err *err)
{
	const struct mi_chunk_job *job = feed->job;
	struct mi_proof proof;
	char text[MI_PROOF_ROOM];

	if (job->target->prove == MI_PROVE_NOT)
		return 0;
	if (mi_prove_chunk(feed, &proof, err) != 0)
		return -1;
	mi_proof_text(&proof, text);
	if (feed->replaced && mi_state_unprove(job->rows->state, &feed->link->conn, job->target->db,
	                                       job->target->name, err) != 0)
		return -1;
	return mi_state_proven(job->rows->state, &feed->link->conn, job->target->db,
	                       job->target->name, feed->id, known_by(job->target), text, err);
}

static int commit(const struct mi_chunk_job *job, struct mi_link *link, struct mi_err *err)
{
	uint64_t began = mi_now_us();
	int ret = mi_conn_exec(&link->conn, err, "COMMIT");

	if (ret == 0)
		mi_throttle_commit(job->rows->throttle, mi_now_us() - began);
	return ret;
}

/* The whole transaction, once. A chunk that is done already ends it without an error. */
static int transact(struct mi_chunk_job *job, struct mi_feed *feed, struct mi_link *link,
                    struct mi_err *err)
{
	begin_try(feed, link, job);
	if (claim(feed, err) != 0) {
		if (!feed->already_done)
			return -1;
		*err = (struct mi_err){0};
		if (mysql_rollback(link->conn.mysql) != 0)
			return mi_conn_fail(&link->conn, err, "ROLLBACK");
		return 0;
	}
	if (send_rows(feed, err) != 0)
		return feed->collided ? mi_collision_in_chunk(feed, err) : -1;
	if (prove(feed, err) != 0)
		return -1;
	return commit(job, link, err);
}

/* By LOAD DATA and, if that turns out not to work for this chunk, by INSERT. */
static int try_both(struct mi_chunk_job *job, struct mi_feed *feed, struct mi_link *link,
                    struct mi_err *err)
{
	int ret = transact(job, feed, link, err);

	if (ret == 0 || !feed->by_load || !feed->never_load)
		return ret;
	*err = (struct mi_err){0};
	if (mysql_rollback(link->conn.mysql) != 0)
		return mi_conn_fail(&link->conn, err, "ROLLBACK");
	return transact(job, feed, link, err);
}

/* In a session that takes what strict mode refuses; what has become of the rows, the proof says. */
static int try_lax(struct mi_chunk_job *job, struct mi_feed *feed, struct mi_link *link,
                   struct mi_err *err)
{
	int ret;

	feed->lax = true;
	ret = mi_lax_begin(&link->conn, err);
	if (ret == 0)
		ret = try_both(job, feed, link, err);
	if (ret == 0 && mi_lax_end(&link->conn, err) != 0) {
		/* the chunk is there: it is the session that is of no more use */
		*err = (struct mi_err){0};
		mi_link_close(link);
	}
	if (ret != 0)
		mi_link_close(link);
	feed->lax = false;
	return ret;
}

/* The server has refused rows of the chunk, which may be for the sake of what it computes of them:
 * then they are tried without strict mode, if there will be a proof. */
static int try_again_lax(struct mi_chunk_job *job, struct mi_feed *feed, struct mi_link *link,
                         struct mi_err *err)
{
	const struct mi_err refusal = *err;

	if (job->target->prove == MI_PROVE_NOT)
		return mi_hint(err,
		               "a generated column's expression, or a CHECK, may be the reason: "
		               "with a proof of what arrives such rows are loaded as the source "
		               "has them");
	*err = (struct mi_err){0};
	if (link->is_open ? mysql_rollback(link->conn.mysql) != 0 : mi_link_open(link, err) != 0)
		return err->code ? -1 : mi_conn_fail(&link->conn, err, "ROLLBACK");
	if (try_lax(job, feed, link, err) != 0) {
		if (err->code == MI_DATA && feed->refused)
			*err = refusal;
		return -1;
	}
	if (!atomic_exchange(&job->target->lax, true))
		mi_notice(
		    "table %s.%s has rows that strict mode or a CHECK refuses: they are loaded "
		    "without, and compared",
		    job->target->into, job->target->name);
	return 0;
}

/* One try, for mi_link_run. */
static int try_chunk(void *user, struct mi_link *link, struct mi_err *err)
{
	struct mi_feed *feed = mi_container_of(link, struct mi_worker, link)->feed;
	struct mi_chunk_job *job = user;

	if (atomic_load(&job->target->lax))
		return try_lax(job, feed, link, err);
	if (try_both(job, feed, link, err) == 0)
		return 0;
	if (err->code != MI_DATA || !feed->refused || feed->collided ||
	    !mi_lax_may_help(&job->target->shape, feed->refused))
		return -1;
	return try_again_lax(job, feed, link, err);
}

static int end_target(void *user, struct mi_link *link, struct mi_err *err)
{
	struct mi_chunk_job *job = user;

	return mi_target_end(job->target, job->rows->state, job->stream->id, &link->conn, err);
}

static void count(const struct mi_chunk_job *job, const struct mi_feed *feed)
{
	struct mi_load_rows *rows = job->rows;

	atomic_fetch_add(&job->stream->rows, feed->rows);
	atomic_fetch_add(&job->stream->chunks, 1);
	atomic_fetch_add(feed->already_done ? &rows->skipped_rows : &rows->rows, feed->rows);
	atomic_fetch_add(feed->already_done ? &rows->skipped_chunks : &rows->chunks, 1);
	if (rows->progress)
		mi_progress_add(rows->progress, feed->rows, job->payload_bytes);
}

static int run_job(struct mi_job *base, struct mi_worker *worker, struct mi_err *err)
{
	struct mi_chunk_job *job = chunk_job(base);
	int ret;

	if (!worker->feed)
		worker->feed = feed_new(job->rows->prove);
	worker->feed->never_load = false;
	ret = mi_link_run(&worker->link, try_chunk, job, err);
	give_back_large_buffers(worker->feed);
	if (ret == 0) {
		count(job, worker->feed);
		if (mi_target_job_done(job->rows->targets, job->target, worker->feed->rows))
			ret = mi_link_run(&worker->link, end_target, job, err);
	}
	return ret == 0 ? 0 : mi_within(err, "table %s.%s", job->target->into, job->target->name);
}
