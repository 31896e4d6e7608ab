#include "source/chunks.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"
#include "chunk/cut.h"
#include "chunk/done.h"
#include "chunk/range.h"
#include "server/conn.h"
#include "source/probe.h"
#include "table/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	CHUNKS_PER_RANGE = 4,  /* so that there are fewer questions to the server than chunks */
	RANGES_PER_READER = 4, /* enough for the readers to end together */
	SLACK = 4,             /* how many times its estimate a range may hold */
	LEARN_ROWS = 1000,     /* of a table about which nothing is known */
	ROW_MIN = 16,          /* bytes that a row takes in a stream at least */
	LOOK_MS = 1000,        /* between looks at the stop flag, while all work is taken */
};

/* How the next range of a segment is found. */
enum method {
	WHOLE,   /* the segment is one range */
	NOTHING, /* the segment is empty: its table is finished */
	CUT,     /* even arithmetic on one integer key */
	PROBE,   /* by asking the server for the key some rows ahead */
};

/* A stretch (lo, hi] of a table that nobody reads yet. A thread that cuts a range off takes the
 * segment out of the list meanwhile. */
struct segment {
	struct segment *next;
	char *lo, *hi;
	enum method method;
	bool started; /* CUT: cut is set up */
	struct mi_keycut cut;
};

/* A table's share of the plan. */
struct work {
	const struct mi_table *table;
	bool rangeable;
	uint64_t all_rows, all_bytes; /* by the server's statistics */
	struct segment *segments;
	size_t open;                    /* segments and ranges that threads have in hand */
	uint64_t rows, bytes;           /* read so far */
	size_t pieces;                  /* ranges that were handed out to be read */
	struct mi_keyranges runs, seen; /* see struct mi_range; seen when torn only */
	bool counting, counted;         /* a thread counts the table; it has */
	uint64_t all, in_ranges;        /* what it has counted */
};

struct mi_plan {
	struct mi_plan_options options;
	struct work *works; /* largest first */
	size_t count;
	size_t first; /* works before this one are complete */
	uint64_t all_rows;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_bool failed;
	struct mi_err error;
};

/* ---- Making the plan ---- */

static struct segment *new_segment(const char *lo, const char *hi, enum method method)
{
	struct segment *segment = mi_alloc(sizeof *segment);

	segment->lo = mi_strdup(lo);
	segment->hi = mi_strdup(hi);
	segment->method = method;
	return segment;
}

static void free_segment(struct segment *segment)
{
	free(segment->lo);
	free(segment->hi);
	free(segment);
}

static void push(struct work *work, struct segment *segment)
{
	segment->next = work->segments;
	work->segments = segment;
}

static struct segment *pop(struct work *work)
{
	struct segment *segment = work->segments;

	work->segments = segment->next;
	return segment;
}

static enum method method_for(const struct mi_plan *plan, const struct work *work)
{
	if (!work->rangeable || plan->options.readers == 1)
		return WHOLE;
	return mi_src_key_is_int(work->table) ? CUT : PROBE;
}

/* Makes segments of the gaps between finished chunks. Nothing is known of the rows in a gap, so
 * that even an integer key is probed there. */
static int add_gaps(struct mi_plan *plan, struct work *work, struct mi_conn *conn,
                    struct mi_err *err)
{
	enum method method = method_for(plan, work);
	struct mi_keyranges gaps = {0};

	if (mi_src_gaps(conn, plan->options.skip, work->table, &gaps, &work->runs, err) != 0) {
		mi_keyranges_release(&gaps);
		return -1;
	}
	for (size_t i = gaps.count; i-- > 0;) {
		const struct mi_keyrange *gap = &gaps.items[i];
		bool all = !*gap->lo && !*gap->hi;

		push(work, new_segment(gap->lo, gap->hi, method == CUT && !all ? PROBE : method));
	}
	mi_keyranges_release(&gaps);
	return 0;
}

static int add_segments(struct mi_plan *plan, struct work *work, struct mi_conn *conn,
                        struct mi_err *err)
{
	const struct mi_done *skip = plan->options.skip;
	const struct mi_table *table = work->table;

	if (skip && work->rangeable) {
		if (add_gaps(plan, work, conn, err) != 0)
			return -1;
	} else if (!skip || !mi_done_has_table(skip, table->db, table->name)) {
		push(work, new_segment("", "", method_for(plan, work)));
	}
	if (!work->segments)
		push(work, new_segment("", "", NOTHING));
	return 0;
}

