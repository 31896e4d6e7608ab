/* mi-route: the application's door to the source and the target. */
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "route/auth/users.h"
#include "route/auth/verifier.h"
#include "route/control/control.h"
#include "route/control/lease.h"
#include "route/control/mode.h"
#include "route/control/peer.h"
#include "route/control/ask.h"
#include "route/replica/replica.h"
#include "route/route.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/status.h"
#include "server/conn.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_route_config route;
	struct mi_opt_list listen, map;
	struct mi_lease_options lease;
	struct mi_control_options control;
	const char *make_mode, *tell;
	bool hash_password;
	char *state, *mode_file; /* those that were not given */
	uint64_t login_timeout, connect_timeout, idle_timeout, hold_max, burst, grace, max_lag;
};

/* ---- What is not serving ---- */

static int make_mode_file(const struct settings *s)
{
	enum mi_route_mode mode;
	struct mi_err err = {0};

	if (!mi_mode_of(mi_span_str(s->make_mode), &mode))
		return mi_usage_error("--make-mode-file=%s is not source, replica, primary or "
		                      "target",
		                      s->make_mode);
	if (!s->lease.mode_file)
		return mi_usage_error("--make-mode-file needs --mode-file=FILE");
	return mi_mode_make(s->lease.mode_file, mode, &err) == 0 ? MI_OK : mi_report(&err);
}

static int print_verifiers(struct mi_span password)
{
	struct mi_buf text = {0};
	bool ok = true;

	for (int form = MI_VERIFIER_CRYPT; form <= MI_VERIFIER_NATIVE; form++) {
		mi_buf_reset(&text);
		mi_verifier_print(&text, (enum mi_verifier_form)form, password);
		ok = puts(mi_buf_cstr(&text)) >= 0 && ok;
	}
	mi_buf_release(&text);
	return ok && fflush(stdout) == 0 ? MI_OK : MI_IO;
}

/* A line of standard input, which is no argument and so in no list of processes. */
static int hash_password(void)
{
	char line[260];
	size_t len;
	int code;

	if (!fgets(line, sizeof line, stdin))
		return mi_usage_error("no password came by standard input");
	len = strcspn(line, "\n");
	if (len > 256)
		code = mi_usage_error("a password has at most 256 bytes");
	else
		code = print_verifiers(mi_span(line, len));
	OPENSSL_cleanse(line, sizeof line);
	return code;
}

static int tell(const struct settings *s, int count, char **words)
{
	struct mi_err err = {0};

	mi_stop_install();
	if (count == 0)
		return mi_usage_error("--tell needs a command: status, mode, hold ...");
	if (mi_control_ask(s->tell, count, words, &err) == 0)
		return MI_OK;
	return mi_report(&err);
}

/* ---- Serving ---- */

static int check_options(struct settings *s, int operands)
{
	struct mi_route_config *route = &s->route;

	if (operands > 0)
		return mi_usage_error("no operands are expected");
	if (!route->source)
		return mi_usage_error("--source=NAME is missing");
	if (!route->users)
		return mi_usage_error("--users=FILE is missing");
	if (!route->state && !s->lease.mode_file)
		return mi_usage_error("--mode-file=FILE (or --state=DIR with a file mode in it) is "
		                      "missing");
	if (s->listen.count == 0)
		return mi_usage_error("--listen is missing: HOST:PORT, or a socket's /path");
	if (route->tls_required && !route->tls_cert)
		return mi_usage_error("--tls-required needs --tls-cert");
	return MI_OK;
}

/* The mode file is in the directory of the state, or that is where the mode file is. */
static void settle_paths(struct settings *s)
{
	struct mi_buf path = {0};
	const char *slash;

	if (!s->lease.mode_file) {
		mi_buf_addf(&path, "%s/mode", s->route.state);
		s->lease.mode_file = s->mode_file = mi_strdup(mi_buf_cstr(&path));
	} else if (!s->route.state) {
		slash = strrchr(s->lease.mode_file, '/');
		s->state =
		    slash ? mi_strndup(s->lease.mode_file, (size_t)(slash - s->lease.mode_file) + 1)
			  : mi_strdup(".");
		s->route.state = s->state;
	}
	mi_buf_release(&path);
}

/* A side that was detached is not asked for any more, also when its group has gone from the option
 * file. */
