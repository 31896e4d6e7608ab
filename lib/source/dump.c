#include "source/dump.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"
#include "program/progress.h"
#include "server/conn.h"
#include "source/chunks.h"
#include "source/count.h"
#include "source/rows.h"
#include "source/snapshot.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/write.h"
#include "table/table.h"
#include "throttle/crew.h"

#include <pthread.h>
#include <stdlib.h>

struct dump {
	struct mi_snapshot *snapshot;
	const struct mi_dump_options *options;
	struct mi_stream *stream;
	struct mi_plan *plan;
	struct mi_rows_options rows;
	struct mi_crew *crew; /* NULL: all readers work */
};

struct worker {
	struct dump *dump;
	struct mi_conn *reader;
	size_t index;
	pthread_t thread;
};

static int write_header(struct dump *dump, struct mi_err *err)
{
	const struct mi_snapshot *snap = dump->snapshot;
	struct mi_stream_header header = {
	    .kind = MI_STREAM_ROWS,
	    .features = "",
	    .import_id = dump->options->import_id,
	    .flavour = snap->control.flavour == MI_FLAVOUR_MARIADB ? "mariadb" : "mysql",
	    .version = snap->control.version_text,
	    .server = snap->control.server_id,
	    .low = snap->low,
	    .high = snap->high,
	    .time_us = mi_wall_us(),
	};

	return mi_stream_begin(dump->stream, &header, err);
}

static void prove_tables(const struct mi_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->tables.count; i++)
		mi_table_prove(snapshot->tables.items[i],
		               snapshot->control.flavour == MI_FLAVOUR_MARIADB);
}

static int write_tables(struct dump *dump, struct mi_err *err)
{
	struct mi_writer *writer = mi_writer_new(dump->stream, MI_FRAME_CONTROL);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < dump->snapshot->tables.count; i++)
		ret = mi_record_table(writer, dump->snapshot->tables.items[i], err);
	if (ret == 0)
		ret = mi_writer_flush(writer, err);
	mi_writer_free(writer);
	return ret;
}

static void count_rows(void *user, uint64_t rows, uint64_t bytes)
{
	mi_progress_add(user, rows, bytes);
}

/* ---- Threads ---- */

/* Reads or counts what the plan has given. *complete: nothing of its table is left to do. */
static int work_range(struct dump *dump, struct mi_conn *reader, struct mi_row_reader *rows,
                      struct mi_range *range, bool *complete, struct mi_plan_sum *sum,
                      struct mi_err *err)
{
	struct mi_rows_result result = {0};
	struct mi_table_count count = {0};
	int ret = 0;

	if (range->count)
		ret = mi_src_count(reader, range, dump->options->where, dump->plan, &count, err);
	else if (!range->nothing)
		ret = mi_row_reader_read(rows, range, &result, err);
	if (ret == 0 && dump->crew && !range->count)
		mi_crew_count(dump->crew, result.bytes, mi_stream_take_waited_us(dump->stream));
	if (ret != 0)
		mi_range_release(range);
	else if (range->count)
		*complete = mi_plan_counted(dump->plan, range, count.all, count.ranges, sum);
	else
		*complete =
		    mi_plan_finish(dump->plan, range, result.rest, result.rows, result.bytes, sum);
	return ret;
}

static int end_table(const struct mi_table *table, const struct mi_plan_sum *sum,
                     struct mi_writer *control, struct mi_err *err)
{
	if (sum->counted && sum->accounted != sum->all) {
		(void)mi_fail(err, MI_DATA,
		              "%s.%s: its key ranges have %llu rows, and the snapshot has %llu",
		              table->db, table->name, (unsigned long long)sum->accounted,
		              (unsigned long long)sum->all);
		return mi_hint(err, "this server's index and its comparisons disagree about the "
		                    "key's order: dump the table with --threads=1, which reads it "
		                    "by one statement");
	}
	if (mi_record_table_end(control, table, sum->rows, err) != 0)
		return -1;
	return mi_writer_flush(control, err);
}

/* Waits until this reader is to work. False: there is no work any more. */
static bool is_needed(const struct worker *worker)
{
	const struct dump *dump = worker->dump;

	while (!mi_crew_may_work(dump->crew, worker->index))
		if (mi_crew_is_closed(dump->crew) || mi_stop_asked() ||
		    !mi_plan_is_well(dump->plan))
			return false;
	return true;
}

