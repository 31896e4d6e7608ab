#include "route/back/reply.h"
#include "base/buf.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/back/door.h"
#include "route/back/open.h"
#include "route/back/sessions.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/shared/latency.h"
#include "route/shared/shared.h"
#include "route/state/command.h"
#include "route/state/decide.h"
#include "route/state/state.h"
#include "server/mysql_errors.h"

void mi_client_welcome(struct mi_route_session *session)
{
	mi_session_wait_for(session, MI_WAIT_NOTHING);
	mi_session_enter(session, MI_SESSION_READY);
	atomic_fetch_add(&session->route->counters.logins, 1);
	mi_detail("session %u: %s at %s logged in%s", session->id, session->user->name,
	          session->peer, session->client.ssl ? " with TLS" : "");
	mi_session_ok(session);
}

const char *mi_session_user_name(const struct mi_route_session *session)
{
	return session->user ? session->user->name : "-";
}

static void unlink_session(struct mi_route_session *session)
{
	struct mi_route_sessions *of = session->of;

	if (session->next)
		session->next->prev = session->prev;
	if (session->prev)
		session->prev->next = session->next;
	else
		of->first = session->next;
	session->prev = NULL;
	session->next = of->dead;
	of->dead = session;
	mi_task_add(of->loop, &of->bury);
}

void mi_session_close(struct mi_route_session *session, const char *why)
{
	struct mi_route *route = session->route;

	if (session->phase == MI_SESSION_CLOSED)
		return;
	if (why && *why)
		mi_detail("session %u of %s at %s ends: %s", session->id,
		          mi_session_user_name(session), session->peer, why);
	mi_timer_stop(session->client.loop, &session->timer);
	mi_door_leave(session);
	if (session->job)
		session->job->session = NULL;
	session->job = NULL;
	atomic_fetch_add(&route->counters.bytes_in, session->client.bytes_in);
	atomic_fetch_add(&route->counters.bytes_out, session->client.bytes_out);
	mi_channel_close(&session->client);
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_back_close(&session->back[side]);
	mi_session_enter(session, MI_SESSION_CLOSED);
	mi_session_settle(session);
	atomic_fetch_sub(&route->count, 1);
	unlink_session(session);
}

/* The server finishes the running command although the client has gone, and may commit. So the
 * session stays, and stays busy, until the answer says that the command is over. */
void mi_session_client_lost(struct mi_route_session *session)
{
	static const char why[] = "the client has gone";
	struct mi_backend *back = &session->back[session->command.side];

	session->vanished = true;
	if (!session->command.running || session->command.body || session->command.file ||
	    back->state != MI_BACK_RELAY || session->command.kind == MI_KIND_READ) {
		mi_session_close(session, why);
		return;
	}
	mi_detail("session %u of %s at %s: the client has gone, its command still runs",
	          session->id, mi_session_user_name(session), session->peer);
	mi_channel_close(&session->client);
	mi_session_enter(session, MI_SESSION_GONE);
}

/* The server stops by itself what it would stop for a client of its own that has gone, such as
 * SLEEP() and GET_LOCK(), and finishes anything else. A client that has only said that it will say
 * no more still gets its answer. */
void mi_session_client_left(struct mi_route_session *session)
{
	struct mi_route_command *command = &session->command;

	session->vanished = true;
	if (command->kind == MI_KIND_READ) {
		mi_session_close(session, "the client has gone");
		return;
	}
	command->unheard = true;
	mi_channel_end(&session->back[command->side].channel);
}

void mi_session_answer_from(struct mi_route_session *session, unsigned seq)
{
	session->seq = (uint8_t)seq;
}

void mi_session_send(struct mi_route_session *session, struct mi_span payload)
{
	struct mi_buf packet = {0};

	if (session->phase == MI_SESSION_GONE)
		return;
	mi_packet_add(&packet, payload, &session->seq);
	if (mi_channel_write(&session->client, mi_buf_span(&packet)) != 0)
		mi_session_close(session, "the client has gone");
	mi_buf_release(&packet);
}

static void send_err(struct mi_route_session *session, unsigned code, const char *state,
                     struct mi_span text)
{
	struct mi_buf payload = {0};

