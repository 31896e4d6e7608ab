/* mi-dump: a consistent snapshot of a database's rows, as a row stream with its GTID position. */
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "program/progress.h"
#include "base/stop.h"
#include "chunk/done.h"
#include "server/conn.h"
#include "server/options.h"
#include "source/dump.h"
#include "source/snapshot.h"
#include "source/where.h"
#include "stream/opts.h"
#include "throttle/crew.h"
#include "throttle/throttle.h"
#include "table/filter.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	MAX_THREADS = 64,
	DEFAULT_THREADS = 4,
	AUTO_THREADS = 8, /* with --threads=auto, at most */
	MIB = 1 << 20,
	CHUNK_MIN = 1 << 10,
	CHUNK_SLOW = 256 << 10, /* by default, under a low rate */
	CHUNK_MAX = 8 * MIB,    /* by default, and so that a loader's transaction stays small */
	CHUNKS_IN_MEMORY = 24 * MIB, /* of all threads together, by default */
};

struct settings {
	struct mi_conn_options source;
	struct mi_filter filter;
	struct mi_snapshot_options snapshot;
	struct mi_dump_options dump;
	struct mi_opt_list where;
	struct mi_stream_opts stream;
	struct mi_throttle_options throttle;
	bool no_proof;
	const char *lock, *skip, *readers;
	uint64_t threads, chunk_bytes;
};

static void parse(int argc, char **argv, struct settings *s)
{
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s->source),
	    MI_FILTER_OPT_ROWS(&s->filter),
	    MI_LIST(0, "where", "[DB.TABLE:]EXPR", &s->where,
	            "only rows that meet this condition; may be given again"),
	    MI_TEXT(0, "skip", "FILE", &s->skip, "leave out what 'mi-load --done' listed here"),
	    MI_FLAG(0, "no-count", &s->dump.no_count,
	            "do not count the rows of tables that are read in ranges"),
	    MI_HEADING("Snapshot"),
	    MI_WORD(0, "lock", "HOW", &s->lock, "auto", "auto, flush, tables or none"),
	    MI_NUMBER(0, "lock-tries", "N", &s->snapshot.lock_tries, 1, 1000, "10",
	              "how often to try a lock, and ten times as often without"),
	    MI_NUMBER(0, "long-query-guard", "SECONDS", &s->snapshot.guard_seconds, 0, 86400, "60",
	              "no lock while a statement older than this runs; 0: no guard"),
	    MI_NUMBER(0, "xa-wait", "SECONDS", &s->snapshot.xa_seconds, 0, 86400, "30",
	              "wait so long for prepared XA transactions to end"),
	    MI_TEXT('j', "threads", "N", &s->readers,
	            "readers, or auto (default: as many as cores, at most 4)"),
	    MI_HEADING("Load of the server"),
	    MI_THROTTLE_OPT_ROWS(&s->throttle),
	    MI_HEADING("Stream"),
	    MI_SIZE(0, "chunk-size", "SIZE", &s->chunk_bytes, CHUNK_MIN, 1024 * (uint64_t)MIB, NULL,
	            "rows that are loaded together (default 8M, less with many threads)"),
	    MI_FLAG(0, "no-proof", &s->no_proof, "chunks without the proof that mi-load compares"),
	    MI_STREAM_OPT_ROWS(&s->stream),
	    MI_STREAM_DATA_OPT_ROWS(&s->stream),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME > stream",
	    .summary = "Writes a consistent snapshot of a database's rows as a stream.",
	    .opts = opts};

	if (mi_opt_parse(argc, argv, &tool) != argc)
		exit(mi_usage_error("operands are not understood; databases go after -d"));
}

static uint64_t default_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > DEFAULT_THREADS ? DEFAULT_THREADS : (uint64_t)cores;
}

/* What is loaded at once is felt at once: under a rate, not more than half a second brings. */
static uint64_t default_chunk(uint64_t threads, uint64_t max_rate)
{
	uint64_t bytes =
	    CHUNKS_IN_MEMORY / threads < CHUNK_MAX ? CHUNKS_IN_MEMORY / threads : CHUNK_MAX;

	if (max_rate == 0 || max_rate / 2 >= bytes)
		return bytes;
	return max_rate / 2 > CHUNK_SLOW ? max_rate / 2 : CHUNK_SLOW;
}

/* 0, or the exit code. */
static int complete(struct settings *s)
{
	if (mi_stream_opt_check(&s->stream, true, "") != MI_OK)
		return MI_USAGE;
	if (s->readers && !mi_crew_parse(s->readers, MAX_THREADS, AUTO_THREADS, &s->threads,
	                                 &s->dump.find_readers))
		return mi_usage_error("--threads=%s is neither a number from 1 to %d nor auto",
		                      s->readers, MAX_THREADS);
	if (!mi_snapshot_lock_parse(s->lock, &s->snapshot.lock))
		return mi_usage_error("--lock=%s is none of auto, flush, tables, none", s->lock);
	s->dump.import_id = s->stream.import_id;
	s->dump.json_as_text = s->stream.json_as_text;
	s->dump.prove = !s->no_proof;
	s->dump.level = (int)s->stream.level;
	s->dump.chunk_bytes =
	    s->chunk_bytes ? s->chunk_bytes : default_chunk(s->threads, s->throttle.max_rate);
	s->snapshot.source = s->throttle.conn = &s->source;
	s->throttle.side = "source";
	s->snapshot.filter = &s->filter;
	s->snapshot.readers = s->threads;
	return 0;
}

static int start_progress(struct settings *s, struct mi_err *err)
{
	const struct mi_progress_extra extra = {mi_throttle_metrics, mi_throttle_words,
	                                        s->dump.throttle};

	return mi_progress_start_with(&s->dump.progress, "dumped", s->stream.progress, &extra, err);
}

static int dump(struct settings *s, struct mi_err *err)
{
	struct mi_snapshot snapshot = {0};
	struct mi_done done = {0};
	struct mi_wheres wheres = {0};
	int ret = -1;

	if (s->skip && mi_done_read(&done, s->skip, err) != 0)
		goto out;
	s->dump.skip = s->skip ? &done : NULL;
	s->snapshot.resumed = done.count > 0;
	if (mi_conn_options_load(&s->source, err) != 0 ||
	    mi_snapshot_open(&snapshot, &s->snapshot, err) != 0)
		goto out;
	wheres.ignore_case = s->filter.ignore_case;
	if (mi_wheres_parse(&wheres, &s->where, &snapshot.tables, err) != 0 ||
	    mi_throttle_start(&s->dump.throttle, &s->throttle, err) != 0 ||
	    start_progress(s, err) != 0)
		goto out;
	s->dump.where = &wheres;
	ret = mi_src_dump(&snapshot, STDOUT_FILENO, &s->dump, err);
	if (ret == 0)
		ret = mi_fd_close(STDOUT_FILENO, "standard output", err);
out:
	mi_progress_stop(s->dump.progress, ret == 0);
	mi_throttle_stop(s->dump.throttle);
	mi_snapshot_close(&snapshot);
	mi_wheres_release(&wheres);
	mi_done_release(&done);
	mi_conn_options_release(&s->source);
	return ret;
}

int main(int argc, char **argv)
{
	struct settings s = {.threads = default_threads()};
	struct mi_err err = {0};
	int code;

	mi_msg_init(argv[0]);
	parse(argc, argv, &s);
	code = complete(&s);
	if (code != 0)
		return code;
	mi_stop_install();
	if (mi_conn_init(&err) != 0 || dump(&s, &err) != 0)
		return mi_report(&err);
	return 0;
}
