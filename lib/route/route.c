#include "route/route.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "protocol/caps.h"
#include "password/rsa_key.h"
#include "route/auth/users.h"
#include "route/back/door.h"
#include "route/back/open.h"
#include "route/back/reply.h"
#include "route/back/sessions.h"
#include "route/catalogue/catalogue.h"
#include "route/listen.h"
#include "route/net/loop.h"
#include "route/net/tls.h"
#include "route/replica/replica.h"
#include "route/session/gate.h"
#include "route/session/client.h"
#include "route/session/session.h"
#include "route/shared/baseline.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/state.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "server/open.h"
#include "server/options.h"
#include "server/tls_files.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAIN_MS = 20, RESOLVE_SECONDS = 30, POOL_THREADS = 2 };

/* The capabilities that are offered to clients: every server that may be behind the router has
 * them, in both flavours and in the oldest versions that are supported. */
#define OFFERED                                                                                  \
	(MI_CAP_MYSQL | MI_CAP_FOUND_ROWS | MI_CAP_LONG_FLAG | MI_CAP_CONNECT_WITH_DB |          \
	 MI_CAP_NO_SCHEMA | MI_CAP_ODBC | MI_CAP_LOCAL_FILES | MI_CAP_IGNORE_SPACE |             \
	 MI_CAP_PROTOCOL_41 | MI_CAP_INTERACTIVE | MI_CAP_IGNORE_SIGPIPE | MI_CAP_TRANSACTIONS | \
	 MI_CAP_RESERVED | MI_CAP_SECURE_CONNECTION | MI_CAP_MULTI_STATEMENTS |                  \
	 MI_CAP_MULTI_RESULTS | MI_CAP_PS_MULTI_RESULTS | MI_CAP_PLUGIN_AUTH |                   \
	 MI_CAP_CONNECT_ATTRS | MI_CAP_PLUGIN_AUTH_LENENC | MI_CAP_EXPIRED_PASSWORDS |           \
	 MI_CAP_SESSION_TRACK | MI_CAP_DEPRECATE_EOF)

/* ---- Servers ---- */

static int open_server(struct mi_route *route, enum mi_route_side side, const char *config,
                       const char *name, struct mi_err *err)
{
	struct mi_route_server *server = &route->server[side];

	server->side = side;
	(void)pthread_mutex_init(&server->lock, NULL);
	if (!name)
		return 0;
	server->options.config = config;
	server->options.server = name;
	if (mi_conn_options_load(&server->options, err) != 0 ||
	    mi_conn_options_place(&server->options, &server->place, err) != 0 ||
	    mi_conn_options_tls(&server->options, &server->tls, err) != 0)
		return -1;
	if (server->tls != MI_TLS_DISABLED &&
	    mi_tls_files_ctx(&server->options, server->tls, &server->ctx, err) != 0)
		return mi_within(err, "the %s", mi_route_side_names[side]);
	if (server->options.server_public_key_path &&
	    mi_auth_public_read(server->options.server_public_key_path, &server->key, err) != 0)
		return mi_within(err, "the %s", mi_route_side_names[side]);
	server->given = true;
	return 0;
}

static void close_server(struct mi_route_server *server)
{
	SSL_CTX_free(server->ctx);
	if (server->addresses)
		freeaddrinfo(server->addresses);
	mi_buf_release(&server->key);
	mi_conn_options_release(&server->options);
	(void)pthread_mutex_destroy(&server->lock);
}

static int map_databases(struct mi_route *route, const struct mi_route_config *config,
                         struct mi_err *err)
{
	struct mi_route_server *target = &route->server[MI_ROUTE_TARGET];
	const char *sign;

	if (config->map_count > 1)
		return mi_fail(err, MI_USAGE, "one database is imported, so --map is given once");
	if (config->map_count == 0)
		return 0;
	sign = strchr(config->map[0], '=');
	if (!sign || sign == config->map[0] || !sign[1])
		return mi_fail(err, MI_USAGE, "--map=%s is not NAME=OTHER", config->map[0]);
	route->map = mi_strdup(config->map[0]);
	route->map[sign - config->map[0]] = '\0';
	target->map_from = route->map;
	target->map_to = route->map + (sign - config->map[0]) + 1;
	return 0;
}