	/* before the login is read it is not known whether the client understands an SQLSTATE */
	if (session->phase == MI_SESSION_HELLO && session->caps == 0)
		state = NULL;
	mi_reply_err_build(&payload, (uint16_t)code, state, text);
	mi_session_send(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
}

static void send_own_err(struct mi_route_session *session, unsigned code, const char *text)
{
	struct mi_server_error known = mi_server_error(code);

	send_err(session, code, known.state, mi_span_str(text ? text : known.text));
}

static void send_servers_err(struct mi_route_session *session, const struct mi_reply_err *reply)
{
	send_err(session, reply->code, reply->state[0] ? reply->state : "HY000", reply->text);
}

static void end_command(struct mi_route_session *session)
{
	if (session->phase != MI_SESSION_CLOSED)
		mi_session_command_done(session);
}

void mi_session_refuse(struct mi_route_session *session, unsigned code, const char *text)
{
	send_own_err(session, code, text);
	end_command(session);
}

void mi_session_fail(struct mi_route_session *session, unsigned code, const char *text)
{
	send_own_err(session, code, text);
	mi_session_close(session, text ? text : mi_server_error(code).text);
}

void mi_session_fail_unasked(struct mi_route_session *session, unsigned code, const char *text)
{
	if (session->wait == MI_WAIT_NOTHING)
		mi_session_answer_from(session, 0);
	mi_session_fail(session, code, text);
}

void mi_session_fail_unasked_with(struct mi_route_session *session,
                                  const struct mi_reply_err *reply)
{
	if (session->wait == MI_WAIT_NOTHING)
		mi_session_answer_from(session, 0);
	mi_session_fail_with(session, reply);
}

void mi_session_fail_with(struct mi_route_session *session, const struct mi_reply_err *reply)
{
	char text[MI_REPLY_TEXT];

	mi_reply_err_text(reply, text);
	send_servers_err(session, reply);
	mi_session_close(session, text);
}

void mi_session_answer(struct mi_route_session *session, struct mi_span payload)
{
	mi_session_send(session, payload);
	end_command(session);
}

void mi_session_ok(struct mi_route_session *session)
{
	struct mi_reply_ok ok = {0};
	struct mi_buf payload = {0};
	const struct mi_backend *writer = &session->back[mi_session_writer(session)];

	ok.status = writer->status &
	            (MI_STATUS_IN_TRANS | MI_STATUS_AUTOCOMMIT | MI_STATUS_NO_BACKSLASH_ESCAPES |
	             MI_STATUS_IN_TRANS_READONLY | MI_STATUS_ANSI_QUOTES);
	if (writer->state < MI_BACK_PREPARE)
		ok.status = MI_STATUS_AUTOCOMMIT;
	mi_reply_ok_build(&payload, &ok, session->caps);
	mi_session_answer(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
}

void mi_session_command_done(struct mi_route_session *session)
{
	struct mi_route_command *command = &session->command;
	bool body = command->body && command->dropped;
	bool full = command->full;
	uint32_t left = command->left;

	if (command->written && command->began_us)
		mi_route_latency_add(&session->route->latency[command->side],
		                     mi_loop_now_us(session->client.loop) - command->began_us);
	mi_buf_release(&command->kept);
	*command =
	    (struct mi_route_command){.body = body, .dropped = body, .full = full, .left = left};
	mi_session_wait_for(session, MI_WAIT_NOTHING);
	session->since = mi_loop_now(session->client.loop);
	if (session->phase == MI_SESSION_GONE)
		mi_session_close(session, "its last command is over");
	else
		mi_session_settle(session);
}

static enum mi_session_load load_of(const struct mi_route_session *session)
{
	if (session->phase != MI_SESSION_READY && session->phase != MI_SESSION_GONE)
		return MI_SESSION_FREE;
	if ((session->command.running || session->command.claimed) &&
	    session->command.kind != MI_KIND_READ)
		return MI_SESSION_BUSY;
	if (session->trans.open && session->trans.wrote)
		return MI_SESSION_BUSY;
	return session->pins ? MI_SESSION_PINNED : MI_SESSION_FREE;
}

void mi_session_settle(struct mi_route_session *session)
{
	enum mi_session_load before = session->load, now = load_of(session);

	session->load = now;
	if ((before == MI_SESSION_BUSY) == (now == MI_SESSION_BUSY))
		return;
	if (now == MI_SESSION_BUSY)
		atomic_fetch_add(&session->route->busy, 1);
	else if (atomic_fetch_sub(&session->route->busy, 1) == 1 && session->route->held)
		mi_loop_wake(session->route->loops[0]); /* no session is busy any more */
}