struct sizes {
	/* works still in the order of tables: that with id n is number n - 1 */
	struct mi_plan *plan;
	const struct mi_tables *tables;
	const char *db;
};

static void take_size(void *user, const char *table, uint64_t rows, uint64_t bytes)
{
	struct sizes *sizes = user;
	const struct mi_table *found = mi_tables_find(sizes->tables, sizes->db, table);

	if (!found)
		return;
	sizes->plan->works[found->id - 1].all_rows = rows;
	sizes->plan->works[found->id - 1].all_bytes = bytes;
	sizes->plan->all_rows += rows;
}

static int read_sizes(struct mi_plan *plan, struct mi_conn *conn, const struct mi_tables *tables,
                      struct mi_err *err)
{
	struct sizes sizes = {plan, tables, NULL};

	for (size_t i = 0; i < tables->count; i++) {
		if (sizes.db && strcmp(sizes.db, tables->items[i]->db) == 0)
			continue;
		sizes.db = tables->items[i]->db;
		if (mi_src_sizes(conn, sizes.db, take_size, &sizes, err) != 0)
			return -1;
	}
	return 0;
}

static int larger_first(const void *a, const void *b)
{
	const struct work *x = a, *y = b;

	if (x->all_bytes != y->all_bytes)
		return x->all_bytes > y->all_bytes ? -1 : 1;
	return x->table->id < y->table->id ? -1 : 1;
}

static int make(struct mi_plan *plan, struct mi_conn *conn, const struct mi_tables *tables,
                struct mi_err *err)
{
	plan->works = mi_alloc(tables->count * sizeof *plan->works);
	plan->count = tables->count;
	for (size_t i = 0; i < plan->count; i++) {
		plan->works[i].table = tables->items[i];
		plan->works[i].rangeable = mi_key_is_rangeable(tables->items[i]);
	}
	if (read_sizes(plan, conn, tables, err) != 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		if (add_segments(plan, &plan->works[i], conn, err) != 0)
			return -1;
	if (plan->count > 0)
		qsort(plan->works, plan->count, sizeof *plan->works, larger_first);
	return 0;
}

int mi_plan_new(struct mi_plan **plan, struct mi_conn *conn, const struct mi_tables *tables,
                const struct mi_plan_options *options, struct mi_err *err)
{
	struct mi_plan *p = mi_alloc(sizeof *p);

	p->options = *options;
	(void)pthread_mutex_init(&p->lock, NULL);
	mi_cond_init(&p->changed);
	if (make(p, conn, tables, err) != 0) {
		mi_plan_free(p);
		return -1;
	}
	*plan = p;
	return 0;
}

void mi_plan_free(struct mi_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->count; i++) {
		while (plan->works[i].segments)
			free_segment(pop(&plan->works[i]));
		mi_keyranges_release(&plan->works[i].runs);
		mi_keyranges_release(&plan->works[i].seen);
	}
	free(plan->works);
	(void)pthread_cond_destroy(&plan->changed);
	(void)pthread_mutex_destroy(&plan->lock);
	free(plan);
}

uint64_t mi_plan_rows(const struct mi_plan *plan)
{
	return plan->all_rows;
}

/* ---- Sizes ---- */

/* Bytes that one row takes, by what has been read, else by statistics; 0: not known. */
static uint64_t row_bytes(const struct work *work)
{
	uint64_t bytes = 0;

	if (work->rows > 0)
		bytes = work->bytes / work->rows;
	else if (work->all_rows > 0)
		bytes = work->all_bytes / work->all_rows;
	return bytes > 0 && bytes < ROW_MIN ? ROW_MIN : bytes;
}

/* How many bytes a range of the table should hold: CHUNKS_PER_RANGE chunks, but less (one chunk at
 * least) where that leaves some ranges for each reader. */
static uint64_t range_bytes(const struct mi_plan *plan, const struct work *work)
{
	uint64_t chunk = plan->options.chunk_bytes;
	uint64_t all = work->bytes > work->all_bytes ? work->bytes : work->all_bytes;
	uint64_t fair = all / (plan->options.readers * RANGES_PER_READER);

	if (fair > CHUNKS_PER_RANGE * chunk)
		return CHUNKS_PER_RANGE * chunk;
	return fair > chunk ? fair : chunk;
}

static uint64_t range_rows(const struct mi_plan *plan, const struct work *work)
{
	uint64_t row = row_bytes(work);
	uint64_t rows = row > 0 ? range_bytes(plan, work) / row : LEARN_ROWS;

	return rows > 0 ? rows : 1;
}

/* ---- Taking work ---- */