/* ---- Session settings ---- */

/* MySQL since 8.0.23 knows query attributes. They are offered only when both servers answer and
 * know them. */
static bool knows_attributes(const struct mi_conn *conn)
{
	return conn->flavour == MI_FLAVOUR_MYSQL && conn->version >= 80023;
}

static void offer_attributes(struct mi_route *route, const struct mi_conn *source)
{
	struct mi_route_server *target = &route->server[MI_ROUTE_TARGET];
	struct mi_conn conn = {0};
	struct mi_err err = {0};

	if (!knows_attributes(source))
		return;
	if (target->given && mi_conn_open(&conn, &target->options, MI_ROLE_PLAIN, &err) != 0) {
		mi_notice("the target cannot be asked what it knows: %s", err.text);
		return;
	}
	if (!target->given || knows_attributes(&conn))
		route->caps |= MI_CAP_QUERY_ATTRIBUTES;
	mi_conn_close(&conn);
}

/* Reads the baseline from the source, if that answers, and saves it; else loads what was saved. */
static int read_baseline(struct mi_route *route, const struct mi_route_config *config,
                         struct mi_err *err)
{
	struct mi_route_server *source = &route->server[MI_ROUTE_SOURCE];
	struct mi_conn conn = {0};
	struct mi_buf path = {0};
	int ret = -1;

	mi_buf_addf(&path, "%s/baseline", config->state);
	if (config->mode == MI_MODE_TARGET) {
		ret = mi_route_baseline_load(mi_buf_cstr(&path), &route->baseline, err);
	} else if (mi_conn_open(&conn, &source->options, MI_ROLE_PLAIN, err) == 0) {
		ret = mi_route_baseline_read(&conn, &route->baseline, err);
		if (ret == 0)
			ret = mi_route_baseline_save(route->baseline, mi_buf_cstr(&path), err);
		offer_attributes(route, &conn);
		mi_conn_close(&conn);
	} else if (access(mi_buf_cstr(&path), F_OK) == 0) {
		mi_warn("the source cannot be asked for its settings, so they are as of the last "
		        "start: %s",
		        err->text);
		ret = mi_route_baseline_load(mi_buf_cstr(&path), &route->baseline, err);
	}
	mi_buf_release(&path);
	return ret;
}

static uint64_t number_of(const struct mi_route *route, const char *name, uint64_t otherwise)
{
	const char *text = mi_route_baseline_value(route->baseline, name);
	uint64_t number;

	return text && mi_opt_number(text, &number) ? number : otherwise;
}

static void greet_as(struct mi_route *route, const struct mi_route_config *config)
{
	const char *version = config->version;
	bool mariadb;

	if (!version)
		version = mi_route_baseline_value(route->baseline, "version");
	if (!config->version && mi_route_version(mi_span_str(version), &mariadb) >= 100000 &&
	    mariadb && mi_route_version(mi_span_str(version), &mariadb) < 110000) {
		/* a MariaDB server greets so, too: MySQL's clients do not expect a version 10 */
		struct mi_buf text = {0};

		mi_buf_addf(&text, "5.5.5-%s", version);
		route->version = mi_strdup(mi_buf_cstr(&text));
		mi_buf_release(&text);
		return;
	}
	route->version = mi_strdup(version);
}

/* ---- Opening ---- */

static int open_key(struct mi_route *route, const char *state, struct mi_err *err)
{
	struct mi_buf path = {0};
	int ret;

	if (mkdir(state, 0700) != 0 && errno != EEXIST)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot make --state=%s", state);
	mi_buf_addf(&path, "%s/rsa-key.pem", state);
	ret = mi_auth_key_open(&route->key, mi_buf_cstr(&path), err);
	mi_buf_release(&path);
	if (ret == 0)
		mi_auth_key_secret(route->key, route->secret);
	return ret;
}

