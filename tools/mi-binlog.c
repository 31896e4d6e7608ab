/* mi-binlog: a server's changes since a GTID set, as an event stream. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "program/progress.h"
#include "base/stop.h"
#include "server/conn.h"
#include "server/options.h"
#include "follow/follow.h"
#include "follow/foreign.h"
#include "follow/retention.h"
#include "stream/opts.h"
#include "table/filter.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

enum { SET_FILE_MAX = 16 << 20 };

struct settings {
	struct mi_conn_options source;
	struct mi_filter filter;
	struct mi_follow_options follow;
	struct mi_stream_opts stream;
	uint64_t server_id, heartbeat;
	bool foreign;
	struct mi_buf since, until; /* out of files */
};

static void parse(int argc, char **argv, struct settings *s)
{
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s->source),
	    MI_FILTER_OPT_ROWS(&s->filter),
	    MI_HEADING("Following"),
	    MI_TEXT(0, "since", "SET", &s->follow.since,
	            "GTID set to begin after, @FILE that holds one, or now"),
	    MI_TEXT(0, "until", "SET", &s->follow.until,
	            "end when all of it is in the stream; @FILE or now, too"),
	    MI_TEXT(0, "past", "GTID", &s->follow.past,
	            "pass this transaction undecoded, or all that the source has purged"),
	    MI_TEXT(0, "schema", "FILE", &s->follow.schema,
	            "schema stream with the definitions as of --since (default: the server's)"),
	    MI_TEXT(0, "definitions", "FOLDER", &s->follow.definitions,
	            "keep the definitions as of what was followed there, and begin with them"),
	    MI_NUMBER(0, "heartbeat", "SECONDS", &s->heartbeat, 1, 3600, "5",
	              "the source says something at least so often"),
	    MI_NUMBER(0, "server-id", "N", &s->server_id, 1, UINT32_MAX, NULL,
	              "id as a replica (default: one is made)"),
	    MI_FLAG(0, "source-is-replica", &s->follow.source_is_replica,
	            "wait for what --since has and the server has not got yet"),
	    MI_FLAG(0, "foreign", &s->foreign,
	            "no stream: list the transactions that reached the tables around the import"),
	    MI_HEADING("Stream"),
	    MI_STREAM_OPT_ROWS(&s->stream),
	    MI_STREAM_DATA_OPT_ROWS(&s->stream),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME --since=SET > stream",
	    .summary = "Writes a server's changes since a GTID set as a stream.",
	    .opts = opts};

	if (mi_opt_parse(argc, argv, &tool) != argc)
		exit(mi_usage_error("operands are not understood; databases go after -d"));
}

/* "@FILE" becomes what the file holds. */
static int read_set(const char **set, struct mi_buf *text, struct mi_err *err)
{
	if (!*set || **set != '@')
		return 0;
	if (mi_read_file(*set + 1, SET_FILE_MAX, text, err) != 0)
		return -1;
	while (text->len > 0 && isspace((unsigned char)text->data[text->len - 1]))
		text->len--;
	*set = mi_buf_cstr(text);
	if (strlen(*set) != text->len || strcmp(*set, "now") == 0)
		return mi_fail(err, MI_DATA, "a file that holds no GTID set");
	return 0;
}

/* 0, or the exit code. */
static int complete(struct settings *s)
{
	if (s->foreign && s->follow.until)
		return mi_usage_error("--foreign ends by itself: not with --until");
	if (mi_stream_opt_check(&s->stream, !s->foreign, "") != MI_OK)
		return MI_USAGE;
	if (!s->follow.since)
		return mi_usage_error("--since is missing: where shall it begin?");
	s->follow.import_id = s->stream.import_id;
	s->follow.json_as_text = s->stream.json_as_text;
	s->follow.source = &s->source;
	s->follow.filter = &s->filter;
	s->follow.since_file = *s->follow.since == '@' ? s->follow.since + 1 : NULL;
	s->follow.server_id = (uint32_t)s->server_id;
	s->follow.heartbeat_seconds = (unsigned)s->heartbeat;
	s->follow.level = (int)s->stream.level;
	return 0;
}

static int list_foreign(struct settings *s, struct mi_err *err)
{
	const struct mi_foreign_options options = {.source = &s->source,
	                                           .filter = &s->filter,
	                                           .since = s->follow.since,
	                                           .server_id = s->follow.server_id,
	                                           .heartbeat_seconds =
	                                               s->follow.heartbeat_seconds};
	struct mi_buf out = {0};
	uint64_t count;
	int ret = mi_src_foreign(&options, &out, &count, err);

	if (ret == 0)
		ret = mi_fd_write(STDOUT_FILENO, out.data, out.len, err);
	mi_buf_release(&out);
	if (ret != 0 || mi_fd_close(STDOUT_FILENO, "standard output", err) != 0)
		return -1;
	if (count == 0)
		return 0;
	return mi_fail(err, MI_NO, "%llu transactions have changed the tables around the import",
	               (unsigned long long)count);
}

static int run(struct settings *s, struct mi_err *err)
{
	struct mi_src_retention *retention = mi_src_retention_new();
	const struct mi_progress_extra extra = {mi_src_retention_metrics, NULL, retention};
	int ret = -1;

	s->follow.retention = retention;
	if (read_set(&s->follow.since, &s->since, err) != 0 ||
	    read_set(&s->follow.until, &s->until, err) != 0 ||
	    mi_conn_options_load(&s->source, err) != 0 ||
	    (!s->foreign && mi_progress_start_with(&s->follow.progress, "followed",
	                                           s->stream.progress, &extra, err) != 0))
		goto out;
	ret = s->foreign ? list_foreign(s, err) : mi_src_follow(STDOUT_FILENO, &s->follow, err);
	if (ret == 0 && !s->foreign)
		ret = mi_fd_close(STDOUT_FILENO, "standard output", err);
out:
	mi_progress_stop(s->follow.progress, ret == 0);
	mi_src_retention_free(retention);
	mi_conn_options_release(&s->source);
	mi_buf_release(&s->since);
	mi_buf_release(&s->until);
	return ret;
}

int main(int argc, char **argv)
{
	struct settings s = {.foreign = false};
	struct mi_err err = {0};
	int code;

	mi_msg_init(argv[0]);
	parse(argc, argv, &s);
	code = complete(&s);
	if (code != 0)
		return code;
	mi_stop_install();
	if (mi_conn_init(&err) != 0 || run(&s, &err) != 0)
		return mi_report(&err);
	return 0;
}
