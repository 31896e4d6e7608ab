#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "base/stop.h"
#include "program/opt.h"
#include "check/check.h"
#include "check/grants.h"
#include "check/mend.h"
#include "check/report.h"
#include "check/run.h"
#include "route/auth/users.h"
#include "server/conn.h"
#include "server/open.h"
#include "server/options.h"
#include "table/dbmap.h"
#include "table/filter.h"

#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_conn_options source, target, writer;
	struct mi_opt_list ignore;
	struct mi_filter filter;
	struct mi_map map;
	const char *kind, *grants, *flavour, *account_host, *users;
	uint64_t target_free;
	const char *mend_for;
	bool tsv, json, list, copy_only, mend, no_trial, skip_invalid_views;
	enum mi_server_kind target_kind;
};

static int check_grants(const struct settings *settings)
{
	struct mi_grants grants = {0};

	if (!settings->grants)
		return MI_OK;
	if (strcmp(settings->grants, "source") != 0 && strcmp(settings->grants, "target") != 0)
		return mi_usage_error("--grants=%s is neither source nor target", settings->grants);
	if (!mi_grants_for(&grants, settings->flavour))
		return mi_usage_error("--for=%s is neither mysql nor mariadb, with a version or "
		                      "without",
		                      settings->flavour);
	return MI_OK;
}

static int check_options(struct settings *settings, int operands)
{
	struct mi_err err = {0};

	if (operands > 0)
		return mi_usage_error("no operands are expected");
	if (settings->mend && (settings->tsv || settings->json))
		return mi_usage_error(
		    "--mend prints SQL, not a report: it excludes --tsv and --json");
	if (settings->mend_for && strcmp(settings->mend_for, "source") != 0 &&
	    strcmp(settings->mend_for, "target") != 0)
		return mi_usage_error("--mend-for=%s is neither source nor target",
		                      settings->mend_for);
	if (settings->mend_for && !settings->mend)
		return mi_usage_error("--mend-for is for --mend alone");
	if (settings->tsv && settings->json)
		return mi_usage_error("--tsv and --json exclude each other");
	if (settings->kind && !mi_server_kind_parse(settings->kind, &settings->target_kind))
		return mi_usage_error("--target-kind=%s is none of mysql, mariadb, vitess, "
		                      "planetscale",
		                      settings->kind);
	for (size_t i = 0; i < settings->ignore.count; i++)
		if (!mi_check_find(settings->ignore.items[i]))
			return mi_usage_error("--ignore=%s names no check (--list shows them)",
			                      settings->ignore.items[i]);
	if (mi_map_check(&settings->map, &err) != 0)
		return mi_report(&err);
	return check_grants(settings);
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

	if (mi_fd_write(STDOUT_FILENO, out->data, out->len, &err) != 0 ||
	    mi_fd_close(STDOUT_FILENO, "standard output", &err) != 0)
		return mi_report(&err);
	return MI_OK;
}

static bool want_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int add_mends(const struct settings *settings, struct mi_check_run *run, struct mi_buf *out)
{
	enum mi_check_side side = !settings->mend_for                         ? MI_CHECK_PAIR
	                          : strcmp(settings->mend_for, "source") == 0 ? MI_CHECK_SOURCE
	                                                                      : MI_CHECK_TARGET;
	struct mi_err err = {0};

	if (mi_check_print_mends(run, side, out, &err) != 0)
		return mi_report(&err);
	return MI_OK;
}

static int report(const struct settings *settings, struct mi_check_run *run)
{
	struct mi_buf out = {0};
	int code = MI_OK;

	if (settings->mend)
		code = add_mends(settings, run, &out);
	else if (settings->json)
		mi_check_print_json(run, &out);
	else if (settings->tsv)
		mi_check_print_tsv(run, &out);
	else
		mi_check_print_text(run, want_colour(), &out);
	if (code == MI_OK)
		code = print(&out);
	mi_buf_release(&out);
	if (code != MI_OK)
		return code;
	if (run->code)
		return run->code;
	return mi_check_tally(run, MI_CHECK_BLOCK) ? MI_NO : MI_OK;
}

/* Without a group of that name, the name of a kind asks for its rules alone. */
static bool is_kind_alone(struct settings *settings)
{
	struct mi_conn_options probe = {.config = settings->source.config,
	                                .server = settings->target.server};
	struct mi_err err = {0};
	enum mi_server_kind kind;
	bool alone;

	if (!mi_server_kind_parse(settings->target.server, &kind))
		return false;
	alone = mi_conn_options_load(&probe, &err) != 0 && err.code == MI_CONFIG;
	mi_conn_options_release(&probe);
	if (alone && settings->target_kind == MI_SERVER_UNKNOWN)
		settings->target_kind = kind;
	return alone;
}

static void open_all(struct settings *settings, struct mi_check_run *run, struct mi_conn *source,
                     struct mi_conn *target, struct mi_conn *writer)
{
	settings->target.config = settings->writer.config = settings->source.config;
	open_side(run, &run->source, source, &settings->source, MI_CHECK_SOURCE);
	if (settings->writer.server)
		open_side(run, &run->writer, writer, &settings->writer, MI_CHECK_SOURCE);
	if (settings->target.server && !is_kind_alone(settings))
		open_side(run, &run->target, target, &settings->target, MI_CHECK_TARGET);
	run->kind = settings->target_kind;
}