static int settle_sides(struct settings *s, struct mi_err *err)
{
	struct mi_route_config *route = &s->route;
	struct mi_route_users *users;

	if (mi_mode_read(s->lease.mode_file, &route->mode, &route->epoch, err) != 0 ||
	    mi_route_users_read(route->users, &users, err) != 0)
		return -1;
	if (route->mode == MI_MODE_TARGET)
		route->source = NULL;
	if (route->mode == MI_MODE_SOURCE && !mi_route_users_reach(users, MI_ROUTE_TARGET))
		route->target = NULL;
	mi_route_users_drop(users);
	if (route->mode != MI_MODE_SOURCE && !route->target) {
		(void)mi_fail(err, MI_CONFIG, "mode %s needs --target=NAME",
		              mi_route_mode_names[route->mode]);
		return -1;
	}
	return 0;
}

static int run(const struct settings *s, struct mi_route *route, struct mi_err *err)
{
	struct mi_lease *lease = mi_lease_new(route, &s->lease);
	struct mi_control *control = NULL;
	int ret = 0;

	if (s->control.path)
		ret = mi_control_open(&control, route, lease, &s->control, err);
	if (ret == 0) {
		mi_notice("mode %s, epoch %llu", mi_route_mode_names[s->route.mode],
		          (unsigned long long)s->route.epoch);
		ret = mi_route_run(route, s->grace * 1000, err);
	}
	mi_control_close(control);
	mi_lease_free(lease);
	return ret;
}

static int serve(struct settings *s)
{
	struct mi_route *route = NULL;
	struct mi_err err = {0};
	int ret, lock = -1;

	s->route.listen = s->listen.items;
	s->route.listen_count = s->listen.count;
	s->route.map = s->map.items;
	s->route.map_count = s->map.count;
	s->route.limits.login_ms = s->login_timeout * 1000;
	s->route.limits.connect_ms = s->connect_timeout * 1000;
	s->route.limits.idle_ms = s->idle_timeout * 1000;
	s->route.limits.hold_ms = s->hold_max * 1000;
	s->lease.burst = (unsigned)s->burst;
	s->control.users = s->route.users;
	s->control.lines.status = mi_route_status;
	s->control.lines.metrics = mi_route_replica_metrics;
	s->control.lines.incompatible = mi_route_replica_incompatible;
	s->control.lines.lacking = mi_route_replica_lacking;
	s->control.lines.programs = mi_route_programs;
	s->route.replica.max_lag_ms = s->max_lag * 1000;
	mi_stop_install();
	settle_paths(s);
	ret = mi_conn_init(&err);
	if (ret == 0)
		ret = mi_mode_lock(s->lease.mode_file, &lock, &err);
	if (ret == 0)
		ret = settle_sides(s, &err);
	if (ret == 0)
		ret = mi_route_open(&route, &s->route, &err);
	if (ret == 0)
		ret = run(s, route, &err);
	mi_route_close(route);
	free(s->state);
	free(s->mode_file);
	if (lock >= 0)
		(void)close(lock);
	return ret == 0 ? MI_OK : mi_report(&err);
}

/* clang-format off */
#define LIMIT_ROWS(s, r) \
	MI_HEADING("Limits"), \
	MI_NUMBER(0, "threads", "N", &(r)->threads, 1, 64, "1", "event loops"), \
	MI_NUMBER(0, "max-connections", "N", &(r)->limits.sessions, 1, 1000000, "1000", \
	          "clients at once"), \
	MI_NUMBER(0, "login-timeout", "SECONDS", &(s)->login_timeout, 1, 3600, "10", \
	          "for a client's login"), \
	MI_NUMBER(0, "connect-timeout", "SECONDS", &(s)->connect_timeout, 1, 3600, "10", \
	          "for a connection to a server with its login"), \
	MI_NUMBER(0, "idle-timeout", "SECONDS", &(s)->idle_timeout, 0, 31536000, NULL, \
	          "between a client's commands (default: the source's wait_timeout)"), \
	MI_NUMBER(0, "hold-max", "SECONDS", &(s)->hold_max, 0, 3600, "10", \
	          "how long a statement waits for its server"), \
	MI_SIZE(0, "stmt-memory", "BYTES", &(r)->limits.statement_memory, 0, 0, "16M", \
	        "prepared statements' text that a session may keep"), \
	MI_NUMBER(0, "grace", "SECONDS", &(s)->grace, 0, 3600, "30", \
	          "for sessions to end when the router is stopped")
/* clang-format on */

static int do_as_told(struct settings *s, int count, char **words)
{
	int code;

	if (s->tell)
		return tell(s, count, words);
	if (s->hash_password)
		return hash_password();
	if (s->make_mode)
		return make_mode_file(s);
	code = check_options(s, count);
	return code == MI_OK ? serve(s) : code;
}

