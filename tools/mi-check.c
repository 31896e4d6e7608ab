#include "base/io.h"
#include "base/msg.h"
#include "base/opt.h"
#include "side/check.h"
#include "side/conn.h"

#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_conn_options source, target;
	struct mi_opt_list ignore;
	bool tsv, json, list;
};

static int check_options(const struct settings *settings, int operands)
{
	if (operands > 0)
		return mi_usage_error("no operands are expected");
	if (settings->tsv && settings->json)
		return mi_usage_error("--tsv and --json exclude each other");
	for (size_t i = 0; i < settings->ignore.count; i++)
		if (!mi_check_find(settings->ignore.items[i]))
			return mi_usage_error("--ignore=%s names no check (--list shows them)",
			                      settings->ignore.items[i]);
	return MI_OK;
}

/* Opens one side as the import will, with the same session; when that fails the report says so, and
 * goes on with what there is. */
static void open_side(struct mi_check_run *run, struct mi_check_server *server,
                      struct mi_conn *conn, struct mi_conn_options *options,
                      enum mi_check_side side)
{
	enum mi_role role = side == MI_CHECK_TARGET ? MI_ROLE_WRITER : MI_ROLE_READER;
	struct mi_err err = {0};

	if (mi_conn_options_load(options, &err) == 0 &&
	    mi_conn_open(conn, options, role, &err) == 0) {
		server->conn = conn;
		if (mi_check_read_vars(server, &err) == 0)
			return;
		server->conn = NULL;
	}
	(void)mi_report(&err);
	mi_check_unreached(run, side, &err);
}

static int print(const struct mi_buf *out)
{
	struct mi_err err = {0};

	if (mi_write_full(STDOUT_FILENO, out->data, out->len, &err) != 0 ||
	    mi_close(STDOUT_FILENO, "standard output", &err) != 0)
		return mi_report(&err);
	return MI_OK;
}

static bool want_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int report(const struct settings *settings, const struct mi_check_run *run)
{
	struct mi_buf out = {0};
	int code;

	if (settings->json)
		mi_check_print_json(run, &out);
	else if (settings->tsv)
		mi_check_print_tsv(run, &out);
	else
		mi_check_print_text(run, want_colour(), &out);
	code = print(&out);
	mi_buf_release(&out);
	if (code != MI_OK)
		return code;
	if (run->code)
		return run->code;
	return mi_check_tally(run, MI_CHECK_BLOCK) ? MI_NO : MI_OK;
}

static int check(struct settings *settings)
{
	struct mi_check_run run = {.ignore = &settings->ignore};
	struct mi_conn source = {0}, target = {0};
	struct mi_err err = {0};
	int code;

	if (mi_conn_init(&err) != 0)
		return mi_report(&err);
	settings->target.config = settings->source.config;
	open_side(&run, &run.source, &source, &settings->source, MI_CHECK_SOURCE);
	if (settings->target.server)
		open_side(&run, &run.target, &target, &settings->target, MI_CHECK_TARGET);
	mi_check_all(&run);
	code = report(settings, &run);
	mi_check_run_release(&run);
	mi_conn_close(&source);
	mi_conn_close(&target);
	return code;
}

static int list(void)
{
	struct mi_buf out = {0};
	int code;

	mi_check_print_list(&out);
	code = print(&out);
	mi_buf_release(&out);
	return code;
}

int main(int argc, char **argv)
{
	struct settings s = {0};
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s.source),
	    MI_HEADING("Checks"),
	    MI_TEXT('t', "target", "NAME", &s.target.server,
	            "check the server of [client_NAME] as the target, too"),
	    MI_LIST(0, "ignore", "ID", &s.ignore,
	            "let this check's blockers pass as warnings; may be given again"),
	    MI_FLAG(0, "list", &s.list, "print the checks (id, what, risk) and exit"),
	    MI_HEADING("Output"),
	    MI_FLAG(0, "tsv", &s.tsv, "print side, id, level, text and mend, tab-separated"),
	    MI_FLAG(0, "json", &s.json, "print the same as JSON"),
	    MI_OPT_END,
	};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME [-t NAME]",
	    .summary = "Says what stands in the way of an import, and changes nothing.",
	    .opts = opts,
	};
	int operand, code;

	mi_msg_init(argv[0]);
	operand = mi_opt_parse(argc, argv, &tool);
	code = check_options(&s, argc - operand);
	if (code == MI_OK)
		code = s.list ? list() : check(&s);
	mi_conn_options_release(&s.source);
	mi_conn_options_release(&s.target);
	free(s.ignore.items);
	return code;
}
