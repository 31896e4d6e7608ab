#include "route/session/prepare.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "protocol/response.h"
#include "route/auth/users.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/session/back.h"
#include "route/session/back_event.h"
#include "route/session/command_bytes.h"
#include "route/session/lost.h"
#include "route/session/note.h"
#include "route/session/noted.h"
#include "route/session/reply.h"
#include "route/session/state.h"
#include "route/session/stmt.h"
#include "route/shared/baseline.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <unistd.h>

#include <stdio.h>

enum { OWN_SECONDS = 30, WORDS_MAX = 150 };

struct mi_span mi_route_database(const struct mi_route_session *session, enum mi_route_side side)
{
	const struct mi_route_server *server = &session->route->server[side];
	struct mi_span name = mi_buf_span(&session->database);

	if (server->map_from && mi_span_is(name, server->map_from))
		return mi_span_str(server->map_to);
	return name;
}

/* ---- What is wanted ---- */

static bool wants_read_only(const struct mi_backend *back)
{
	return back->side != mi_route_writer(mi_route_mode(back->session->route));
}

/* Servers refuse that in a transaction. */
static bool wants_trackers(const struct mi_backend *back)
{
	return back->wants_trackers && !(back->status & MI_STATUS_IN_TRANS);
}

static bool wants_autocommit(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	return session->has_autocommit &&
	       session->autocommit != ((back->status & MI_STATUS_AUTOCOMMIT) != 0);
}

/* The statement that the waiting command executes, if back has not got it. */
static struct mi_route_stmt *wants_stmt(const struct mi_backend *back)
{
	const struct mi_route_command *command = &back->session->command;
	struct mi_route_stmt *stmt;

	if (command->side != back->side || !command->stmt)
		return NULL;
	stmt = mi_route_stmt_find(back->session, command->stmt);
	return stmt && !stmt->server_id[back->side] ? stmt : NULL;
}

/* The last insert id was made at the other side, which wrote before. */
static bool wants_insert_id(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	return session->has_insert_id && session->insert_id_at != back->side &&
	       !wants_read_only(back);
}

/* What collation_connection is, is to be asked at the other side. */
static bool wants_collation(const struct mi_backend *back)
{
	return back->session->asks_collation && back->session->collation_at != back->side;
}

bool mi_prepare_is_behind(const struct mi_backend *back)
{
	return !back->has_baseline || wants_collation(back) ||
	       mi_route_replay(back->session, &back->session->back[back->side], NULL);
}

bool mi_prepare_is_needed(const struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	return back->wants_reset || !back->has_baseline || wants_trackers(back) ||
	       wants_autocommit(back) || !back->has_database ||
	       back->read_only != wants_read_only(back) || back->multi != session->multi ||
	       session->carries_insert_id || wants_insert_id(back) || wants_collation(back) ||
	       mi_route_replay(session, &session->back[back->side], NULL) || wants_stmt(back);
}

/* ---- Sending ---- */

static void send_own(struct mi_backend *back, enum mi_back_prepare own, uint8_t code,
                     struct mi_span argument)
{
	struct mi_buf packet = {0};
	size_t begin = mi_packet_begin(&packet);
	uint8_t seq = 0;

	mi_buf_add_char(&packet, (char)code);
	mi_buf_add_span(&packet, argument);
	back->own = own;
	back->state = MI_BACK_PREPARE;
	back->deadline = mi_loop_now(back->channel.loop) + OWN_SECONDS * 1000;
	mi_buf_release(&back->answer);
	mi_response_begin(&back->response, code, back->caps & MI_CAP_DEPRECATE_EOF);
	if (mi_packet_end(&packet, begin, &seq) != 0 ||
	    mi_channel_write(&back->channel, mi_buf_span(&packet)) != 0)
		mi_session_lost(back, "it closed the connection");
	mi_buf_release(&packet);
}

static void send_query(struct mi_backend *back, enum mi_back_prepare own, struct mi_span sql)
{
	struct mi_buf text = {0};

	/* no attributes: how many, and in how many sets */
	if (back->caps & MI_CAP_QUERY_ATTRIBUTES)
		mi_buf_add(&text, "\0\1", 2);
	mi_buf_add_span(&text, sql);
	send_own(back, own, MI_COM_QUERY, mi_buf_span(&text));
	mi_buf_release(&text);
}

static struct mi_route_baseline_at baseline_at(const struct mi_backend *back)
{
	return (struct mi_route_baseline_at){
	    .source = back->side == MI_ROUTE_SOURCE,
	    .mariadb = back->mariadb,
	    .version = back->version,
	    .ignore_space = back->session->caps & MI_CAP_IGNORE_SPACE,
	};
}

