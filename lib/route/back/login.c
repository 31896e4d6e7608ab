#include "route/back/login.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/auth/auth.h"
#include "route/net/channel.h"
#include "route/back/open.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/back/lost.h"
#include "route/state/note.h"
#include "route/back/prepare.h"
#include "route/state/prepared.h"
#include "route/back/reply.h"
#include "route/state/state.h"
#include "route/shared/baseline.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "server/tls_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

enum { MAX_REPLY = 1 << 20 }; /* bytes of a packet during the login */

/* The capabilities of a back-end session that are as the client's, and those that it always has. */
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

void mi_back_connected(struct mi_backend *back)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(back->channel.fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0 && mi_channel_flush(&back->channel) != 0)
		error = EPIPE;
	if (error)
		mi_session_lost(back, strerror(error));
	else
		mi_back_enter(back, MI_BACK_GREETING);
}

static void send_packet(struct mi_backend *back, struct mi_span payload)
{
	struct mi_buf packet = {0};

	mi_packet_add(&packet, payload, &back->seq);
	if (mi_channel_write(&back->channel, mi_buf_span(&packet)) != 0)
		mi_session_lost(back, "it closed the connection");
	mi_buf_release(&packet);
}

static bool is_waited_for(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	return session->phase == MI_SESSION_LOGIN_BACK ||
	       (session->phase == MI_SESSION_READY && session->wait == MI_WAIT_BACK);
}

/* back was being opened beforehand: whoever asked for that is told by these counts. */
static void count_refusal(struct mi_backend *back, unsigned code)
{
	if (is_waited_for(back))
		return;
	atomic_store(&mi_back_server(back)->refusal, code);
	atomic_fetch_add(&mi_back_server(back)->refusals, 1);
}

/* The server refuses the login: its ERR goes to the client, whose login or command waits for back.
 */
static void refused(struct mi_backend *back, struct mi_span payload)
{
	struct mi_route_session *session = back->session;
	struct mi_reply_err reply = {0};
	struct mi_err err = {0};
	char text[MI_REPLY_TEXT];

	if (mi_reply_err_parse(&reply, payload, &err) != 0) {
		mi_session_lost(back, err.text);
		return;
	}
	mi_reply_err_text(&reply, text);
	mi_notice("the %s refuses '%s' for the client at %s: %u %s",
	          mi_route_side_names[back->side], mi_back_account(back)->user, session->peer,
	          reply.code, text);
	count_refusal(back, reply.code);
	mi_back_close(back);
	if (mi_note_reader_failed(back, true))
		return;
	if (is_waited_for(back))
		mi_session_fail_with(session, &reply);
}

/* The router does not log in there, and trying again would not help. The answer to the client names
 * the mend: the hint. */
static void not_as_it_is_set_up(struct mi_backend *back, const struct mi_err *why)
{
	struct mi_route_session *session = back->session;
	char text[MI_REPLY_TEXT];

	(void)snprintf(text, sizeof text, "The router cannot log in to the %s: %s; %s",
	               mi_route_side_names[back->side], why->text, why->hint);
	mi_warn("login of '%s' for the client at %s: %s", mi_back_account(back)->user,
	        session->peer, text);
	count_refusal(back, MI_ER_SECURE_TRANSPORT_REQUIRED);
	mi_back_close(back);
	if (mi_note_reader_failed(back, true))
		return;
	if (is_waited_for(back))
		mi_session_fail(session, MI_ER_SECURE_TRANSPORT_REQUIRED, text);
}

static void build_login(struct mi_backend *back, struct mi_login *login)
{
	struct mi_route_session *session = back->session;

	login->caps = back->caps;
	login->max_packet = 1u << 30;
	login->collation = MI_COLLATION_UTF8MB4;
	login->user = mi_span_str(mi_back_account(back)->user);
	login->attrs = mi_buf_span(&session->attrs);
	mi_database_asked(back);
	if (session->database.name.len) {
		login->caps |= MI_CAP_CONNECT_WITH_DB;
		login->database = mi_database_at(session, back->side);
	}
}

