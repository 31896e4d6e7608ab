#include "route/session/back_event.h"
#include "base/msg.h"
#include "route/shared/baseline.h"
#include "route/session/choose.h"
#include "route/session/client.h"
#include "route/session/prepare.h"
#include "route/session/relay.h"
#include "route/session/stmt.h"
#include "server/tls_files.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_REPLY = 1 << 20 }; /* of a login's packets, and of answers to the router's commands */

/* What a back-end session mirrors of the client's, and what it always has. */
#define MIRRORED                                                                     \
	(MI_CAP_FOUND_ROWS | MI_CAP_NO_SCHEMA | MI_CAP_ODBC | MI_CAP_LOCAL_FILES |   \
	 MI_CAP_IGNORE_SPACE | MI_CAP_INTERACTIVE | MI_CAP_MULTI_STATEMENTS |        \
	 MI_CAP_MULTI_RESULTS | MI_CAP_PS_MULTI_RESULTS | MI_CAP_EXPIRED_PASSWORDS | \
	 MI_CAP_DEPRECATE_EOF | MI_CAP_QUERY_ATTRIBUTES)
#define ALWAYS                                                                        \
	(MI_CAP_MYSQL | MI_CAP_LONG_FLAG | MI_CAP_PROTOCOL_41 | MI_CAP_TRANSACTIONS | \
	 MI_CAP_SECURE_CONNECTION | MI_CAP_PLUGIN_AUTH | MI_CAP_SESSION_TRACK)
#define IF_OFFERED (MI_CAP_CONNECT_ATTRS | MI_CAP_PLUGIN_AUTH_LENENC)
/* Without these the client would read the answers wrongly. */
#define VITAL (MI_CAP_DEPRECATE_EOF | MI_CAP_QUERY_ATTRIBUTES)

static struct mi_route_server *server_of(struct mi_backend *back)
{
	return &back->session->route->server[back->side];
}

static const struct mi_route_account *account_of(const struct mi_backend *back)
{
	return &back->session->user->side[back->side];
}

/* ---- Connecting ---- */

int mi_back_resolve(struct mi_route_server *server, struct mi_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *old;
	char port[8];
	int code;

	if (!server->given || server->place.socket)
		return 0;
	(void)snprintf(port, sizeof port, "%u", server->place.port);
	code = getaddrinfo(server->place.host, port, &hints, &list);
	if (code != 0)
		return mi_fail(err, MI_UNAVAILABLE, "%s: unknown host: %s", server->place.host,
		               gai_strerror(code));
	(void)pthread_mutex_lock(&server->lock);
	old = server->addresses;
	server->addresses = list;
	(void)pthread_mutex_unlock(&server->lock);
	if (old)
		freeaddrinfo(old);
	return 0;
}

static int begin_connect(int family, const struct sockaddr *address, socklen_t len, int *into)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -1;
	if (family != AF_UNIX) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	}
	if (connect(fd, address, len) == 0 || errno == EINPROGRESS) {
		*into = fd;
		return 0;
	}
	(void)close(fd);
	return -1;
}

static int connect_unix(const struct mi_route_server *server, int *fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = strlen(server->place.socket) + 1;

	if (size > sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, server->place.socket, size);
	return begin_connect(AF_UNIX, (const struct sockaddr *)&address, sizeof address, fd);
}

static int connect_tcp(struct mi_route_server *server, int *fd)
{
	int ret = -1;

	errno = EHOSTUNREACH;
	(void)pthread_mutex_lock(&server->lock);
	for (struct addrinfo *at = server->addresses; at && ret != 0; at = at->ai_next)
		ret = begin_connect(at->ai_family, at->ai_addr, at->ai_addrlen, fd);
	(void)pthread_mutex_unlock(&server->lock);
	return ret;
}