int main(int argc, char **argv)
{
	struct settings s = {.tell = NULL};
	struct mi_route_config *r = &s.route;
	/* clang-format off */
	const struct mi_opt opts[] = {
	    MI_HEADING("Servers"),
	    MI_TEXT('c', "config", "FILE", &r->config, "option file with the servers' groups"),
	    MI_TEXT('s', "source", "NAME", &r->source, "the source is the server of [client_NAME]"),
	    MI_TEXT('t', "target", "NAME", &r->target, "the target is the server of [client_NAME]"),
	    MI_LIST(0, "map", "NAME=OTHER", &s.map, "a database's name at the target"),
	    MI_FILTER_OPT_ROWS(&r->filter),
	    MI_HEADING("Clients"),
	    MI_LIST(0, "listen", "PLACE", &s.listen,
	            "HOST:PORT, :PORT or a socket's /path; may be given again"),
	    MI_TEXT(0, "users", "FILE", &r->users, "who may log in, and as whom at the servers (0600)"),
	    MI_TEXT(0, "tls-cert", "FILE", &r->tls_cert, "the router's certificate: clients may use TLS"),
	    MI_TEXT(0, "tls-key", "FILE", &r->tls_key, "its private key (default: in the same file)"),
	    MI_TEXT(0, "tls-ca", "FILE", &r->tls_ca,
	            "a client that shows a certificate must show one that these signed"),
	    MI_FLAG(0, "tls-required", &r->tls_required, "refuse logins by TCP without TLS"),
	    MI_TEXT(0, "server-version", "TEXT", &r->version,
	            "version to greet with (default: the source's)"),
	    MI_HEADING("Modes"),
	    MI_TEXT(0, "mode-file", "FILE", &s.lease.mode_file,
	            "mode and epoch, kept there (default: mode in --state)"),
	    MI_TEXT(0, "state", "DIR", &r->state,
	            "directory for the router's own files (default: the mode file's)"),
	    MI_TEXT(0, "control", "PATH", &s.control.path, "socket for commands (0600)"),
	    MI_NUMBER(0, "hold-idle", "MS", &s.lease.idle_ms, 0, 3600000, "1000",
	              "an idle transaction that has written fails a hold after this"),
	    MI_NUMBER(0, "release-burst", "N", &s.burst, 1, 100000, "20",
	              "sessions let go per millisecond after a hold"),
	    MI_HEADING("Reads at the target"),
	    MI_TEXT(0, "notify", "PATH", &r->replica.notify,
	            "socket for mi-apply --notify (0600); without it the source answers all reads"),
	    MI_WORD(0, "causal", "SCOPE", &r->replica.causal, "all",
	            "reads see the writes of their session, user, or all"),
	    MI_NUMBER(0, "causal-wait", "MS", &r->replica.causal_wait_ms, 0, 60000, "5",
	              "how long a read waits for the target"),
	    MI_NUMBER(0, "max-lag", "SECONDS", &s.max_lag, 0, 86400, "10",
	              "the source answers while the target is further behind; 0: never"),
	    MI_FLAG(0, "allow-ddl", &r->replica.allow_ddl, "let definitions change while rows flow"),
	    LIMIT_ROWS(&s, r),
	    MI_HEADING("Instead of serving"),
	    MI_TEXT(0, "tell", "PATH", &s.tell,
	            "say the operands to the router with that control socket"),
	    MI_TEXT(0, "make-mode-file", "MODE", &s.make_mode,
	            "make the mode file, with epoch 1, and exit"),
	    MI_FLAG(0, "hash-password", &s.hash_password,
	            "print verifiers for the password on standard input"),
	    MI_OPT_END,
	};
	/* clang-format on */
	const struct mi_opt_tool tool = {
	    .synopsis =
		"[options] -c FILE -s NAME [-t NAME] --users=FILE --state=DIR --listen=PLACE",
	    .summary =
		"Serves clients of MySQL's protocol from the side where their statements belong.",
	    .opts = opts,
	};
	int operand, code;

	mi_msg_init(argv[0]);
	operand = mi_opt_parse(argc, argv, &tool);
	code = do_as_told(&s, argc - operand, argv + operand);
	free(s.listen.items);
	free(s.map.items);
	free(r->filter.databases.items);
	free(r->filter.tables.items);
	free(r->filter.exclude.items);
	return code;
}