static int work(struct worker *worker, struct mi_row_reader *rows, struct mi_writer *control,
                struct mi_err *err)
{
	struct mi_range range;
	int got = 0;

	while (is_needed(worker) &&
	       (got = mi_plan_take(worker->dump->plan, worker->reader, &range, err)) > 0) {
		const struct mi_table *table = range.table;
		struct mi_plan_sum sum;
		bool complete;

		if (work_range(worker->dump, worker->reader, rows, &range, &complete, &sum, err) !=
		        0 ||
		    mi_snapshot_let_go(worker->reader, err) != 0 ||
		    (complete && end_table(table, &sum, control, err) != 0))
			return -1;
	}
	mi_crew_close(worker->dump->crew);
	return got < 0 ? -1 : 0;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	struct dump *dump = worker->dump;
	struct mi_row_reader *rows = mi_row_reader_new(worker->reader, dump->stream, &dump->rows);
	struct mi_writer *control = mi_writer_new(dump->stream, MI_FRAME_CONTROL);
	struct mi_err err = {0};

	if (work(worker, rows, control, &err) != 0)
		mi_plan_fail(dump->plan, &err);
	mi_writer_free(control);
	mi_row_reader_free(rows);
	mysql_thread_end();
	return NULL;
}

static int run_workers(struct dump *dump, struct mi_err *err)
{
	size_t count = dump->snapshot->reader_count, started = 0;
	struct worker *workers = mi_alloc(count * sizeof *workers);

	for (; started < count; started++) {
		struct worker *worker = &workers[started];

		worker->dump = dump;
		worker->reader = &dump->snapshot->readers[started];
		worker->index = started;
		if (pthread_create(&worker->thread, NULL, run, worker) == 0)
			continue;
		(void)mi_fail(err, MI_AGAIN, "cannot start a thread");
		mi_plan_fail(dump->plan, err);
		break;
	}
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	free(workers);
	return mi_plan_result(dump->plan, err);
}

/* A condition such as "at > NOW() - INTERVAL 1 DAY" means the same moment in all statements. */
static int stop_clocks(struct dump *dump, struct mi_err *err)
{
	struct mi_snapshot *snap = dump->snapshot;
	unsigned long long now = mi_wall_us() / 1000000;

	if (!dump->options->where || dump->options->where->count == 0)
		return 0;
	for (size_t i = 0; i < snap->reader_count; i++)
		if (mi_conn_execf(&snap->readers[i], err, "SET SESSION timestamp = %llu", now) != 0)
			return -1;
	return 0;
}

int mi_src_dump(struct mi_snapshot *snapshot, int fd, const struct mi_dump_options *options,
                struct mi_err *err)
{
	struct dump dump = {.snapshot = snapshot, .options = options};
	struct mi_plan_options plan = {.readers = snapshot->reader_count,
	                               .chunk_bytes = options->chunk_bytes,
	                               .skip = options->skip,
	                               .count = !options->no_count,
	                               .torn = strcmp(snapshot->low, snapshot->high) != 0};
	int ret = -1;

	dump.stream = mi_stream_new(fd, options->level);
	if (options->prove)
		prove_tables(snapshot);
	if (options->find_readers)
		dump.crew = mi_crew_new(snapshot->reader_count, true);
	if (mi_plan_new(&dump.plan, &snapshot->control, &snapshot->tables, &plan, err) != 0)
		goto out;
	dump.rows = (struct mi_rows_options){
	    .chunk_bytes = options->chunk_bytes,
	    .where = options->where,
	    .prove = options->prove,
	    .json_as_text = options->json_as_text,
	    .progress = options->progress ? count_rows : NULL,
	    .progress_user = options->progress,
	    .plan = dump.plan,
	    .throttle = options->throttle,
	};
	if (options->progress)
		mi_progress_expect(options->progress, mi_plan_rows(dump.plan), 0);
	if (write_header(&dump, err) != 0 || write_tables(&dump, err) != 0 ||
	    stop_clocks(&dump, err) != 0 || run_workers(&dump, err) != 0 ||
	    mi_snapshot_check(snapshot, err) != 0 || mi_stream_end(dump.stream, err) != 0)
		goto out;
	ret = 0;
out:
	mi_plan_free(dump.plan);
	mi_crew_free(dump.crew);
	mi_stream_free(dump.stream);
	return ret;
}