int mi_back_open(struct mi_backend *back, struct mi_err *err)
{
	struct mi_route_session *session = back->session;
	struct mi_route_server *server = server_of(back);
	struct mi_loop *loop = session->client.loop;
	int fd = -1;

	if (back->state != MI_BACK_NONE)
		return 0;
	if (!server->given || !account_of(back)->user)
		return mi_fail(err, MI_CONFIG, "user '%s' has no account at the %s",
		               session->user->name, mi_route_side_names[back->side]);
	back->caps = 0;
	back->seq = 0;
	back->status = MI_STATUS_AUTOCOMMIT;
	back->leg.local = server->place.socket != NULL;
	if ((server->place.socket ? connect_unix(server, &fd) : connect_tcp(server, &fd)) != 0)
		return mi_fail_errno(err, MI_UNAVAILABLE, errno, "cannot connect");
	if (mi_leg_open(&back->leg, loop, fd, true, err) != 0)
		return -1;
	back->state = MI_BACK_CONNECTING;
	back->deadline = mi_loop_now(loop) + session->route->limits.connect_ms;
	return 0;
}

void mi_back_close(struct mi_backend *back)
{
	if (back->state == MI_BACK_NONE)
		return;
	mi_leg_close(&back->leg);
	mi_buf_release(&back->answer);
	back->state = MI_BACK_NONE;
	back->deadline = 0;
	back->status = MI_STATUS_AUTOCOMMIT;
	back->wants_reset = back->has_baseline = back->read_only = back->has_database = false;
	back->stateful = back->broken = back->wants_trackers = false;
	back->replayed = 0;
	mi_route_stmts_lost(back);
}

static void connected(struct mi_backend *back)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(back->leg.fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0 && mi_leg_flush(&back->leg) != 0)
		error = EPIPE;
	if (error)
		mi_session_lost(back, strerror(error));
	else
		back->state = MI_BACK_GREETING;
}

/* ---- Logging in ---- */

static void send_packet(struct mi_backend *back, struct mi_span payload)
{
	struct mi_buf packet = {0};

	mi_packet_add(&packet, payload, &back->seq);
	if (mi_leg_write(&back->leg, mi_buf_span(&packet)) != 0)
		mi_session_lost(back, "it closed the connection");
	mi_buf_release(&packet);
}

/* The server refuses the login: the client's login, or its command, gets the server's own words. */
static void refused(struct mi_backend *back, struct mi_span payload)
{
	struct mi_route_session *session = back->session;
	struct mi_reply_err reply = {0};
	struct mi_err err = {0};
	char text[512];

	if (mi_reply_err_parse(&reply, payload, &err) != 0) {
		mi_session_lost(back, err.text);
		return;
	}
	(void)snprintf(text, sizeof text, "%.*s", (int)(reply.text.len % sizeof text),
	               reply.text.data ? reply.text.data : "");
	mi_notice("the %s refuses '%s' for the client at %s: %u %s",
	          mi_route_side_names[back->side], account_of(back)->user, session->peer,
	          reply.code, text);
	mi_back_close(back);
	if (mi_route_reader_failed(back, true))
		return;
	if (session->phase == MI_SESSION_LOGIN_BACK ||
	    (session->phase == MI_SESSION_READY && session->wait == MI_WAIT_BACK)) {
		if (session->phase == MI_SESSION_READY)
			session->seq = 1;
		mi_session_fail(session, reply.code, reply.state[0] ? reply.state : "HY000", text);
	}
}

static void build_login(struct mi_backend *back, struct mi_login *login)
{
	struct mi_route_session *session = back->session;

	login->caps = back->caps;
	login->max_packet = 1u << 30;
	login->collation = MI_COLLATION_UTF8MB4;
	login->user = mi_span_str(account_of(back)->user);
	login->attrs = mi_buf_span(&session->attrs);
	back->own_database = session->database_generation;
	if (session->database.len) {
		login->caps |= MI_CAP_CONNECT_WITH_DB;
		login->database = mi_route_database(session, back->side);
	}
}

static void log_in(struct mi_backend *back, const struct mi_hello *hello)
{
	struct mi_login login = {0};
	struct mi_buf auth = {0}, payload = {0};

	build_login(back, &login);
	back->auth.password = account_of(back)->password;
	back->auth.secure = back->leg.ssl || back->leg.local;
	mi_auth_client_start(&back->auth, hello, &login.plugin, &auth);
	login.auth = mi_buf_span(&auth);
	mi_login_build(&payload, &login);
	back->state = MI_BACK_LOGIN;
	send_packet(back, mi_buf_span(&payload));
	mi_buf_release(&auth);
	mi_buf_release(&payload);
}

