#include "route/auth/login.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/unix_socket.h"
#include "password/open_line.h"
#include "password/rsa_key.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/auth/auth.h"
#include "route/auth/users.h"
#include "server/conn.h"
#include "server/options.h"
#include "server/tls_files.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	MAX_REPLY = 1 << 20,
	READ_SIZE = 4096,
	ANSWER_PACKETS = 5, /* packets of SELECT 1's answer: count, definition, EOF, row, EOF */
};

/* The capabilities that every back-end session of the router has, without DEPRECATE_EOF, so that
 * the answer's packets can be counted. */
#define CAPS                                                                          \
	(MI_CAP_MYSQL | MI_CAP_LONG_FLAG | MI_CAP_PROTOCOL_41 | MI_CAP_TRANSACTIONS | \
	 MI_CAP_SECURE_CONNECTION | MI_CAP_PLUGIN_AUTH | MI_CAP_PLUGIN_AUTH_LENENC)

struct trial {
	const struct mi_login_server *door;
	const struct mi_route_account *account;
	uint64_t until; /* by mi_now_ms */
	int fd;
	SSL *ssl;
	struct mi_buf in; /* received, not taken yet */
	uint8_t seq;
	unsigned *number; /* the caller's */
};

/* ---- The server ---- */

static int resolve(struct mi_login_server *door, struct mi_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char port[8];
	int code;

	if (door->place.socket)
		return 0;
	(void)snprintf(port, sizeof port, "%u", door->place.port);
	code = getaddrinfo(door->place.host, port, &hints, &door->addresses);
	if (code == 0)
		return 0;
	door->addresses = NULL;
	return mi_fail(err, MI_UNAVAILABLE, "%s: unknown host: %s", door->place.host,
	               gai_strerror(code));
}

int mi_login_server_open(struct mi_login_server *door, const struct mi_conn_options *options,
                         struct mi_err *err)
{
	*door = (struct mi_login_server){.options = options};
	if (mi_conn_options_place(options, &door->place, err) == 0 &&
	    mi_conn_options_tls(options, &door->tls, err) == 0 &&
	    (door->tls == MI_TLS_DISABLED ||
	     mi_tls_files_ctx(options, door->tls, &door->ctx, err) == 0) &&
	    (!options->server_public_key_path ||
	     mi_auth_public_read(options->server_public_key_path, &door->key, err) == 0) &&
	    resolve(door, err) == 0)
		return 0;
	mi_login_server_close(door);
	return -1;
}

void mi_login_server_close(struct mi_login_server *door)
{
	SSL_CTX_free(door->ctx);
	if (door->addresses)
		freeaddrinfo(door->addresses);
	mi_buf_release(&door->key);
	*door = (struct mi_login_server){0};
}

/* ---- Bytes, within the time ---- */