static int check(struct settings *settings)
{
	struct mi_check_run run = {.ignore = &settings->ignore,
	                           .filter = settings->filter,
	                           .map = settings->map,
	                           .copy_only = settings->copy_only,
	                           .no_trial = settings->no_trial,
	                           .skip_invalid_views = settings->skip_invalid_views,
	                           .target_free = settings->target_free};
	struct mi_conn source = {0}, target = {0}, writer = {0};
	struct mi_route_users *users = NULL;
	struct mi_err err = {0};
	int code;

	mi_stop_install(); /* scratch databases are dropped first */
	if (mi_conn_init(&err) != 0 ||
	    (settings->users && mi_route_users_read(settings->users, &users, &err) != 0))
		return mi_report(&err);
	run.users = users;
	open_all(settings, &run, &source, &target, &writer);
	mi_check_all(&run);
	if (mi_stop_asked()) {
		(void)mi_stop_fail(&err);
		code = mi_report(&err);
	} else {
		code = report(settings, &run);
	}
	mi_check_run_release(&run);
	mi_conn_close(&source);
	mi_conn_close(&target);
	mi_conn_close(&writer);
	mi_route_users_drop(users);
	return code;
}

/* The user is the one of the side's group, when there is an option file; no server is asked. */
static int print_grants(struct settings *settings)
{
	bool target = strcmp(settings->grants, "target") == 0;
	struct mi_conn_options *side =
	    target && settings->target.server ? &settings->target : &settings->source;
	struct mi_grants grants = {.target = target,
	                           .host = settings->account_host,
	                           .databases = &settings->filter.databases};
	struct mi_opt_list own = {&side->database, 1};
	struct mi_err err = {0};
	struct mi_buf out = {0};
	int code;

	settings->target.config = settings->source.config;
	if (side->server && mi_conn_options_load(side, &err) != 0)
		return mi_report(&err);
	if (!grants.databases->count && side->database)
		grants.databases = &own;
	if (!grants.databases->count)
		return mi_usage_error("--grants wants to know the databases: give -d");
	grants.user = side->user ? side->user : "mi";
	if (!mi_grants_for(&grants, settings->flavour))
		return MI_BUG;
	mi_grants_print(&grants, &out);
	code = print(&out);
	mi_buf_release(&out);
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
	struct settings s = {.list = false};
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s.source),
	    MI_FILTER_OPT_ROWS(&s.filter),
	    MI_HEADING("Checks"),
	    MI_TEXT('t', "target", "NAME", &s.target.server,
	            "check the server of [client_NAME] as the target, too"),
	    MI_TEXT(0, "target-kind", "KIND", &s.kind,
	            "mysql, mariadb, vitess or planetscale: the rules of such a target"),
	    MI_TEXT(0, "writer", "NAME", &s.writer.server,
	            "the application writes to the server of [client_NAME], not to the source"),
	    MI_LIST(0, "map-db", "OLD=NEW", &s.map.pairs,
	            "database OLD becomes NEW on the target; may be given again"),
	    MI_TEXT(0, "users", "FILE", &s.users,
	            "the router's users file: log in as each of them"),
	    MI_SIZE(0, "target-free", "SIZE", &s.target_free, 1, 0, NULL,
	            "free disk space of the target, which servers do not tell"),
	    MI_FLAG(0, "skip-invalid-views", &s.skip_invalid_views,
	            "views that the source itself cannot read will be left out"),
	    MI_FLAG(0, "copy-only", &s.copy_only,
	            "what only following the source needs is a warning"),
	    MI_FLAG(0, "no-trial", &s.no_trial,
	            "do not try the definitions in scratch databases on the target"),
	    MI_LIST(0, "ignore", "ID", &s.ignore,
	            "let this check's blockers pass as warnings; may be given again"),
	    MI_FLAG(0, "list", &s.list, "print the checks (id, what, risk) and exit"),
	    MI_HEADING("Accounts"),
	    MI_TEXT(0, "grants", "SIDE", &s.grants,
	            "print the script that makes the account of source or target, and exit"),
	    MI_WORD(0, "for", "FLAVOUR", &s.flavour, "mysql",
	            "mysql or mariadb, as in mysql-5.7: whom the script is for"),
	    MI_WORD(0, "account-host", "HOST", &s.account_host, "%", "host part of the account"),
	    MI_HEADING("Output"),
	    MI_FLAG(0, "tsv", &s.tsv, "print side, id, level, text and fix, tab-separated"),
	    MI_FLAG(0, "json", &s.json, "print the same as JSON"),
	    MI_FLAG(0, "mend", &s.mend,
	            "print statements that put right what was found, and run none of them"),
	    MI_TEXT(0, "mend-for", "SIDE", &s.mend_for,
	            "with --mend: those for the source or the target alone"),
	    MI_OPT_END,
	};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME [-t NAME]",
	    .summary = "Says what stands in the way of an import, and leaves nothing changed.",
	    .opts = opts,
	};
	int operand, code;

	mi_msg_init(argv[0]);
	operand = mi_opt_parse(argc, argv, &tool);
	code = check_options(&s, argc - operand);
	if (code == MI_OK)
		code = s.list ? list() : s.grants ? print_grants(&s) : check(&s);
	mi_conn_options_release(&s.source);
	mi_conn_options_release(&s.target);
	mi_conn_options_release(&s.writer);
	free(s.ignore.items);
	free(s.filter.databases.items);
	free(s.filter.tables.items);
	free(s.filter.exclude.items);
	free(s.map.pairs.items);
	return code;
}