static void start_tls(struct mi_backend *back, struct mi_span greeting)
{
	struct mi_route_server *server = server_of(back);
	struct mi_login login = {0};
	struct mi_buf payload = {0};
	struct mi_err err = {0};
	SSL *ssl;

	if (mi_tls_files_ssl(server->ctx, &server->options, &server->place, server->tls, &ssl,
	                     &err) != 0) {
		mi_session_lost(back, err.text);
		return;
	}
	/* kept for the login, which the handshake precedes */
	mi_buf_reset(&back->answer);
	mi_buf_add_span(&back->answer, greeting);
	build_login(back, &login);
	login.caps |= MI_CAP_SSL;
	mi_login_build_ssl_request(&payload, &login);
	back->state = MI_BACK_TLS;
	send_packet(back, mi_buf_span(&payload));
	mi_buf_release(&payload);
	if (back->state == MI_BACK_TLS)
		mi_leg_start_tls(&back->leg, ssl);
	else
		SSL_free(ssl);
}

static int choose_caps(struct mi_backend *back, const struct mi_hello *hello, struct mi_err *err)
{
	struct mi_route_session *session = back->session;
	uint64_t want = (session->caps & MIRRORED) | ALWAYS;

	if (want & ~hello->caps & VITAL)
		return mi_fail(err, MI_CONFIG,
		               "it lacks capabilities that were offered to the client (%llx)",
		               (unsigned long long)(want & ~hello->caps & VITAL));
	back->caps = (want & hello->caps) | (IF_OFFERED & hello->caps);
	return 0;
}

static bool wants_tls(struct mi_backend *back, const struct mi_hello *hello)
{
	const struct mi_route_server *server = server_of(back);

	if (server->tls == MI_TLS_PREFERRED)
		return !back->leg.local && hello->caps & MI_CAP_SSL;
	return server->tls != MI_TLS_DISABLED;
}

static void on_greeting(struct mi_backend *back, struct mi_span payload)
{
	struct mi_hello hello = {0};
	struct mi_err err = {0};

	if (mi_reply_is_err(payload)) {
		refused(back, payload);
		return;
	}
	if (mi_hello_parse(&hello, payload, &err) != 0 || choose_caps(back, &hello, &err) != 0) {
		mi_session_lost(back, err.text);
		return;
	}
	back->connection_id = hello.connection_id;
	back->version = mi_route_version(hello.version, &back->mariadb);
	if (!wants_tls(back, &hello))
		log_in(back, &hello);
	else if (hello.caps & MI_CAP_SSL)
		start_tls(back, payload);
	else
		mi_session_lost(back, "TLS is required, and it offers none");
}

static void shake_hands(struct mi_backend *back)
{
	struct mi_hello hello = {0};
	struct mi_err err = {0};

	switch (mi_leg_handshake(&back->leg, &err)) {
	case MI_LEG_NOTHING:
		return;
	case MI_LEG_BYTES:
		back->caps |= MI_CAP_SSL;
		if (mi_hello_parse(&hello, mi_buf_span(&back->answer), &err) == 0) {
			log_in(back, &hello);
			mi_buf_release(&back->answer);
			return;
		}
		break;
	case MI_LEG_CLOSED:
		break;
	}
	mi_session_lost(back, err.text);
}

static void on_login(struct mi_backend *back, struct mi_span payload)
{
	struct mi_reply_ok ok = {0};
	struct mi_buf out = {0};
	struct mi_err err = {0};

	switch (mi_auth_client_feed(&back->auth, payload, &out, &err)) {
	case MI_AUTH_SEND:
		send_packet(back, mi_buf_span(&out));
		break;
	case MI_AUTH_WAIT:
		break;
	case MI_AUTH_DONE:
		if (mi_reply_ok_parse(&ok, payload, back->caps, &err) != 0) {
			mi_session_lost(back, err.text);
			break;
		}
		back->status = ok.status;
		back->multi = back->caps & MI_CAP_MULTI_STATEMENTS;
		back->has_database = back->own_database == back->session->database_generation;
		back->state = MI_BACK_IDLE;
		mi_own_next(back);
		break;
	case MI_AUTH_REFUSED:
		if (mi_reply_is_err(payload))
			refused(back, payload);
		else
			mi_session_lost(back, err.text);
		break;
	}
	mi_buf_release(&out);
}

/* ---- What a command needs ---- */

