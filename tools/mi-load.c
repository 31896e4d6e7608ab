/* mi-load: schema and row streams into a server. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "load/load.h"
#include "server/conn.h"
#include "server/options.h"
#include "throttle/crew.h"
#include "throttle/throttle.h"

#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_conn_options server;
	struct mi_load_options load;
	const char *threads;
	bool done;
};

/* The most that --threads may say, and how many may work with --threads=auto. */
enum { MAX_THREADS = 256, AUTO_THREADS = 8 };

static void parse(int argc, char **argv, struct settings *s)
{
	struct mi_load_options *load = &s->load;
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s->server),
	    MI_HEADING("Loading"),
	    MI_TEXT(0, "import", "ID", &load->import,
	            "name of the import (default: as the streams say)"),
	    MI_TEXT(0, "state-db", "DB", &load->state_db,
	            "database for _mi_load and _mi_checkpoint (default: --database, else the "
	            "stream's first)"),
	    MI_LIST(0, "map-db", "OLD=NEW", &load->map.pairs,
	            "load database OLD into NEW; may be given again"),
	    MI_WORD('j', "threads", "N", &s->threads, "4", "connections that load, or auto"),
	    MI_WORD(0, "method", "METHOD", &load->method, "auto", "load-data, insert or auto"),
	    MI_WORD(0, "dialect", "DIALECT", &load->dialect, "auto", "mysql, vtgate or auto"),
	    MI_NUMBER(0, "retry-time", "SECONDS", &load->retry_seconds, 0, 86400, "60",
	              "how long to try again after transient errors"),
	    MI_FLAG(0, "schema-only", &load->schema_only,
	            "definitions alone: do not wait for rows"),
	    MI_FLAG(0, "into-existing", &load->into_existing,
	            "accept tables that have rows, and objects that differ"),
	    MI_FLAG(0, "no-binlog", &load->no_binlog,
	            "keep the rows out of the server's binary log (its replicas will lack them)"),
	    MI_FLAG(0, "no-proof", &load->no_proof,
	            "do not read the rows back to prove that they are the source's"),
	    MI_THROTTLE_OPT_ROWS(&load->throttle),
	    MI_TEXT(0, "progress", "FILE", &load->progress, "write Prometheus metrics to FILE"),
	    MI_TEXT(0, "checkpoint", "FILE", &load->checkpoint,
	            "write the position that the rows show to FILE, once all are there"),
	    MI_FLAG(0, "done", &s->done, "print what is finished, for mi-dump --skip, and exit"),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME < stream",
	    .summary = "Loads schema and row streams into a MySQL or MariaDB server.",
	    .opts = opts};

	if (mi_opt_parse(argc, argv, &tool) != argc)
		exit(mi_usage_error("no operands are expected"));
	if (!mi_crew_parse(s->threads, MAX_THREADS, AUTO_THREADS, &load->threads,
	                   &load->find_threads))
		exit(mi_usage_error("--threads=%s is neither a number from 1 to %d nor auto",
		                    s->threads, MAX_THREADS));
	load->conn = &s->server;
}

static int print_done(const struct settings *s, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = mi_load_print_done(&s->load, &text, err);

	if (ret == 0)
		ret = mi_fd_write(STDOUT_FILENO, text.data, text.len, err);
	mi_buf_release(&text);
	return ret == 0 ? mi_fd_close(STDOUT_FILENO, "standard output", err) : -1;
}

int main(int argc, char **argv)
{
	struct settings s = {.done = false};
	struct mi_err err = {0};
	int ret = -1;

	mi_msg_init(argv[0]);
	parse(argc, argv, &s);
	mi_stop_install();
	if (mi_load_check_options(&s.load, &err) != 0 || mi_conn_init(&err) != 0 ||
	    mi_conn_options_load(&s.server, &err) != 0)
		return mi_report(&err);
	if (s.done)
		ret = print_done(&s, &err);
	else if (isatty(STDIN_FILENO))
		(void)mi_fail(&err, MI_USAGE, "standard input is a terminal: a stream is expected");
	else
		ret = mi_load_run(&s.load, STDIN_FILENO, &err);
	mi_conn_options_release(&s.server);
	return ret == 0 ? MI_OK : mi_report(&err);
}
