#include "follow/follow.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "change/deleted_twice.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/name.h"
#include "follow/binlog.h"
#include "follow/catalog.h"
#include "follow/past.h"
#include "follow/rows.h"
#include "follow/state.h"
#include "follow/trx.h"
#include "follow/link.h"
#include "follow/retention.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/write.h"

#include <stdlib.h>

enum { WAIT_MS = 1000 };

/* ---- Starting ---- */

/* Reads an option's set: "now" is what the source has executed, else a set in text. */
static int read_set(struct mi_follow *f, const char *text, const char *option,
                    struct mi_gtid_set **set, struct mi_err *err)
{
	if (strcmp(text, "now") == 0)
		return mi_src_binlog_executed(f->binlog, set, err);
	if (mi_gtid_parse(mi_span_str(text), set, err) != 0)
		return mi_within(err, "--%s", option);
	return 0;
}

static int check_family(struct mi_follow *f, const struct mi_gtid_set *set, const char *option,
                        struct mi_err *err)
{
	const struct mi_conn *conn = mi_src_binlog_control(f->binlog);
	bool mariadb = conn->flavour == MI_FLAVOUR_MARIADB;
	enum mi_gtid_family family = mi_gtid_family(set);

	if (family == MI_GTID_NONE || (family == MI_GTID_MARIADB) == mariadb)
		return 0;
	return mi_fail(err, MI_DATA, "--%s: %s GTIDs, but the source is %s", option,
	               mariadb ? "MySQL" : "MariaDB", mi_conn_name(conn));
}

static int read_sets(struct mi_follow *f, struct mi_err *err)
{
	const struct mi_follow_options *o = f->options;

	if (read_set(f, o->since, "since", &f->done, err) != 0 ||
	    check_family(f, f->done, "since", err) != 0)
		return -1;
	if (o->until && (read_set(f, o->until, "until", &f->until, err) != 0 ||
	                 check_family(f, f->until, "until", err) != 0))
		return -1;
	if (o->past && (read_set(f, o->past, "past", &f->past, err) != 0 ||
	                check_family(f, f->past, "past", err) != 0))
		return -1;
	f->finished = f->until && mi_gtid_contains(f->done, f->until);
	return 0;
}

static int write_header(struct mi_follow *f, struct mi_err *err)
{
	const struct mi_conn *conn = mi_src_binlog_control(f->binlog);
	struct mi_buf since = {0};
	struct mi_stream_header header;
	int ret;

	mi_gtid_print(f->done, &since);
	header = (struct mi_stream_header){
	    .kind = MI_STREAM_EVENTS,
	    .features = "",
	    .import_id = f->options->import_id,
	    .flavour = conn->flavour == MI_FLAVOUR_MARIADB ? "mariadb" : "mysql",
	    .version = conn->version_text,
	    .server = conn->server_id,
	    .low = mi_buf_cstr(&since),
	    .high = "",
	};
	ret = mi_stream_begin(f->stream, &header, err);
	mi_buf_release(&since);
	return ret;
}

/* The definitions as of after, with which the log is followed from there. */
static int open_catalog(struct mi_follow *f, const struct mi_gtid_set *after, struct mi_err *err)
{
	const struct mi_follow_options *o = f->options;
	const struct mi_catalog_options options = {.binlog = f->binlog,
	                                           .looking = &f->looking,
	                                           .filter = o->filter,
	                                           .schema = o->schema,
	                                           .folder = o->definitions,
	                                           .applied = o->since_file,
	                                           .since = after};

	/* as another replica, beside the one that follows */
	f->looking = (struct mi_src_binlog_options){
	    .source = o->source,
	    .heartbeat_seconds = o->heartbeat_seconds,
	    .identity = mi_src_binlog_control(f->binlog)->server_id};
	return mi_catalog_open(&f->catalog, &options, err);
}

/* Begins the stream: what the source has purged, and --past says so, is its first record. */
static int start_after(struct mi_follow *f, const struct mi_gtid_set *lost, struct mi_err *err)
{
	struct mi_gtid_set *after = mi_gtid_copy(f->done);
	int ret = mi_gtid_union(after, lost, err);

	if (ret == 0)
		ret = open_catalog(f, after, err);
	if (ret == 0)
		ret = mi_src_binlog_start(f->binlog, after, err);
	mi_gtid_free(after);
	if (ret != 0 || write_header(f, err) != 0)
		return -1;
	return mi_follow_past_pass(f, lost, err);
}