static int wait_for(struct trial *trial, short events, struct mi_err *err)
{
	struct pollfd fd = {.fd = trial->fd, .events = events};

	for (;;) {
		int64_t left = (int64_t)(trial->until - mi_now_ms());
		int n = poll(&fd, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		return n < 0 ? mi_fail_errno(err, MI_AGAIN, errno, "cannot wait for a socket")
		             : mi_fail(err, MI_UNAVAILABLE, "no answer in time");
	}
}

static int lost(struct mi_err *err)
{
	return errno ? mi_fail_errno(err, MI_UNAVAILABLE, errno, "the connection is lost")
	             : mi_fail(err, MI_UNAVAILABLE, "the server closed the connection");
}

/* After an operation of OpenSSL's that did not succeed: 0 when it is to be tried again. */
static int ssl_again(struct trial *trial, int result, struct mi_err *err)
{
	switch (SSL_get_error(trial->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(trial, POLLIN, err);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(trial, POLLOUT, err);
	case SSL_ERROR_ZERO_RETURN:
		errno = 0;
		return lost(err);
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return lost(err);
	default:
		return mi_fail(err, MI_PROTOCOL, "TLS: %s", mi_tls_reason());
	}
}

static int receive(struct trial *trial, struct mi_err *err)
{
	mi_buf_reserve(&trial->in, READ_SIZE);
	for (;;) {
		char *into = trial->in.data + trial->in.len;
		ssize_t n;

		ERR_clear_error();
		errno = 0;
		n = trial->ssl ? SSL_read(trial->ssl, into, READ_SIZE)
		               : recv(trial->fd, into, READ_SIZE, 0);
		if (n > 0) {
			trial->in.len += (size_t)n;
			return 0;
		}
		if (trial->ssl) {
			if (ssl_again(trial, (int)n, err) != 0)
				return -1;
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			return lost(err);
		} else if (wait_for(trial, POLLIN, err) != 0) {
			return -1;
		}
	}
}

static int send_bytes(struct trial *trial, struct mi_span data, struct mi_err *err)
{
	while (data.len > 0) {
		ssize_t n;

		ERR_clear_error();
		errno = 0;
		n = trial->ssl ? SSL_write(trial->ssl, data.data, (int)data.len)
		               : send(trial->fd, data.data, data.len, MSG_NOSIGNAL);
		if (n > 0) {
			data = mi_span(data.data + n, data.len - (size_t)n);
			continue;
		}
		if (trial->ssl) {
			if (ssl_again(trial, (int)n, err) != 0)
				return -1;
		} else if (errno != EAGAIN && errno != EINTR) {
			return lost(err);
		} else if (wait_for(trial, POLLOUT, err) != 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- Packets ---- */

/* What is sent may hold the password. */
static int send_packet(struct trial *trial, struct mi_span payload, struct mi_err *err)
{
	struct mi_buf packet = {0};
	int ret;

	mi_packet_add(&packet, payload, &trial->seq);
	ret = send_bytes(trial, mi_buf_span(&packet), err);
	OPENSSL_cleanse(packet.data, packet.len);
	mi_buf_release(&packet);
	return ret;
}

/* Copies the next packet's payload to packet, because trial->in moves with every read. */
static int take_packet(struct trial *trial, struct mi_buf *packet, struct mi_err *err)
{
	for (;;) {
		struct mi_bytes in = mi_bytes(mi_buf_span(&trial->in));
		struct mi_span payload;

		if (trial->in.len >= MI_PACKET_HEADER && mi_packet_len(trial->in.data) > MAX_REPLY)
			return mi_fail(err, MI_PROTOCOL, "it does not speak MySQL's protocol");
		if (mi_packet_take(&in, &payload, &trial->seq)) {
			struct mi_span rest = mi_bytes_rest(&in);

			trial->seq++;
			mi_buf_reset(packet);
			mi_buf_add_span(packet, payload);
			if (rest.len)
				memmove(trial->in.data, rest.data, rest.len);
			trial->in.len = rest.len;
			return 0;
		}
		if (receive(trial, err) != 0)
			return -1;
	}
}

static int refused(struct trial *trial, struct mi_span payload, struct mi_err *err)
{
	struct mi_reply_err reply;

	if (mi_reply_err_parse(&reply, payload, err) != 0)
		return -1;
	*trial->number = reply.code;
	return mi_fail(err, MI_DENIED, "%.*s (%u)",
	               (int)(reply.text.len < 512 ? reply.text.len : 512),
	               reply.text.len ? reply.text.data : "", reply.code);
}

/* ---- Connecting ---- */

static int connect_to(struct trial *trial, int family, const struct sockaddr *address,
                      socklen_t len, struct mi_err *err)
{
	int on = 1, error = 0;
	socklen_t size = sizeof error;

	trial->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (trial->fd < 0)
		return mi_fail_errno(err, MI_AGAIN, errno, "cannot make a socket");
	if (family != AF_UNIX)
		(void)setsockopt(trial->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(trial->fd, address, len) == 0)
		return 0;
	error = errno;
	if (error == EINPROGRESS) {
		if (wait_for(trial, POLLOUT, err) != 0)
			goto failed;
		error = 0;
		if (getsockopt(trial->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
			error = errno;
	}
	if (error == 0)
		return 0;
	(void)mi_fail_errno(err, MI_UNAVAILABLE, error, "cannot connect");
failed:
	(void)close(trial->fd);
	trial->fd = -1;
	return -1;
}

static int open_socket(struct trial *trial, struct mi_err *err)
{
	const struct mi_login_server *door = trial->door;
	struct sockaddr_un local;

	if (door->place.socket)
		return mi_unix_address(&local, door->place.socket, err) == 0
		           ? connect_to(trial, AF_UNIX, (const struct sockaddr *)&local,
		                        sizeof local, err)
		           : -1;
	for (const struct addrinfo *at = door->addresses; at; at = at->ai_next)
		if (connect_to(trial, at->ai_family, at->ai_addr, at->ai_addrlen, err) == 0)
			return 0;
	return -1;
}

/* The rule is the router's: see route/back/login.c. */
static bool wants_tls(const struct mi_login_server *door, const struct mi_hello *hello)
{
	if (door->tls == MI_TLS_PREFERRED)
		return !door->place.socket && hello->caps & MI_CAP_SSL;
	return door->tls != MI_TLS_DISABLED;
}

static int shake_hands(struct trial *trial, struct mi_err *err)
{
	for (;;) {
		int n;
		long verified;

		ERR_clear_error();
		errno = 0;
		n = SSL_do_handshake(trial->ssl);
		if (n == 1)
			return 0;
		verified = SSL_get_verify_result(trial->ssl);
		if (verified != X509_V_OK && trial->door->tls >= MI_TLS_VERIFY_CA)
			return mi_fail(err, MI_CONFIG, "TLS: %s",
			               X509_verify_cert_error_string(verified));
		if (ssl_again(trial, n, err) != 0)
			return -1;
	}
}

static int start_tls(struct trial *trial, const struct mi_login *login, struct mi_err *err)
{
	const struct mi_login_server *door = trial->door;
	struct mi_buf payload = {0};
	struct mi_login wish = *login;
	SSL *ssl;
	int ret;

	if (mi_tls_files_ssl(door->ctx, door->options, &door->place, door->tls, &ssl, err) != 0)
		return -1;
	wish.caps |= MI_CAP_SSL;
	mi_login_build_ssl_request(&payload, &wish);
	ret = send_packet(trial, mi_buf_span(&payload), err);
	mi_buf_release(&payload);
	trial->ssl = ssl;
	if (ret != 0)
		return -1;
	if (SSL_set_fd(ssl, trial->fd) != 1)
		return mi_fail(err, MI_AGAIN, "cannot start TLS: %s", mi_tls_reason());
	return shake_hands(trial, err);
}

/* ---- Logging in ---- */

static int authenticate(struct trial *trial, struct mi_auth_client *auth, struct mi_err *err)
{
	struct mi_buf packet = {0}, out = {0};
	int ret = 1;

	while (ret > 0) {
		if (take_packet(trial, &packet, err) != 0) {
			ret = -1;
			break;
		}
		if (mi_reply_is_err(mi_buf_span(&packet))) {
			ret = refused(trial, mi_buf_span(&packet), err);
			break;
		}
		mi_buf_reset(&out);
		switch (mi_auth_client_feed(auth, mi_buf_span(&packet), &out, err)) {
		case MI_AUTH_SEND:
			ret = send_packet(trial, mi_buf_span(&out), err) == 0 ? 1 : -1;
			break;
		case MI_AUTH_WAIT:
		case MI_AUTH_THINK: /* a server's step */
			break;
		case MI_AUTH_DONE:
			ret = 0;
			break;
		case MI_AUTH_REFUSED:
			if (err->code == MI_CONFIG)
				*trial->number = strcmp(err->text, mi_auth_open_line) == 0
				                     ? MI_LOGIN_OPEN_LINE
				                     : MI_LOGIN_METHOD;
			ret = -1;
			break;
		}
		if (out.len)
			OPENSSL_cleanse(out.data, out.len);
	}
	mi_buf_release(&packet);
	mi_buf_release(&out);
	return ret;
}

static int send_login(struct trial *trial, const struct mi_hello *hello, struct mi_login *login,
                      struct mi_auth_client *auth, struct mi_err *err)
{
	struct mi_buf answer = {0}, payload = {0};
	int ret;

	auth->secure = trial->ssl || trial->door->place.socket;
	auth->key = mi_buf_span(&trial->door->key);
	mi_auth_client_start(auth, hello, &login->plugin, &answer);
	login->auth = mi_buf_span(&answer);
	mi_login_build(&payload, login);
	ret = send_packet(trial, mi_buf_span(&payload), err);
	mi_buf_release(&answer);
	mi_buf_release(&payload);
	return ret;
}

static int log_in(struct trial *trial, struct mi_span greeting, struct mi_err *err)
{
	struct mi_auth_client auth = {.password = trial->account->password, .cold = true};
	struct mi_login login = {.max_packet = 1u << 30,
	                         .collation = 45, /* utf8mb4_general_ci to both */
	                         .user = mi_span_str(trial->account->user)};
	struct mi_hello hello = {0};

	if (mi_reply_is_err(greeting))
		return refused(trial, greeting, err);
	if (mi_hello_parse(&hello, greeting, err) != 0)
		return -1;
	login.caps = CAPS & hello.caps;
	if (wants_tls(trial->door, &hello)) {
		if (!(hello.caps & MI_CAP_SSL))
			return mi_fail(err, MI_CONFIG, "TLS is required, and it offers none");
		if (start_tls(trial, &login, err) != 0)
			return -1;
		login.caps |= MI_CAP_SSL;
	}
	return send_login(trial, &hello, &login, &auth, err) == 0 ? authenticate(trial, &auth, err)
	                                                          : -1;
}

/* Runs SELECT 1. Servers let an expired password log in, and refuse only the first statement. */
static int say_nothing(struct trial *trial, struct mi_err *err)
{
	static const char query[] = {MI_COM_QUERY, 'S', 'E', 'L', 'E', 'C', 'T', ' ', '1'};
	struct mi_buf packet = {0};
	int ret;

	trial->seq = 0;
	ret = send_packet(trial, mi_span(query, sizeof query), err);
	for (int i = 0; ret == 0 && i < ANSWER_PACKETS; i++) {
		ret = take_packet(trial, &packet, err);
		if (ret == 0 && mi_reply_is_err(mi_buf_span(&packet)))
			ret = refused(trial, mi_buf_span(&packet), err);
	}
	mi_buf_release(&packet);
	return ret;
}

/* Sends COM_QUIT: a server that is not told counts, and may log, an aborted client. */
static void say_goodbye(struct trial *trial)
{
	static const char quit[] = {MI_COM_QUIT};
	struct mi_err ignored = {0};

	trial->seq = 0;
	if (send_packet(trial, mi_span(quit, sizeof quit), &ignored) == 0 && trial->ssl)
		(void)SSL_shutdown(trial->ssl);
	ERR_clear_error();
}

int mi_route_login_try(const struct mi_login_server *door, const struct mi_route_account *account,
                       unsigned limit_ms, unsigned *number, struct mi_err *err)
{
	struct trial trial = {.door = door,
	                      .account = account,
	                      .until = mi_now_ms() + limit_ms,
	                      .fd = -1,
	                      .number = number};
	struct mi_buf greeting = {0};
	int ret = -1;

	*number = 0;
	if (open_socket(&trial, err) == 0 && take_packet(&trial, &greeting, err) == 0 &&
	    log_in(&trial, mi_buf_span(&greeting), err) == 0) {
		ret = say_nothing(&trial, err);
		say_goodbye(&trial);
	}
	SSL_free(trial.ssl);
	if (trial.fd >= 0)
		(void)close(trial.fd);
	mi_buf_release(&trial.in);
	mi_buf_release(&greeting);
	return ret;
}