static void send_baseline(struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;
	const struct mi_route_baseline_at at = baseline_at(back);
	struct mi_buf sql = {0};

	mi_route_baseline_sql(session->route->baseline, &at, session->collation, &sql);
	send_query(back, MI_PREPARE_BASELINE, mi_buf_span(&sql));
	mi_buf_release(&sql);
}

/* False: there are none, and nothing is sent. */
static bool send_trackers(struct mi_backend *back)
{
	const struct mi_route_baseline_at at = baseline_at(back);
	struct mi_buf sql = {0};
	bool wanted = mi_route_baseline_trackers(&at, &sql);

	back->wants_trackers = wanted;
	if (wanted)
		send_query(back, MI_PREPARE_TRACKERS, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return wanted;
}

static void send_text(struct mi_backend *back, enum mi_back_prepare own, const char *sql)
{
	send_query(back, own, mi_span_str(sql));
}

static void send_read_only(struct mi_backend *back)
{
	back->own_read_only = wants_read_only(back);
	send_text(back, MI_PREPARE_READONLY,
	          back->own_read_only ? "SET SESSION TRANSACTION READ ONLY"
	                              : "SET SESSION TRANSACTION READ WRITE");
}

static void send_database(struct mi_backend *back)
{
	back->own_database = back->session->database_generation;
	send_own(back, MI_PREPARE_DATABASE, MI_COM_INIT_DB,
	         mi_route_database(back->session, back->side));
}

static void send_stmt(struct mi_backend *back, struct mi_route_stmt *stmt)
{
	back->own_stmt = stmt->id;
	send_own(back, MI_PREPARE_PREPARE, MI_COM_STMT_PREPARE,
	         mi_span(stmt->text, stmt->text_len));
}

static void send_insert_id(struct mi_backend *back)
{
	char sql[64];

	(void)snprintf(sql, sizeof sql, "SET last_insert_id=%llu",
	               (unsigned long long)back->session->insert_id);
	send_text(back, MI_PREPARE_SET_ID, sql);
}

/* False: the other side is at something else, and back waits for it. */
static bool ask_insert_id(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_backend *old = &session->back[session->insert_id_at];

	if (old->state == MI_BACK_IDLE) {
		send_text(old, MI_PREPARE_ASK_ID, "SELECT LAST_INSERT_ID()");
		return false;
	}
	if (old->state != MI_BACK_NONE)
		return false;
	session->has_insert_id = false; /* it is lost with the server that made it */
	return true;
}

/* The same. */
static bool ask_collation(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_backend *other = &session->back[session->collation_at];

	if (other->state == MI_BACK_IDLE) {
		send_text(other, MI_PREPARE_ASK_COLLATION, "SELECT @@collation_connection");
		return false;
	}
	if (other->state != MI_BACK_NONE)
		return false;
	session->asks_collation = false; /* it is lost with the server that knew it */
	return true;
}

static bool send_replay(struct mi_backend *back)
{
	struct mi_buf sql = {0};
	bool wanted = mi_route_replay(back->session, back, &sql);

	if (wanted)
		send_query(back, MI_PREPARE_REPLAY, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return wanted;
}

static void tell_ready(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	if (session->phase == MI_SESSION_LOGIN_BACK && !wants_read_only(back))
		mi_client_welcome(session);
	else if (session->wait == MI_WAIT_BACK)
		mi_session_resume(session);
}

void mi_prepare_next(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_route_stmt *stmt;

	back->deadline = 0;
	if (back->wants_reset)
		send_own(back, MI_PREPARE_RESET, MI_COM_RESET_CONNECTION, (struct mi_span){0});
	else if (!back->has_baseline)
		send_baseline(back);
	else if (wants_trackers(back) && send_trackers(back))
		return;
	else if (wants_autocommit(back))
		send_text(back, MI_PREPARE_AUTOCOMMIT,
		          session->autocommit ? "SET autocommit=1" : "SET autocommit=0");
	else if (back->read_only != wants_read_only(back))
		send_read_only(back);
	else if (!back->has_database)
		send_database(back);
	else if (back->multi != session->multi)
		send_own(back, MI_PREPARE_OPTION, MI_COM_SET_OPTION,
		         mi_span(session->multi ? "\0\0" : "\1\0", 2));
	else if (wants_collation(back) && !ask_collation(back))
		return;
	else if (send_replay(back))
		return;
	else if (session->carries_insert_id && !wants_read_only(back))
		send_insert_id(back);
	else if (wants_insert_id(back) && !ask_insert_id(back))
		return;
	else if ((stmt = wants_stmt(back)))
		send_stmt(back, stmt);
	else
		tell_ready(back);
}

/* ---- Answers ---- */

/* The one value of an answer of one row and one column. */
static struct mi_span answered_text(struct mi_backend *back)
{
	unsigned skip = back->caps & MI_CAP_DEPRECATE_EOF ? 2 : 3; /* count, definition, EOF */
	struct mi_bytes in = mi_bytes(mi_buf_span(&back->answer)), row;
	struct mi_span payload;
	uint8_t seq;

	for (unsigned i = 0; i <= skip; i++)
		if (!mi_packet_take(&in, &payload, &seq))
			return (struct mi_span){0};
	row = mi_bytes(payload);
	return mi_take_string(&row);
}

static uint64_t answered_number(struct mi_backend *back)
{
	struct mi_span text = answered_text(back);
	uint64_t number = 0;

	for (size_t i = 0; i < text.len; i++)
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	return number;
}

/* A side that is being warmed has waited for the answer. */
static void go_on_at(struct mi_backend *back)
{
	if (back->session->wait == MI_WAIT_NOTHING && back->state == MI_BACK_IDLE)
		mi_prepare_next(back);
}

static void done(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	switch (back->own) {
	case MI_PREPARE_BASELINE:
		back->has_baseline = true;
		back->wants_trackers = false;
		break;
	case MI_PREPARE_TRACKERS:
		back->wants_trackers = false;
		break;
	case MI_PREPARE_AUTOCOMMIT: /* the answer's status tells it */
		break;
	case MI_PREPARE_READONLY:
		back->read_only = back->own_read_only;
		break;
	case MI_PREPARE_DATABASE:
		back->has_database = back->own_database == session->database_generation;
		break;
	case MI_PREPARE_RESET:
		back->wants_reset = back->has_baseline = back->read_only = back->stateful = false;
		back->replayed = 0;
		back->multi = back->caps & MI_CAP_MULTI_STATEMENTS;
		break;
	case MI_PREPARE_OPTION:
		back->multi = session->multi;
		break;
	case MI_PREPARE_REPLAY:
		mi_route_replayed(session, back, NULL);
		break;
	case MI_PREPARE_PREPARE:
		break;
	case MI_PREPARE_ASK_COLLATION:
		mi_route_note_collation(session, back, answered_text(back));
		go_on_at(&session->back[!back->side]);
		break;
	case MI_PREPARE_ASK_ID:
		session->insert_id = answered_number(back);
		session->carries_insert_id = session->insert_id != 0;
		session->has_insert_id = false;
		break;
	case MI_PREPARE_SET_ID:
		session->carries_insert_id = false;
		session->has_insert_id = true;
		session->insert_id_at = back->side;
		break;
	}
}

/* The command that waits for this gets the server's own words. */
static void refuse(struct mi_backend *back, const struct mi_reply_err *reply, bool close)
{
	struct mi_route_session *session = back->session;
	char text[512];

	(void)snprintf(text, sizeof text, "%.*s", (int)(reply->text.len % sizeof text),
	               reply->text.len ? reply->text.data : "");
	if (close) {
		mi_warn("the %s refuses a session of '%s' its settings: %u %s",
		        mi_route_side_names[back->side], session->user->name, reply->code, text);
		mi_back_close(back);
	}
	if (mi_route_reader_failed(back, true))
		return;
	if (session->phase == MI_SESSION_LOGIN_BACK) {
		mi_session_fail(session, reply->code, reply->state[0] ? reply->state : "HY000",
		                text);
	} else if (session->phase == MI_SESSION_READY && session->wait == MI_WAIT_BACK &&
	           session->command.side == back->side) {
		mi_command_withdraw(session, reply->code, reply->state, text);
	}
}

/* The writer cannot be given the session's settings: the client must make a new session. */
static void let_go(struct mi_backend *back, const struct mi_reply_err *reply)
{
	struct mi_route_session *session = back->session;
	char text[256];
	size_t len = reply->text.len < WORDS_MAX ? reply->text.len : WORDS_MAX;

	(void)snprintf(text, sizeof text,
	               "Connection was killed: the %s refuses this session's settings: %u %.*s",
	               mi_route_side_names[back->side], reply->code, (int)len,
	               len ? reply->text.data : "");
	mi_warn("session %u of %s at %s: %s", session->id, session->user->name, session->peer,
	        text);
	session->seq = session->wait == MI_WAIT_NOTHING ? 0 : 1;
	mi_session_fail(session, 1927, "08S01", text);
}

/* The server refused a command of the router's. */
static void failed(struct mi_backend *back, const struct mi_reply_err *reply)
{
	struct mi_route_session *session = back->session;
	struct mi_route_stmt *stmt;

	switch (back->own) {
	case MI_PREPARE_RESET:
		mi_session_lost(back, "it cannot reset a session");
		break;
	case MI_PREPARE_REPLAY:
		mi_route_replayed(session, back, reply);
		if (wants_read_only(back))
			tell_ready(back);
		else /* it would mean another thing without them */
			let_go(back, reply);
		break;
	case MI_PREPARE_PREPARE:
		stmt = mi_route_stmt_find(session, back->own_stmt);
		if (stmt && back->side != mi_route_writer(mi_route_mode(session->route))) {
			stmt->writer_only = true; /* perhaps it only became the reader meanwhile */
			mi_session_resume(session);
		} else {
			refuse(back, reply, false);
		}
		break;
	case MI_PREPARE_DATABASE:
	case MI_PREPARE_OPTION:
		refuse(back, reply, false);
		break;
	case MI_PREPARE_BASELINE:
	case MI_PREPARE_TRACKERS:
	case MI_PREPARE_AUTOCOMMIT:
	case MI_PREPARE_READONLY:
	case MI_PREPARE_SET_ID:
	case MI_PREPARE_ASK_ID:
	case MI_PREPARE_ASK_COLLATION:
		refuse(back, reply, true);
		break;
	}
}

/* Another side may be what the session waits for. */
static void go_on(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	if (back->state != MI_BACK_IDLE)
		return;
	if (session->wait == MI_WAIT_BACK && session->phase == MI_SESSION_READY &&
	    session->command.side != back->side && !mi_prepare_is_needed(back))
		mi_session_resume(session);
	else
		mi_prepare_next(back);
}

static bool take_part(struct mi_backend *back, enum mi_response_part part, struct mi_span packet)
{
	struct mi_span payload = mi_span(packet.data + MI_PACKET_HEADER,
	                                 packet.len < 4 ? 0 : packet.len - MI_PACKET_HEADER);
	struct mi_reply_ok ok = {0};
	struct mi_reply_err reply = {0};
	struct mi_err err = {0};

	switch (part) {
	case MI_RESPONSE_PASS:
		if ((back->own == MI_PREPARE_ASK_ID || back->own == MI_PREPARE_ASK_COLLATION) &&
		    back->answer.len < 4096)
			mi_buf_add_span(&back->answer, packet);
		return true;
	case MI_RESPONSE_EOF:
		return true;
	case MI_RESPONSE_OK:
		if (mi_reply_ok_parse(&ok, payload, back->caps, &err) == 0) {
			back->status = ok.status;
			return true;
		}
		break;
	case MI_RESPONSE_PREPARED:
		if (!mi_route_stmt_prepared_again(back, packet.data))
			mi_notice("a prepared statement has other parameters at the %s",
			          mi_route_side_names[back->side]);
		return true;
	case MI_RESPONSE_ERR:
		if (mi_reply_err_parse(&reply, payload, &err) == 0) {
			back->state = MI_BACK_IDLE;
			back->deadline = 0;
			mi_channel_keep(&back->channel, (struct mi_span){0});
			failed(back, &reply);
			return false;
		}
		break;
	default:
		break;
	}
	mi_session_lost(back, "it answers what is no answer");
	return false;
}

void mi_prepare_feed(struct mi_backend *back, struct mi_span data)
{
	while (!mi_response_ended(&back->response)) {
		size_t len;
		enum mi_response_part part = mi_response_next(&back->response, data, &len);

		if (part == MI_RESPONSE_SHORT) {
			mi_channel_keep(&back->channel, data);
			return;
		}
		if (!take_part(back, part, mi_span(data.data, len)))
			return;
		data.data += len;
		data.len -= len;
	}
	mi_channel_keep(&back->channel, data);
	back->state = MI_BACK_IDLE;
	back->deadline = 0;
	done(back);
	go_on(back);
}

enum mi_back_ready mi_back_prepare(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_err err = {0};
	char text[600];

	if (back->state == MI_BACK_IDLE) {
		if (!mi_prepare_is_needed(back))
			return MI_BACK_READY;
		session->wait = MI_WAIT_BACK;
		mi_prepare_next(back);
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
