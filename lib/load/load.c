#include "load/load.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/progress.h"
#include "base/stop.h"
#include "base/words.h"
#include "bookkeeping/load.h"
#include "load/chunk.h"
#include "load/ddl.h"
#include "load/dispatch.h"
#include "load/pool.h"
#include "load/target.h"
#include "server/conn.h"
#include "server/link.h"
#include "server/name.h"
#include "server/open.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "throttle/throttle.h"

#include <stdlib.h>

enum { BYTES_IN_FLIGHT = 24 << 20 }; /* in the pool's jobs */

int mi_load_check_options(const struct mi_load_options *options, struct mi_err *err)
{
	static const char *const methods[] = {"auto", "load-data", "insert", NULL};
	static const char *const dialects[] = {"auto", "mysql", "vtgate", NULL};

	if (mi_word_index(mi_span_str(options->method), methods) < 0)
		return mi_fail(err, MI_USAGE, "--method=%s is not auto, load-data or insert",
		               options->method);
	if (mi_word_index(mi_span_str(options->dialect), dialects) < 0)
		return mi_fail(err, MI_USAGE, "--dialect=%s is not auto, mysql or vtgate",
		               options->dialect);
	if (options->import && mi_state_check_import(options->import, err) != 0)
		return -1;
	return mi_map_check(&options->map, err);
}

/* ---- Setting up ---- */

/* Decides whether rows go by LOAD DATA or by INSERT, by the options and the server's settings. */
static int choose_method(struct mi_dispatch *load, struct mi_err *err)
{
	const struct mi_load_options *options = load->options;
	struct mi_conn *conn = &load->link.conn;
	struct mi_load_rows *rows = &load->rows;
	uint64_t local_infile = 0;

	rows->is_vitess =
	    strcmp(options->dialect, "vtgate") == 0 ||
	    (strcmp(options->dialect, "auto") == 0 && conn->flavour == MI_FLAVOUR_VITESS);
	rows->must_load_data = strcmp(options->method, "load-data") == 0;
	if (mi_conn_number(conn, err, "SELECT @@max_allowed_packet", &rows->max_packet) != 0)
		return -1;
	if (rows->is_vitess && rows->must_load_data)
		return mi_fail(err, MI_USAGE, "vtgate has no LOAD DATA: use --method=insert");
	if (!rows->is_vitess && strcmp(options->method, "insert") != 0 &&
	    mi_conn_number(conn, err, "SELECT @@GLOBAL.local_infile", &local_infile) != 0)
		return -1;
	if (rows->must_load_data && !local_infile) {
		(void)mi_fail(err, MI_CONFIG, "local_infile is OFF on %s", mi_conn_name(conn));
		return mi_hint(err, "SET GLOBAL local_infile=ON, or leave the choice to "
		                    "--method=auto");
	}
	atomic_init(&rows->load_data, local_infile != 0);
	return 0;
}

static void set_up(struct mi_dispatch *load, const struct mi_load_options *options, int fd)
{
	load->options = options;
	load->link_options = (struct mi_link_options){
	    .conn = options->conn,
	    .no_binlog = options->no_binlog,
	    .retry_seconds = options->retry_seconds,
	};
	load->link.options = &load->link_options;
	load->ddls.map = &options->map;
	load->ddls.state = &load->state;
	load->ddls.into_existing = options->into_existing;
	load->rows.state = &load->state;
	load->rows.targets = &load->targets;
	load->rows.prove = !options->no_proof;
	mi_targets_init(&load->targets);
	load->reader = mi_frame_reader_new(fd);
	load->unpacker = mi_unpacker_new();
	load->parser = mi_dispatch_parser(load);
}

static void tear_down(struct mi_dispatch *load)
{
	mi_pool_stop(load->pool);
	if (load->job)
		load->job->job.free(&load->job->job);
	mi_ddls_release(&load->ddls);
	mi_targets_release(&load->targets);
	mi_parser_free(load->parser);
	mi_unpacker_free(load->unpacker);
	mi_frame_reader_free(load->reader);
	mi_link_close(&load->link);
	mi_state_release(&load->state);
	mi_dispatch_release(load);
}

/* ---- Reading ---- */

static int read_frames(struct mi_dispatch *load, struct mi_err *err)
{
	struct mi_err failure;
	struct mi_frame frame = {0};
	int got;

	while ((got = mi_frame_next(load->reader, &frame, err)) == 1) {
		if (mi_dispatch_frame(load, &frame, err) != 0) {
			got = -1;
			break;
		}
	}
	mi_frame_release(&frame);
	if (got != 0 && mi_pool_failed(load->pool, &failure))
		*err = failure; /* the reason why the reading was stopped */
	return got;
}

/* After a failure such as a damaged input: chunks that came whole are still loaded, unless somebody
 * asks to stop. */
static void let_chunks_arrive(struct mi_dispatch *load)
{
	struct mi_err ignored = {0};

	if (!mi_stop_asked())
		(void)!mi_pool_drain(load->pool, &ignored);
}

static int start_pool(struct mi_dispatch *load, struct mi_err *err)
{
	const struct mi_pool_options options = {
	    .threads = load->options->threads,
	    .find_threads = load->options->find_threads,
	    .max_bytes = BYTES_IN_FLIGHT,
	    .link = &load->link_options,
	    .throttle = load->rows.throttle,
	};

	return mi_pool_start(&load->pool, &options, err);
}

/* Throttle, connections and progress. */
static int start(struct mi_dispatch *load, struct mi_err *err)
{
	const struct mi_load_options *options = load->options;
	struct mi_throttle_options throttle = options->throttle;
	struct mi_progress_extra extra = {mi_throttle_metrics, mi_throttle_words, NULL};

	throttle.conn = options->conn;
	throttle.side = "target";
	if (mi_throttle_start(&load->rows.throttle, &throttle, err) != 0 ||
	    start_pool(load, err) != 0)
		return -1;
	extra.user = load->rows.throttle;
	return mi_progress_start_with(&load->rows.progress, "loaded", options->progress, &extra,
	                              err);
}

int mi_load_run(const struct mi_load_options *options, int fd, struct mi_err *err)
{
	struct mi_dispatch load = {0};
	int ret = -1;

	set_up(&load, options, fd);
	if (mi_link_open(&load.link, err) != 0 || choose_method(&load, err) != 0 ||
	    start(&load, err) != 0)
		goto out;
	ret = read_frames(&load, err);
	if (ret != 0)
		let_chunks_arrive(&load);
	else
		ret = mi_dispatch_finish(&load, err);
	mi_pool_stop(load.pool); /* before progress, which its threads count */
	load.pool = NULL;
	mi_progress_stop(load.rows.progress, ret == 0);
out:
	tear_down(&load);
	mi_throttle_stop(load.rows.throttle);
	return ret;
}

int mi_load_print_done(const struct mi_load_options *options, struct mi_buf *out,
                       struct mi_err *err)
{
	const char *import = options->import ? options->import : MI_DEFAULT_IMPORT;
	const char *wanted = options->state_db ? options->state_db : options->conn->database;
	struct mi_state state = {0};
	struct mi_conn conn = {0};
	char *db = NULL;
	int ret = -1;

	if (mi_conn_open(&conn, options->conn, MI_ROLE_PLAIN, err) != 0)
		return -1;
	if (mi_state_find(&conn, wanted, import, &db, err) != 0)
		goto out;
	if (db) {
		mi_state_init(&state, db, import);
		ret = mi_state_print_done(&state, &conn, out, err);
	} else {
		ret = 0;
	}
out:
	free(db);
	mi_state_release(&state);
	mi_conn_close(&conn);
	return ret;
}