enum mi_back_ready mi_back_prepare(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_err err = {0};
	char text[600];

	if (back->state == MI_BACK_IDLE) {
		if (!mi_own_wanted(back))
			return MI_BACK_READY;
		session->wait = MI_WAIT_BACK;
		mi_own_next(back);
	} else if (back->state == MI_BACK_NONE) {
		session->wait = MI_WAIT_BACK;
		if (mi_back_open(back, &err) == 0)
			return MI_BACK_SOON;
		if (err.code == MI_UNAVAILABLE) {
			mi_session_lost(back, err.text);
		} else {
			(void)snprintf(text, sizeof text, "%.500s", err.text);
			mi_notice("login of '%s' from %s: %s", session->user->name, session->peer,
			          text);
			session->seq = session->phase == MI_SESSION_READY ? 1 : session->seq;
			mi_session_fail(session, 1045, "28000", text);
		}
	} else {
		session->wait = MI_WAIT_BACK;
	}
	return session->phase == MI_SESSION_CLOSED ? MI_BACK_FAILED : MI_BACK_SOON;
}

/* ---- Events ---- */

static void login_packets(struct mi_backend *back, struct mi_span data)
{
	struct mi_bytes in = mi_bytes(data);
	struct mi_span payload;
	uint8_t seq;

	if (data.len >= MI_PACKET_HEADER && mi_packet_len(data.data) > MAX_REPLY) {
		mi_session_lost(back, "it sends no MySQL greeting");
		return;
	}
	if (!mi_packet_take(&in, &payload, &seq)) {
		mi_leg_keep(&back->leg, data);
		return;
	}
	back->seq = (uint8_t)(seq + 1);
	/* one at a time: the next stays for the next call */
	if (back->state == MI_BACK_GREETING)
		on_greeting(back, payload);
	else
		on_login(back, payload);
	if (back->state == MI_BACK_NONE)
		return;
	if (in.len && back->state == MI_BACK_TLS) {
		mi_session_lost(back, "it speaks before the TLS handshake");
		return;
	}
	mi_leg_keep(&back->leg, mi_bytes_rest(&in));
	if (in.len && back->state == MI_BACK_LOGIN) {
		struct mi_buf rest = back->leg.in;

		back->leg.in = (struct mi_buf){0};
		login_packets(back, mi_buf_span(&rest));
		mi_buf_release(&rest);
	}
}

static void feed(struct mi_backend *back, struct mi_span data)
{
	switch (back->state) {
	case MI_BACK_GREETING:
	case MI_BACK_LOGIN:
		login_packets(back, data);
		break;
	case MI_BACK_OWN:
		mi_own_feed(back, data);
		break;
	case MI_BACK_RELAY:
		mi_relay_feed(back, data);
		break;
	default:
		/* a server that says something unasked says goodbye */
		mi_session_lost(back, "it closes the connection");
		break;
	}
}

static bool is_heard(const struct mi_backend *back)
{
	return back->state == MI_BACK_GREETING ||
	       (back->state > MI_BACK_TLS && back->state != MI_BACK_RELAY);
}

/* Whatever it is that a back end has to say before and between answers to the client. */
static void read_back(struct mi_backend *back)
{
	while (is_heard(back) && back->leg.readable) {
		struct mi_span data;

		switch (mi_leg_read(&back->leg, &data)) {
		case MI_LEG_BYTES:
			feed(back, data);
			break;
		case MI_LEG_NOTHING:
			return;
		case MI_LEG_CLOSED:
			mi_session_lost(back, errno ? strerror(errno) : "it closed the connection");
			return;
		}
	}
}

void mi_back_event(struct mi_watch *watch, uint32_t events)
{
	struct mi_backend *back =
	    (struct mi_backend *)(void *)((char *)watch - offsetof(struct mi_backend, leg.watch));

	if (back->state == MI_BACK_NONE)
		return;
	mi_leg_event(&back->leg, events);
	if (back->state == MI_BACK_CONNECTING)
		connected(back);
	else if ((events & EPOLLOUT) && back->state != MI_BACK_TLS && mi_leg_flush(&back->leg) != 0)
		mi_session_lost(back, "it closed the connection");
	read_back(back);
	if (back->state == MI_BACK_TLS) {
		shake_hands(back);
		read_back(back);
	}
	if (back->session->phase != MI_SESSION_CLOSED)
		mi_session_pump(back->session);
}