static int begin(struct mi_follow *f, struct mi_err *err)
{
	const struct mi_follow_options *o = f->options;
	struct mi_gtid_set *lost;
	int ret;
	struct mi_src_binlog_options binlog = {.source = o->source,
	                                       .server_id = o->server_id,
	                                       .heartbeat_seconds = o->heartbeat_seconds,
	                                       .is_replica = o->source_is_replica};

	if (mi_src_binlog_open(&f->binlog, &binlog, mi_follow_event, f, err) != 0 ||
	    read_sets(f, err) != 0 || mi_src_binlog_reaches(f->binlog, f->done, err) != 0 ||
	    mi_follow_past_lost(f, &lost, err) != 0)
		return -1;
	ret = start_after(f, lost, err);
	mi_gtid_free(lost);
	return ret;
}

/* ---- Following ---- */

/* Ends the stream with END: it is whole up to the last transaction. */
static int end_stream(struct mi_follow *f, struct mi_err *err)
{
	if (mi_follow_flush(f, err) != 0 || mi_catalog_reached(f->catalog, f->done, true, err) != 0)
		return -1;
	return mi_stream_end(f->stream, err);
}

/* Ends the stream for a reason that a rerun may cure, which is in err and stays there unless the
 * ending itself fails. Returns -1. */
static int end_early(struct mi_follow *f, struct mi_err *err)
{
	struct mi_err why = *err;

	if (end_stream(f, err) != 0)
		return -1;
	*err = why;
	return -1;
}

static int start_again(struct mi_follow *f, struct mi_err *err)
{
	mi_warn("%s: connecting again", err->text);
	*err = (struct mi_err){0};
	if (mi_follow_abort(f, err) != 0 || mi_follow_flush(f, err) != 0)
		return -1;
	if (mi_src_binlog_restart(f->binlog, f->done, err) == 0) {
		mi_notice("connected again");
		return 0;
	}
	if (err->code == MI_AGAIN || err->code == MI_UNAVAILABLE)
		return end_early(f, err);
	return -1;
}

/* After a failure for good (in err, and kept): what was collected before it is still sent, unless
 * it was the output that failed. Returns -1. */
static int give_up(struct mi_follow *f, struct mi_err *err)
{
	struct mi_err why = *err;

	if (why.code == MI_IO)
		return -1;
	if (f->now.text.len > 0 && f->now.open)
		(void)mi_within(&why, "transaction %s", mi_buf_cstr(&f->now.text));
	if (mi_follow_abort(f, err) != 0 || mi_follow_flush(f, err) != 0)
		return -1;
	*err = why;
	return -1;
}

static int follow(struct mi_follow *f, struct mi_err *err)
{
	while (!f->finished) {
		switch (mi_src_binlog_next(f->binlog, WAIT_MS, !f->now.open, err)) {
		case MI_LINK_EVENT:
		case MI_LINK_NOTHING:
			mi_src_retention_tick(f->options->retention, f->binlog);
			break;
		case MI_LINK_STOPPED:
			(void)mi_stop_fail(err);
			return end_early(f, err);
		case MI_LINK_LOST:
			if (start_again(f, err) != 0)
				return -1;
			break;
		case MI_LINK_REFUSED:
			return give_up(f, err);
		}
	}
	return end_stream(f, err);
}

static void release(struct mi_follow *f)
{
	mi_src_binlog_close(f->binlog);
	mi_table_maps_release(&f->maps);
	mi_catalog_close(f->catalog);
	mi_rows_free(f->rows);
	mi_deleted_release(&f->gone);
	mi_writer_free(f->events);
	mi_writer_free(f->control);
	mi_stream_free(f->stream);
	mi_gtid_free(f->done);
	mi_gtid_free(f->until);
	mi_gtid_free(f->skipped);
	mi_gtid_free(f->past);
	mi_buf_release(&f->passed);
	mi_buf_release(&f->now.text);
	mi_buf_release(&f->scratch);
	mi_buf_release(&f->inflated);
	free(f->announced);
}

int mi_src_follow(int fd, const struct mi_follow_options *options, struct mi_err *err)
{
	struct mi_follow f = {.options = options,
	                      .stream = mi_stream_new(fd, options->level),
	                      .rows = mi_rows_new(),
	                      .maps = {.free_user = mi_follow_map_free},
	                      .skipped = mi_gtid_new()};
	int ret = -1;

	if (options->json_as_text)
		mi_rows_json_text(f.rows);
	f.events = mi_writer_new(f.stream, MI_FRAME_EVENTS);
	f.control = mi_writer_new(f.stream, MI_FRAME_CONTROL);
	if (begin(&f, err) == 0)
		ret = follow(&f, err);
	release(&f);
	return ret;
}
