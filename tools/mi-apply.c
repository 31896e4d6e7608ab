/* mi-apply: an event stream into a server, exactly once. */
#include "apply/apply.h"
#include "base/err.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "server/conn.h"
#include "server/options.h"
#include "throttle/throttle.h"

#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_conn_options server;
	struct mi_apply_options apply;
};

static void parse(int argc, char **argv, struct settings *s)
{
	struct mi_apply_options *apply = &s->apply;
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s->server),
	    MI_HEADING("Position"),
	    MI_TEXT(0, "import", "ID", &apply->import,
	            "name of the import (default: as the stream says)"),
	    MI_TEXT(0, "flow", "ID/DIRECTION", &apply->flow,
	            "the flow's whole name (default: IMPORT/forward)"),
	    MI_TEXT(0, "state-db", "DB", &apply->state_db,
	            "database of _mi_checkpoint (default: the one that knows the flow)"),
	    MI_TEXT(0, "checkpoint", "FILE", &apply->checkpoint,
	            "write the position to FILE, after each commit or soon after"),
	    MI_TEXT(0, "start", "SET", &apply->start,
	            "GTID set or @FILE: where to begin when there is no checkpoint"),
	    MI_TEXT(0, "until", "SET", &apply->until,
	            "GTID set or @FILE: stop once it has been applied"),
	    MI_TEXT(0, "past", "GTID", &apply->past,
	            "do not apply the next transaction, which must be this one; record it"),
	    MI_TEXT(0, "passed", "FILE", &apply->passed,
	            "with --past: write the list of transactions that were passed to FILE"),
	    MI_NUMBER(0, "epoch", "N", &apply->epoch, 1, UINT64_MAX, NULL,
	              "apply to the checkpoint of this epoch alone (default: of any)"),
	    MI_FLAG(0, "accept-source", &apply->accept_source,
	            "the stream may come from another server than before"),
	    MI_HEADING("Applying"),
	    MI_LIST(0, "map-db", "OLD=NEW", &apply->map.pairs,
	            "apply changes of database OLD to NEW; may be given again"),
	    MI_WORD(0, "on-ddl", "ACTION", &apply->on_ddl, "stop",
	            "changes of definitions: stop, skip or apply"),
	    MI_TEXT(0, "on-ddl-at", "ACTION@GTID", &apply->on_ddl_at,
	            "as --on-ddl, for this transaction alone"),
	    MI_NUMBER(0, "batch", "N", &apply->batch, 1, 100000, "2000",
	              "most source transactions in one of the target's"),
	    MI_WORD(0, "dialect", "DIALECT", &apply->dialect, "auto", "mysql, vtgate or auto"),
	    MI_FLAG(0, "split-large", &apply->split_large,
	            "apply transactions over 100,000 rows in parts, not all at once"),
	    MI_NUMBER(0, "retry-time", "SECONDS", &apply->retry_seconds, 0, 86400, "60",
	              "how long to try again after transient errors"),
	    MI_FLAG(
		0, "no-binlog", &apply->no_binlog,
		"keep the changes out of the server's binary log (its replicas will lack them)"),
	    MI_FLAG(0, "no-proof", &apply->no_proof, "do not read back what the server computes"),
	    MI_TEXT(0, "notify", "SOCKET", &apply->notify,
	            "tell the router at the Unix socket SOCKET what has been committed"),
	    MI_THROTTLE_OPT_ROWS(&apply->throttle),
	    MI_TEXT(0, "progress", "FILE", &apply->progress, "write Prometheus metrics to FILE"),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME < stream",
	    .summary = "Applies an event stream to a MySQL or MariaDB server, exactly once.",
	    .opts = opts};

	if (mi_opt_parse(argc, argv, &tool) != argc)
		exit(mi_usage_error("no operands are expected"));
	apply->conn = &s->server;
}

int main(int argc, char **argv)
{
	struct settings s = {.apply = {.import = NULL}};
	struct mi_err err = {0};
	int ret;

	mi_msg_init(argv[0]);
	parse(argc, argv, &s);
	mi_stop_install();
	if (mi_apply_check_options(&s.apply, &err) != 0)
		return mi_report(&err);
	if (isatty(STDIN_FILENO))
		return mi_usage_error("standard input is a terminal: a stream is expected");
	if (mi_conn_init(&err) != 0 || mi_conn_options_load(&s.server, &err) != 0)
		return mi_report(&err);
	ret = mi_apply_run(&s.apply, STDIN_FILENO, &err);
	mi_conn_options_release(&s.server);
	return ret == 0 ? MI_OK : mi_report(&err);
}
