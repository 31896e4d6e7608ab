#include "route/session/client.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/container.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "protocol/packet.h"
#include "route/auth/auth.h"
#include "route/auth/callers.h"
#include "route/auth/users.h"
#include "route/back/door.h"
#include "route/back/open.h"
#include "route/back/prepare.h"
#include "route/back/reply.h"
#include "route/back/sessions.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/net/pool.h"
#include "route/net/tls.h"
#include "route/shared/shared.h"
#include "route/state/carry.h"
#include "route/state/database.h"
#include "route/state/held.h"
#include "route/state/note.h"
#include "route/state/pins.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "route/state/trans.h"
#include "server/mysql_errors.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	ATTRS_MAX = 32 << 10
}; /* bytes of a client's own attributes; what goes beyond is left out */

void mi_client_greet(struct mi_route_session *session)
{
	struct mi_hello hello = {0};
	struct mi_buf payload = {0};
	struct mi_route *route = session->route;

	mi_auth_nonce(session->auth.nonce);
	hello.version = mi_span_str(route->version);
	hello.connection_id = session->id;
	hello.caps = route->caps | (route->tls ? MI_CAP_SSL : 0);
	hello.collation = MI_COLLATION_UTF8MB4;
	hello.status = MI_STATUS_AUTOCOMMIT;
	hello.plugin = mi_span_str(route->plugin);
	hello.nonce_len = MI_NONCE;
	memcpy(hello.nonce, session->auth.nonce, MI_NONCE);
	mi_hello_build(&payload, &hello);
	mi_session_send(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
}

/* ---- Refusals ---- */

static void refuse(struct mi_route_session *session, bool password, const char *why)
{
	const char *name = mi_buf_cstr(&session->name);
	char text[256];

	mi_callers_failed(session->of->callers, session->caller, mi_buf_span(&session->name),
	                  mi_loop_now(session->client.loop));
	mi_notice("login of '%s' from %s refused: %s", name, session->peer, why);
	atomic_fetch_add(&session->route->counters.failed_logins, 1);
	(void)snprintf(text, sizeof text,
	               "Access denied for user '%.64s'@'%s' (using password: %s)", name,
	               session->peer, password ? "YES" : "NO");
	mi_session_fail(session, MI_ER_ACCESS_DENIED_ERROR, text);
}

static void bad_login(struct mi_route_session *session, const char *why)
{
	mi_notice("login from %s refused: %s", session->peer, why);
	atomic_fetch_add(&session->route->counters.failed_logins, 1);
	mi_session_fail(session, MI_ER_HANDSHAKE_ERROR, NULL);
}

/* ---- What the login said ---- */

/* Keeps the client's attributes for the servers. The client's program name is kept under another
 * attribute's name, because the router gives its own. */
static void keep_attrs(struct mi_route_session *session, struct mi_span attrs)
{
	struct mi_span own = mi_span_str("program_name"), name, value;
	struct mi_bytes in = mi_bytes(attrs);

	mi_buf_reset(&session->attrs);
	mi_attr_add(&session->attrs, own, mi_span_str("mi-route"));
	if (attrs.len > ATTRS_MAX)
		return;
	while (mi_attr_next(&in, &name, &value))
		mi_attr_add(&session->attrs,
		            mi_span_eq(name, own) ? mi_span_str("client_program_name") : name,
		            value);
}

static void keep_login(struct mi_route_session *session, const struct mi_login *login)
{
	session->collation = login->collation;
	if (!login->change_user)
		session->max_packet = login->max_packet;
	mi_buf_reset(&session->name);
	mi_buf_add_span(&session->name, login->user);
	mi_database_log_in(session, login->database);
	keep_attrs(session, login->attrs);
	session->multi = session->caps & MI_CAP_MULTI_STATEMENTS;
}

/* ---- Authentication ---- */

static void on_thought(struct mi_task *task);

static void work(struct mi_pool_job *pool_job)
{
	mi_auth_think(mi_container_of(pool_job, struct mi_login_job, job)->thought);
}

/* The slow hash is calculated elsewhere, so that other sessions need not wait for it. */
static void think(struct mi_route_session *session)
{
	struct mi_login_job *job = mi_alloc(sizeof *job);

	job->job.loop = session->client.loop;
	job->job.work = work;
	job->job.done.run = on_thought;
	job->session = session;
	job->thought = session->auth.thought;
	session->auth.thought = NULL;
	session->job = job;
	mi_pool_add(session->route->pool, &job->job);
}

/* The client is who it says. */
static void let_in(struct mi_route_session *session)
{
	mi_callers_logged_in(session->of->callers, session->caller, mi_buf_span(&session->name),
	                     mi_loop_now(session->client.loop));
	if (session->door.stands && mi_door_is_full(session->route)) {
		atomic_fetch_add(&session->route->counters.refused, 1);
		mi_session_fail(session, MI_ER_CON_COUNT_ERROR, NULL);
		return;
	}
	mi_door_leave(session);
	mi_client_log_in_back(session);
}

static void take_step(struct mi_route_session *session, enum mi_auth_step step, bool password,
                      struct mi_buf *out, struct mi_err *err)
{
	if (step != MI_AUTH_REFUSED && out->len)
		mi_session_send(session, mi_buf_span(out));
	if (session->phase == MI_SESSION_CLOSED)
		return;
	if (step == MI_AUTH_DONE)
		let_in(session);
	else if (step == MI_AUTH_THINK)
		think(session);
	else if (step == MI_AUTH_REFUSED)
		refuse(session, password, err->text);
}

void mi_client_job_free(struct mi_pool_job *pool_job)
{
	struct mi_login_job *job = mi_container_of(pool_job, struct mi_login_job, job);

	if (job->session)
		job->session->job = NULL;
	mi_auth_thought_free(job->thought);
	free(job);
}

static void on_thought(struct mi_task *task)
{
	struct mi_login_job *job = mi_container_of(task, struct mi_login_job, job.done);
	struct mi_route_session *session = job->session;
	struct mi_buf out = {0};
	struct mi_err err = {0};

	if (session) {
		session->job = NULL;
		take_step(session, mi_auth_server_conclude(&session->auth, job->thought, &err),
		          true, &out, &err);
		mi_session_resume(session);
	}
	mi_buf_release(&out);
	job->session = NULL;
	mi_client_job_free(&job->job);
}

/* The user to go through the authentication with: the stand-in when nobody has the name. */
static const struct mi_route_user *find_user(struct mi_route_session *session, struct mi_span name)
{
	const struct mi_route_user *stand_in;
	struct mi_route *route = session->route;

	mi_route_users_drop(session->users);
	(void)pthread_mutex_lock(&route->users_lock);
	session->users = mi_route_users_hold(route->users);
	(void)pthread_mutex_unlock(&route->users_lock);
	stand_in = mi_route_users_stand_in(session->users, route->secret, name);
	session->user = mi_route_users_find(session->users, name);
	return session->user ? session->user : stand_in;
}

static void start_auth(struct mi_route_session *session, const struct mi_login *login)
{
	struct mi_buf out = {0};
	struct mi_err err = {0};
	const struct mi_route_user *user = find_user(session, login->user);
	enum mi_auth_step step;

	session->auth.secure = session->client.ssl || session->client.local;
	session->auth.key = session->route->key;
	step = mi_auth_server_start(&session->auth, user, !session->user, login, &out, &err);
	take_step(session, step, login->auth.len > 0, &out, &err);
	mi_buf_release(&out);
}

static void go_on_with_auth(struct mi_route_session *session, struct mi_span payload)
{
	struct mi_buf out = {0};
	struct mi_err err = {0};
	enum mi_auth_step step;

	step = mi_auth_server_feed(&session->auth, payload, &out, &err);
	take_step(session, step, true, &out, &err);
	mi_buf_release(&out);
}

static void take_login(struct mi_route_session *session, struct mi_span payload)
{
	struct mi_login login = {0};
	struct mi_err err = {0};

	if (mi_login_parse(&login, payload, &err) != 0) {
		bad_login(session, err.text);
		return;
	}
	/* MI_CAP_MYSQL is what the client is, whatever was offered */
	session->caps = login.caps & (session->route->caps | MI_CAP_MYSQL);
	keep_login(session, &login);
	if (!(session->caps & MI_CAP_PROTOCOL_41) || !(session->caps & MI_CAP_SECURE_CONNECTION)) {
		bad_login(session, "the client speaks a protocol older than MySQL 4.1");
		return;
	}
	if (session->route->tls_required && !session->client.ssl && !session->client.local) {
		mi_notice("login of '%s' from %s refused: without TLS", mi_buf_cstr(&session->name),
		          session->peer);
		atomic_fetch_add(&session->route->counters.failed_logins, 1);
		mi_session_fail(session, MI_ER_SECURE_TRANSPORT_REQUIRED,
		                "Connections using insecure transport are prohibited while "
		                "--tls-required is set.");
		return;
	}
	if (session->phase ==
	    MI_SESSION_HELLO) /* in phase TLS this is said once the handshake is over */
		mi_session_enter(session, MI_SESSION_AUTH);
	start_auth(session, &login);
}

static void start_tls(struct mi_route_session *session)
{
	SSL *ssl = session->route->tls ? mi_route_tls_accept(session->route->tls) : NULL;

	if (!ssl) {
		bad_login(session, "it asks for TLS, and there is none here");
		return;
	}
	mi_session_enter(session, MI_SESSION_TLS);
	mi_channel_start_tls(&session->client, ssl);
}

/* ---- Packets ---- */

static void take_payload(struct mi_route_session *session, struct mi_span payload)
{
	uint64_t caps;

	if (session->phase == MI_SESSION_HELLO && !session->client.ssl &&
	    mi_login_is_ssl_request(payload, &caps))
		start_tls(session);
	else if (session->user || session->users)
		go_on_with_auth(session, payload);
	else
		take_login(session, payload);
}

/* Must the login, or the answer to a change of user, wait before it is looked at, because passwords
 * were wrong lately? */
static bool must_wait(struct mi_route_session *session, struct mi_span payload)
{
	struct mi_span name = mi_buf_span(&session->name);
	struct mi_login login = {0};
	struct mi_err err = {0};
	uint64_t now = mi_loop_now(session->client.loop), caps;
	unsigned delay;

	if (session->waited || mi_login_is_ssl_request(payload, &caps))
		return false;
	if (session->phase != MI_SESSION_CHANGE_USER) {
		if (mi_login_parse(&login, payload, &err) != 0)
			return false;
		name = login.user;
	}
	session->waited = true;
	delay = mi_callers_delay(session->of->callers, session->caller, name, now);
	if (!delay)
		return false;
	session->delayed = now + delay;
	mi_timer_set(session->client.loop, &session->timer, delay);
	return true;
}

void mi_client_login(struct mi_route_session *session, struct mi_span data)
{
	struct mi_bytes in = mi_bytes(data);
	struct mi_span payload;
	uint8_t seq;

	if (data.len >= MI_PACKET_HEADER && mi_packet_len(data.data) > MI_LOGIN_MAX) {
		bad_login(session, "a packet of it is too long");
		return;
	}
	if (!mi_packet_take(&in, &payload, &seq)) {
		mi_channel_keep(&session->client, data);
		return;
	}
	if (seq != session->seq) {
		bad_login(session, "its packets are out of order");
		return;
	}
	if (must_wait(session, payload)) {
		mi_channel_keep(&session->client, data);
		return;
	}
	mi_session_answer_from(session, seq + 1);
	mi_channel_keep(&session->client, (struct mi_span){0});
	/* a client must wait for the answer before it sends more; what follows a request for TLS
	 * was not read */
	if (in.len) {
		bad_login(session, "it sends more than it was asked for");
		return;
	}
	take_payload(session, payload);
}

/* ---- The other half of a login ---- */

void mi_client_log_in_back(struct mi_route_session *session)
{
	struct mi_backend *back = &session->back[mi_session_writer(session)];

	if (session->phase != MI_SESSION_LOGIN_BACK)
		mi_session_enter(session, MI_SESSION_LOGIN_BACK);
	/* in a hold it is not known which side will be the writer */
	if (session->route->held) {
		mi_client_welcome_alone(session);
		return;
	}
	switch (mi_back_prepare(back)) {
	case MI_BACK_READY:
		mi_client_welcome_alone(session);
		break;
	case MI_BACK_SOON:
	case MI_BACK_FAILED:
		break;
	}
}

/* ---- COM_CHANGE_USER ---- */

void mi_client_forget(struct mi_route_session *session)
{
	mi_route_stmts_free(session);
	mi_note_reset(session);
	mi_trans_reset(session);
	mi_carry_forget(session);
	mi_pins_forget(session);
	mi_held_forget(session);
}

void mi_client_change_user(struct mi_route_session *session, struct mi_span payload)
{
	struct mi_login login = {.caps = session->caps};
	struct mi_err err = {0};

	if (mi_change_user_parse(&login, payload, &err) != 0) {
		mi_session_fail(session, MI_ER_UNKNOWN_COM_ERROR, NULL);
		return;
	}
	/* nothing of the old user may remain on either side, even if the new user is the same */
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_back_close(&session->back[side]);
	mi_client_forget(session);
	mi_session_enter(session, MI_SESSION_CHANGE_USER);
	session->opened = mi_loop_now(session->client.loop);
	session->waited = false;
	if (!login.collation)
		login.collation = session->collation;
	keep_login(session, &login);
	mi_session_settle(session);
	start_auth(session, &login);
}