static void log_in(struct mi_backend *back, const struct mi_hello *hello)
{
	struct mi_login login = {0};
	struct mi_buf auth = {0}, payload = {0};

	build_login(back, &login);
	back->auth.password = mi_back_account(back)->password;
	back->auth.secure = back->channel.ssl || back->channel.local;
	back->auth.key = mi_buf_span(&mi_back_server(back)->key);
	mi_auth_client_start(&back->auth, hello, &login.plugin, &auth);
	login.auth = mi_buf_span(&auth);
	mi_login_build(&payload, &login);
	mi_back_enter(back, MI_BACK_LOGIN);
	send_packet(back, mi_buf_span(&payload));
	mi_buf_release(&auth);
	mi_buf_release(&payload);
}

static void start_tls(struct mi_backend *back, struct mi_span greeting)
{
	struct mi_route_server *server = mi_back_server(back);
	struct mi_login login = {0};
	struct mi_buf payload = {0};
	struct mi_err err = {0};
	SSL *ssl;

	if (mi_tls_files_ssl(server->ctx, &server->options, &server->place, server->tls, &ssl,
	                     &err) != 0) {
		mi_session_lost(back, err.text);
		return;
	}
	/* kept for the login, which comes after the handshake of TLS */
	mi_buf_reset(&back->greeting);
	mi_buf_add_span(&back->greeting, greeting);
	build_login(back, &login);
	login.caps |= MI_CAP_SSL;
	mi_login_build_ssl_request(&payload, &login);
	mi_back_enter(back, MI_BACK_TLS);
	send_packet(back, mi_buf_span(&payload));
	mi_buf_release(&payload);
	if (back->state == MI_BACK_TLS)
		mi_channel_start_tls(&back->channel, ssl);
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
	const struct mi_route_server *server = mi_back_server(back);

	if (server->tls == MI_TLS_PREFERRED)
		return !back->channel.local && hello->caps & MI_CAP_SSL;
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

void mi_back_shake_hands(struct mi_backend *back)
{
	struct mi_hello hello = {0};
	struct mi_err err = {0};

	switch (mi_channel_handshake(&back->channel, &err)) {
	case MI_CHANNEL_NOTHING:
		return;
	case MI_CHANNEL_BYTES:
		back->caps |= MI_CAP_SSL;
		if (mi_hello_parse(&hello, mi_buf_span(&back->greeting), &err) == 0) {
			log_in(back, &hello);
			mi_buf_release(&back->greeting);
			return;
		}
		break;
	case MI_CHANNEL_CLOSED:
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
	case MI_AUTH_THINK: /* a server's step */
		break;
	case MI_AUTH_DONE:
		if (mi_reply_ok_parse(&ok, payload, back->caps, &err) != 0) {
			mi_session_lost(back, err.text);
			break;
		}
		back->status = ok.status;
		mi_prepared_begin(&back->prepared, back->caps & MI_CAP_MULTI_STATEMENTS);
		mi_database_set(back);
		mi_back_enter(back, MI_BACK_IDLE);
		mi_prepare_next(back);
		break;
	case MI_AUTH_REFUSED:
		if (mi_reply_is_err(payload))
			refused(back, payload);
		else if (err.code == MI_CONFIG)
			not_as_it_is_set_up(back, &err);
		else
			mi_session_lost(back, err.text);
		break;
	}
	mi_buf_release(&out);
}

void mi_back_login_packets(struct mi_backend *back, struct mi_span data)
{
	struct mi_bytes in = mi_bytes(data);
	struct mi_span payload;
	uint8_t seq;

	if (data.len >= MI_PACKET_HEADER && mi_packet_len(data.data) > MAX_REPLY) {
		mi_session_lost(back, "it sends no MySQL greeting");
		return;
	}
	if (!mi_packet_take(&in, &payload, &seq)) {
		mi_channel_keep(&back->channel, data);
		return;
	}
	back->seq = (uint8_t)(seq + 1);
	/* one packet for each call; the next one stays in the channel */
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
	mi_channel_keep(&back->channel, mi_bytes_rest(&in));
	if (in.len && back->state == MI_BACK_LOGIN) {
		struct mi_buf rest = back->channel.in;

		back->channel.in = (struct mi_buf){0};
		mi_back_login_packets(back, mi_buf_span(&rest));
		mi_buf_release(&rest);
	}
}