/* What to ask the server about a segment; a copy, so that the lock can be released meanwhile. */
struct question {
	bool probe, cut;
	uint64_t rows, pieces;
};

/* A table that seems to fit one range is not worth a question. */
static struct question question_for(const struct mi_plan *plan, const struct work *work,
                                    const struct segment *segment)
{
	struct question q = {.rows = range_rows(plan, work),
	                     .pieces = work->all_bytes / range_bytes(plan, work)};

	q.probe = segment->method == PROBE && (work->rows > 0 || work->all_rows > q.rows);
	q.cut = segment->method == CUT && !segment->started && q.pieces > 1;
	return q;
}

/* Finds where to cut the segment: boundary stays empty when the segment is one range. Called
 * without the lock. */
static int find_boundary(const struct work *work, struct segment *segment, const struct question *q,
                         struct mi_conn *reader, struct mi_buf *boundary, struct mi_err *err)
{
	char text[MI_KEYCUT_ROOM];

	if (q->probe)
		return mi_src_probe(reader, work->table, segment->lo, segment->hi, q->rows,
		                    boundary, err);
	if (q->cut) {
		if (mi_src_cut(reader, work->table, q->pieces, &segment->cut, err) != 0)
			return -1;
		segment->started = true;
	}
	if (segment->started && mi_keycut_next(&segment->cut, text))
		mi_buf_add_str(boundary, text);
	return 0;
}

/* Makes *range of the segment's front, up to boundary, and puts the rest back. Called with the
 * lock. */
static void cut_off(struct mi_plan *plan, struct work *work, struct segment *segment,
                    struct mi_buf *boundary, struct mi_range *range)
{
	*range = (struct mi_range){
	    .table = work->table,
	    .lo = mi_strdup(segment->lo),
	    .in_parts = !work->rangeable,
	    .nothing = segment->method == NOTHING,
	    .index = (size_t)(work - plan->works),
	};
	work->pieces += segment->method != NOTHING;
	if (segment->method == CUT || segment->method == PROBE)
		range->limit = SLACK * range_rows(plan, work);
	if (boundary->len == 0) {
		range->hi = mi_strdup(segment->hi);
		free_segment(segment);
		return;
	}
	range->hi = mi_strdup(mi_buf_cstr(boundary));
	free(segment->lo);
	segment->lo = mi_strdup(range->hi);
	push(work, segment);
	(void)pthread_cond_broadcast(&plan->changed);
}

static int take_from(struct mi_plan *plan, struct work *work, struct mi_conn *reader,
                     struct mi_range *range, struct mi_err *err)
{
	struct segment *segment = pop(work);
	struct question q = question_for(plan, work, segment);
	struct mi_buf boundary = {0};
	int ret;

	work->open++;
	(void)pthread_mutex_unlock(&plan->lock);
	ret = find_boundary(work, segment, &q, reader, &boundary, err);
	(void)pthread_mutex_lock(&plan->lock);
	if (ret == 0)
		cut_off(plan, work, segment, &boundary, range);
	else
		free_segment(segment);
	mi_buf_release(&boundary);
	return ret;
}

/* Does the table still have to be counted? Asked again at its end: by then it may have been cut. */
static bool wants_count(const struct mi_plan *plan, const struct work *work)
{
	return plan->options.count && work->rangeable && !work->counted &&
	       (work->pieces > 1 || work->runs.count > 0);
}

static bool is_read(const struct work *work)
{
	return work->open == 0 && !work->segments;
}

static bool is_complete(const struct mi_plan *plan, const struct work *work)
{
	return is_read(work) && !wants_count(plan, work);
}

/* The largest table that has something to read, or has been read and is to be counted: it then has
 * no segments. NULL with *more: none now, but a thread that has a range or segment in hand may give
 * some back. */
static struct work *find_work(struct mi_plan *plan, bool *more)
{
	*more = false;
	for (size_t i = plan->first; i < plan->count; i++) {
		struct work *work = &plan->works[i];

		if (work->segments || (is_read(work) && wants_count(plan, work) && !work->counting))
			return work;
		*more |= !is_complete(plan, work);
		if (i == plan->first && is_complete(plan, work))
			plan->first++;
	}
	return NULL;
}

/* A table that others read the last ranges of: a reader without work may count it meanwhile, as its
 * snapshot is theirs. */
static struct work *find_early_count(struct mi_plan *plan)
{
	for (size_t i = plan->first; i < plan->count && !plan->options.torn; i++)
		if (wants_count(plan, &plan->works[i]) && !plan->works[i].counting)
			return &plan->works[i];
	return NULL;
}

