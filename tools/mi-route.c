/* mi-route: the application's door to the source and the target. */
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "side/route.h"

#include <stdlib.h>

enum { DEFAULT_GRACE = 30 };

struct settings {
	struct mi_route_config route;
	struct mi_opt_list listen, map;
	const char *mode;
	uint64_t login_timeout, connect_timeout, idle_timeout, hold_max, grace;
};

static int check_options(struct settings *s, int operands)
{
	struct mi_route_config *route = &s->route;

	if (operands > 0)
		return mi_usage_error("no operands are expected");
	if (!route->source)
		return mi_usage_error("--source=NAME is missing");
	if (!route->users)
		return mi_usage_error("--users=FILE is missing");
	if (!route->state)
		return mi_usage_error("--state=DIR is missing");
	if (s->listen.count == 0)
		return mi_usage_error("--listen is missing: HOST:PORT, or a socket's /path");
	if (route->tls_required && !route->tls_cert)
		return mi_usage_error("--tls-required needs --tls-cert");
	route->mode = MI_MODES;
	for (int mode = 0; mode < MI_MODES; mode++)
		if (strcmp(s->mode, mi_route_mode_names[mode]) == 0)
			route->mode = (enum mi_route_mode)mode;
	if (route->mode == MI_MODES)
		return mi_usage_error("--mode=%s is not source, replica, primary or target",
		                      s->mode);
	if (route->mode != MI_MODE_SOURCE && !route->target)
		return mi_usage_error("mode %s needs --target=NAME", s->mode);
	return MI_OK;
}

static int serve(struct settings *s)
{
	struct mi_route *route = NULL;
	struct mi_err err = {0};
	int ret;

	s->route.listen = s->listen.items;
	s->route.listen_count = s->listen.count;
	s->route.map = s->map.items;
	s->route.map_count = s->map.count;
	s->route.limits.login_ms = s->login_timeout * 1000;
	s->route.limits.connect_ms = s->connect_timeout * 1000;
	s->route.limits.idle_ms = s->idle_timeout * 1000;
	s->route.limits.hold_ms = s->hold_max * 1000;
	mi_stop_install();
	ret = mi_conn_init(&err);
	if (ret == 0)
		ret = mi_route_open(&route, &s->route, &err);
	if (ret == 0) {
		mi_notice("mode %s", mi_route_mode_names[s->route.mode]);
		ret = mi_route_run(route, s->grace * 1000, &err);
	}
	mi_route_close(route);
	return ret == 0 ? MI_OK : mi_report(&err);
}

int main(int argc, char **argv)
{
	struct settings s = {
	    .mode = "source",
	    .login_timeout = 10,
	    .connect_timeout = 10,
	    .hold_max = 10,
	    .grace = DEFAULT_GRACE,
	    .route = {.threads = 1,
	              .epoch = 1,
	              .limits = {.sessions = 1000, .statement_memory = 16 << 20}},
	};
	struct mi_route_config *r = &s.route;
	/* clang-format off */
	const struct mi_opt opts[] = {
	    MI_HEADING("Servers"),
	    MI_TEXT('c', "config", "FILE", &r->config, "option file with the servers' groups"),
	    MI_TEXT('s', "source", "NAME", &r->source, "the source is the server of [client_NAME]"),
	    MI_TEXT('t', "target", "NAME", &r->target, "the target is the server of [client_NAME]"),
	    MI_LIST(0, "map", "NAME=OTHER", &s.map, "a database's name at the target"),
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
	    MI_TEXT(0, "mode", "MODE", &s.mode, "source, replica, primary or target"),
	    MI_TEXT(0, "state", "DIR", &r->state, "directory for the router's own files"),
	    MI_HEADING("Limits"),
	    MI_NUMBER(0, "threads", "N", &r->threads, 1, 64, "event loops (default 1)"),
	    MI_NUMBER(0, "max-connections", "N", &r->limits.sessions, 1, 1000000,
	              "clients at once (default 1000)"),
	    MI_NUMBER(0, "login-timeout", "SECONDS", &s.login_timeout, 1, 3600,
	              "for a client's login (default 10)"),
	    MI_NUMBER(0, "connect-timeout", "SECONDS", &s.connect_timeout, 1, 3600,
	              "for a connection to a server with its login (default 10)"),
	    MI_NUMBER(0, "idle-timeout", "SECONDS", &s.idle_timeout, 0, 31536000,
	              "between a client's commands (default: the source's wait_timeout)"),
	    MI_NUMBER(0, "hold-max", "SECONDS", &s.hold_max, 0, 3600,
	              "how long a statement waits for its server (default 10)"),
	    MI_SIZE(0, "stmt-memory", "BYTES", &r->limits.statement_memory, 0, 0,
	            "prepared statements' text that a session may keep (default 16M)"),
	    MI_NUMBER(0, "grace", "SECONDS", &s.grace, 0, 3600,
	              "for sessions to end when the router is stopped (default 30)"),
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
	code = check_options(&s, argc - operand);
	if (code == MI_OK)
		code = serve(&s);
	free(s.listen.items);
	free(s.map.items);
	return code;
}