static int open_loops(struct mi_route *route, uint64_t threads, struct mi_err *err)
{
	route->loops = mi_realloc_array(NULL, threads, sizeof *route->loops);
	route->sessions = mi_realloc_array(NULL, threads, sizeof *route->sessions);
	for (; route->loop_count < threads; route->loop_count++) {
		struct mi_loop **loop = &route->loops[route->loop_count];

		if (mi_loop_new(loop, err) != 0)
			return -1;
		route->sessions[route->loop_count] = mi_route_sessions_new(route, *loop);
	}
	route->started = mi_loop_now(route->loops[0]);
	route->woken.run = mi_route_woken;
	mi_loop_on_wake(route->loops[0], &route->woken);
	return 0;
}

/* Three sockets a session, one for each that has not logged in, and some for the rest. */
static void raise_descriptors(const struct mi_route *route)
{
	uint64_t sessions = route->limits.sessions;
	struct rlimit limit;
	rlim_t want = (rlim_t)sessions * 3 + (rlim_t)mi_door_room(route) + 100;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
		return;
	if (limit.rlim_max < want)
		mi_warn("%llu sessions need %llu descriptors, and this process may have %llu",
		        (unsigned long long)sessions, (unsigned long long)want,
		        (unsigned long long)limit.rlim_max);
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_all(struct mi_route *route, const struct mi_route_config *config,
                    struct mi_err *err)
{
	struct mi_err unknown = {0};

	if (open_server(route, MI_ROUTE_SOURCE, config->config, config->source, err) != 0 ||
	    open_server(route, MI_ROUTE_TARGET, config->config, config->target, err) != 0 ||
	    map_databases(route, config, err) != 0 ||
	    mi_route_users_read(config->users, &route->users, err) != 0 ||
	    open_key(route, config->state, err) != 0)
		return -1;
	if (config->tls_cert && mi_route_tls_open(&route->tls, config->tls_cert, config->tls_key,
	                                          config->tls_ca, err) != 0)
		return -1;
	route->tls_required = config->tls_required;
	if (read_baseline(route, config, err) != 0)
		return -1;
	greet_as(route, config);
	if (route->limits.idle_ms == 0)
		route->limits.idle_ms = 1000 * number_of(route, "wait_timeout", 28800);
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (mi_back_resolve(&route->server[side], &unknown) != 0)
			mi_warn("the %s: %s", mi_route_side_names[side], unknown.text);
	raise_descriptors(route);
	if (open_loops(route, config->threads, err) != 0 ||
	    mi_pool_new(&route->pool, POOL_THREADS, err) != 0 ||
	    mi_catalogue_open(&route->catalogue, route, &config->filter, err) != 0 ||
	    mi_route_replica_open(route, &config->replica, err) != 0)
		return -1;
	return mi_route_listen(route, config->listen, config->listen_count, err);
}

int mi_route_open(struct mi_route **route, const struct mi_route_config *config, struct mi_err *err)
{
	struct mi_route *new = mi_alloc(sizeof *new);

	(void)pthread_mutex_init(&new->users_lock, NULL);
	new->caps = OFFERED;
	new->limits = config->limits;
	new->mode = (int)config->mode;
	new->epoch = config->epoch;
	if (open_all(new, config, err) != 0) {
		mi_route_close(new);
		return -1;
	}
	*route = new;
	return 0;
}

void mi_route_close(struct mi_route *route)
{
	if (!route)
		return;
	mi_route_listeners_free(route);
	mi_pool_free(route->pool, mi_client_job_free);
	for (unsigned i = 0; i < route->loop_count; i++)
		mi_route_sessions_free(route->sessions[i]);
	for (unsigned i = 0; i < route->loop_count; i++)
		mi_loop_free(route->loops[i]);
	mi_route_replica_close(route);
	mi_catalogue_close(route->catalogue);
	free(route->loops);
	free(route->sessions);
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		close_server(&route->server[side]);
	mi_route_users_drop(route->users);
	mi_auth_key_free(route->key);
	mi_route_baseline_free(route->baseline);
	SSL_CTX_free(route->tls);
	(void)pthread_mutex_destroy(&route->users_lock);
	free(route->version);
	free(route->map);
	free(route);
}

/* ---- Running ---- */

struct running {
	struct mi_route *route;
	struct mi_watch stop;
	struct mi_timer drain;
	uint64_t until; /* ms; 0: not stopping */
	uint64_t grace_ms;
};

static void end_if_idle(struct mi_route_session *session, void *arg)
{
	(void)arg;
	if (session->command.running || session->trans.open || session->phase != MI_SESSION_READY)
		return;
	mi_session_fail_unasked(session, MI_ER_SERVER_SHUTDOWN, NULL);
}

static void drain(struct mi_timer *timer)
{
	struct running *running = mi_container_of(timer, struct running, drain);
	struct mi_route *route = running->route;

	mi_route_each_session(route, end_if_idle, NULL);
	if (atomic_load(&route->count) == 0 || mi_loop_now(route->loops[0]) >= running->until) {
		for (unsigned i = 0; i < route->loop_count; i++)
			mi_loop_stop(route->loops[i]);
		return;
	}
	mi_timer_set(route->loops[0], &running->drain, DRAIN_MS);
}

static void on_stop(struct mi_watch *watch, uint32_t events)
{
	struct running *running = mi_container_of(watch, struct running, stop);

	(void)events;
	if (running->until)
		return;
	mi_notice("stopping: %d sessions", atomic_load(&running->route->count));
	mi_route_listen_stop(running->route);
	running->until = mi_loop_now(running->route->loops[0]) + running->grace_ms;
	drain(&running->drain);
}

static void *run_loop(void *arg)
{
	struct mi_err err = {0};

	if (mi_loop_run(arg, &err) != 0)
		(void)mi_report(&err);
	return NULL;
}

/* The servers' names may get other addresses while the router runs. getaddrinfo blocks, so this is
 * a thread of its own. */
static void *resolve(void *arg)
{
	struct pollfd stop = {.fd = mi_stop_fd(), .events = POLLIN};
	struct mi_route *route = arg;
	struct mi_err err = {0};

	for (unsigned seconds = 0; !mi_stop_asked(); seconds++) {
		if (seconds % RESOLVE_SECONDS == RESOLVE_SECONDS - 1)
			for (int side = 0; side < MI_ROUTE_SIDES; side++)
				if (mi_back_resolve(&route->server[side], &err) != 0)
					mi_detail("the %s: %s", mi_route_side_names[side],
					          err.text);
		(void)poll(&stop, 1, 1000);
	}
	return NULL;
}

int mi_route_run(struct mi_route *route, uint64_t grace_ms, struct mi_err *err)
{
	struct running running = {.route = route, .grace_ms = grace_ms};
	pthread_t *threads = mi_realloc_array(NULL, route->loop_count + 1, sizeof *threads);
	unsigned started = 1;
	int ret = -1;

	running.stop.ready = on_stop;
	running.drain.fire = drain;
	if (mi_loop_watch(route->loops[0], mi_stop_fd(), EPOLLIN, &running.stop, err) != 0)
		goto out;
	for (; started < route->loop_count; started++)
		if (pthread_create(&threads[started], NULL, run_loop, route->loops[started]) != 0) {
			(void)mi_fail_errno(err, MI_AGAIN, errno, "cannot start a thread");
			goto out;
		}
	if (pthread_create(&threads[0], NULL, resolve, route) != 0) {
		(void)mi_fail_errno(err, MI_AGAIN, errno, "cannot start a thread");
		goto out;
	}
	ret = mi_loop_run(route->loops[0], err);
	mi_stop_ask();
	(void)pthread_join(threads[0], NULL);
out:
	for (unsigned i = 1; i < started; i++) {
		mi_loop_stop(route->loops[i]);
		(void)pthread_join(threads[i], NULL);
	}
	free(threads);
	return ret;
}