static void take_count(struct mi_plan *plan, struct work *work, struct mi_range *range)
{
	work->counting = true;
	*range = (struct mi_range){
	    .table = work->table,
	    .count = true,
	    .runs = &work->runs,
	    .seen = plan->options.torn ? &work->seen : NULL,
	    .index = (size_t)(work - plan->works),
	};
}

/* Waits for a change, LOOK_MS at most: a signal that asks to stop wakes no condition. */
static void wait_change(struct mi_plan *plan)
{
	(void)mi_cond_wait_until(&plan->changed, &plan->lock, mi_now_ms() + LOOK_MS);
}

int mi_plan_take(struct mi_plan *plan, struct mi_conn *reader, struct mi_range *range,
                 struct mi_err *err)
{
	struct work *work = NULL;
	bool more = true;
	int ret = 0;

	(void)pthread_mutex_lock(&plan->lock);
	while (mi_plan_is_well(plan) && !mi_stop_asked()) {
		work = find_work(plan, &more);
		if (!work && more)
			work = find_early_count(plan);
		if (work || !more)
			break;
		wait_change(plan);
	}
	if (!mi_plan_is_well(plan)) {
		*err = plan->error;
		ret = -1;
	} else if (mi_stop_asked()) {
		ret = mi_stop_fail(err);
	} else if (work && !work->segments) {
		take_count(plan, work, range);
		ret = 1;
	} else if (work) {
		ret = take_from(plan, work, reader, range, err) == 0 ? 1 : -1;
	}
	(void)pthread_mutex_unlock(&plan->lock);
	return ret;
}

static void add_seen(struct work *work, const char *lo, const char *hi)
{
	struct mi_keyrange *range =
	    mi_array_add(&work->seen.items, &work->seen.count, sizeof *work->seen.items);

	range->lo = mi_strdup(lo);
	range->hi = mi_strdup(hi);
}

/* Called with the lock, which it gives back. */
static bool end_step(struct mi_plan *plan, struct work *work, struct mi_plan_sum *sum)
{
	bool complete = is_complete(plan, work);

	*sum = (struct mi_plan_sum){
	    .rows = work->rows,
	    .counted = work->counted,
	    .accounted = plan->options.torn ? work->in_ranges : work->rows + work->in_ranges,
	    .all = work->all,
	};
	(void)pthread_cond_broadcast(&plan->changed);
	(void)pthread_mutex_unlock(&plan->lock);
	return complete;
}

bool mi_plan_finish(struct mi_plan *plan, struct mi_range *range, const char *rest, uint64_t rows,
                    uint64_t bytes, struct mi_plan_sum *sum)
{
	struct work *work = &plan->works[range->index];
	bool complete;

	(void)pthread_mutex_lock(&plan->lock);
	work->open--;
	work->rows += rows;
	work->bytes += bytes;
	if (plan->options.torn && plan->options.count && work->rangeable && !range->nothing)
		add_seen(work, range->lo, rest ? rest : range->hi);
	if (rest) /* statistics were wrong: the rest is cut by asking the server */
		push(work, new_segment(rest, range->hi, PROBE));
	complete = end_step(plan, work, sum);
	mi_range_release(range);
	return complete;
}

bool mi_plan_counted(struct mi_plan *plan, struct mi_range *range, uint64_t all, uint64_t in_ranges,
                     struct mi_plan_sum *sum)
{
	struct work *work = &plan->works[range->index];

	(void)pthread_mutex_lock(&plan->lock);
	work->counting = false;
	work->counted = true;
	work->all = all;
	work->in_ranges = in_ranges;
	mi_range_release(range);
	return end_step(plan, work, sum);
}

void mi_range_release(struct mi_range *range)
{
	free(range->lo);
	free(range->hi);
	*range = (struct mi_range){0};
}

/* ---- Failure ---- */

void mi_plan_fail(struct mi_plan *plan, const struct mi_err *err)
{
	(void)pthread_mutex_lock(&plan->lock);
	if (!atomic_load(&plan->failed))
		plan->error = *err;
	atomic_store(&plan->failed, true);
	(void)pthread_cond_broadcast(&plan->changed);
	(void)pthread_mutex_unlock(&plan->lock);
}

bool mi_plan_is_well(const struct mi_plan *plan)
{
	return !atomic_load_explicit(&plan->failed, memory_order_relaxed);
}

int mi_plan_result(const struct mi_plan *plan, struct mi_err *err)
{
	if (mi_plan_is_well(plan))
		return 0;
	*err = plan->error;
	return -1;
}
