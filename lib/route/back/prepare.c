#include "route/back/prepare.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/response.h"
#include "route/auth/users.h"
#include "route/back/lost.h"
#include "route/back/open.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/shared/baseline.h"
#include "route/shared/carried.h"
#include "route/shared/shared.h"
#include "route/state/carry.h"
#include "route/state/command.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/state/note.h"
#include "route/state/prepared.h"
#include "route/state/settings.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "route/state/tracking.h"
#include "server/mysql_errors.h"

#include <stdio.h>

/* ---- What back needs ---- */

/* Where there is one server alone, no session ever moves: the router needs to know nothing of it.
 */
static bool may_move(const struct mi_backend *back)
{
	const struct mi_route_server *server = back->session->route->server;

	return server[MI_ROUTE_SOURCE].given && server[MI_ROUTE_TARGET].given;
}

/* As at every side that may not be written, or because the client has set it for its session. */
static bool wants_read_only(const struct mi_backend *back)
{
	return !mi_back_is_writer(back) || back->session->trans.read_only;
}

static bool wants_trackers(const struct mi_backend *back)
{
	return (!back->prepared.has_trackers || back->noted.wants_trackers) &&
	       mi_back_is_writer(back) && may_move(back);
}

/* The settings with which the session begins are not known yet: back, where it begins, is asked. */
static bool wants_to_ask(const struct mi_backend *back)
{
	return !back->session->settings.asked && mi_back_is_writer(back) && may_move(back);
}

/* The other side is about to tell what the session's settings are. */
static bool waits_for_other(const struct mi_backend *back)
{
	const struct mi_backend *other = &back->session->back[!back->side];

	return !back->session->settings.asked && wants_to_ask(other) &&
	       other->state != MI_BACK_NONE;
}

/* The session begins at the target, or what it was at the source is not known. */
static bool wants_baseline(const struct mi_backend *back)
{
	return back->side == MI_ROUTE_TARGET && !back->prepared.has_baseline &&
	       !back->session->settings.asked;
}

/* The client's collation does not fit into a login. */
static bool wants_charset(const struct mi_backend *back)
{
	return back->session->collation > 255 && !back->prepared.has_charset &&
	       !back->session->settings.asked;
}

static bool wants_autocommit(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	return session->trans.knows_autocommit &&
	       session->trans.autocommit != ((back->status & MI_STATUS_AUTOCOMMIT) != 0);
}

/* The prepared statement that the waiting command executes, if back does not know it; else NULL. */
static struct mi_route_stmt *wants_stmt(const struct mi_backend *back)
{
	const struct mi_route_command *command = &back->session->command;
	struct mi_route_stmt *stmt;

	if (command->side != back->side || !command->stmt)
		return NULL;
	stmt = mi_route_stmt_find(back->session, command->stmt);
	return stmt && !stmt->server_id[back->side] ? stmt : NULL;
}

/* LAST_INSERT_ID() is still that of the other side, which was the writer before. */
static bool wants_insert_id(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	return session->carry.has_id && session->carry.id_at != back->side &&
	       mi_back_is_writer(back);
}

/* The other side must be asked what its collation_connection is. */
static bool wants_collation(const struct mi_backend *back)
{
	return back->session->carry.asks_collation &&
	       back->session->carry.collation_at != back->side;
}

bool mi_prepare_is_behind(const struct mi_backend *back)
{
	return waits_for_other(back) || wants_baseline(back) || wants_charset(back) ||
	       wants_collation(back) ||
	       mi_session_settings_replay(&back->session->back[back->side], NULL);
}

bool mi_prepare_is_needed(const struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	return back->prepared.wants_reset || waits_for_other(back) || wants_baseline(back) ||
	       wants_charset(back) || wants_to_ask(back) || wants_trackers(back) ||
	       wants_autocommit(back) || !back->database.has ||
	       back->prepared.read_only != wants_read_only(back) ||
	       back->prepared.multi != session->multi || session->carry.sets_id ||
	       wants_insert_id(back) || wants_collation(back) ||
	       mi_session_settings_replay(&session->back[back->side], NULL) || wants_stmt(back);
}

/* ---- Sending ---- */

static void begin_own(struct mi_backend *back, enum mi_prepare_step step, uint8_t code)
{
	back->prepared.step = step;
	mi_buf_release(&back->prepared.answer);
	mi_response_begin(&back->response, code, back->caps & MI_CAP_DEPRECATE_EOF);
}

static void add_own(struct mi_buf *packets, uint8_t code, struct mi_span argument)
{
	size_t begin = mi_packet_begin(packets);
	uint8_t seq = 0;

	mi_buf_add_char(packets, (char)code);
	mi_buf_add_span(packets, argument);
	(void)mi_packet_end(packets, begin, &seq); /* far from the longest that a packet may be */
}

static void write_own(struct mi_backend *back, struct mi_span packets)
{
	mi_back_enter(back, MI_BACK_PREPARE);
	if (mi_channel_write(&back->channel, packets) != 0)
		mi_session_lost(back, "it closed the connection");
}

static void send_own(struct mi_backend *back, enum mi_prepare_step step, uint8_t code,
                     struct mi_span argument)
{
	struct mi_buf packet = {0};

	begin_own(back, step, code);
	add_own(&packet, code, argument);
	write_own(back, mi_buf_span(&packet));
	mi_buf_release(&packet);
}

static void add_query(const struct mi_backend *back, struct mi_buf *packets, struct mi_span sql)
{
	struct mi_buf text = {0};

	/* query attributes: none, in one set */
	if (back->caps & MI_CAP_QUERY_ATTRIBUTES)
		mi_buf_add(&text, "\0\1", 2);
	mi_buf_add_span(&text, sql);
	add_own(packets, MI_COM_QUERY, mi_buf_span(&text));
	mi_buf_release(&text);
}

static void send_query(struct mi_backend *back, enum mi_prepare_step step, struct mi_span sql)
{
	struct mi_buf packet = {0};

	begin_own(back, step, MI_COM_QUERY);
	add_query(back, &packet, sql);
	write_own(back, mi_buf_span(&packet));
	mi_buf_release(&packet);
}

static struct mi_route_baseline_at baseline_at(const struct mi_backend *back)
{
	return (struct mi_route_baseline_at){
	    .baseline = back->side == MI_ROUTE_TARGET ? back->session->route->baseline : NULL,
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

static bool trackers_sql(const struct mi_backend *back, struct mi_buf *sql)
{
	const struct mi_tracking *tracking = &back->session->tracking;
	const struct mi_route_baseline_at at = baseline_at(back);
	const struct mi_route_trackers trackers = {
	    .characteristics = tracking->characteristics,
	    .all_gtids = tracking->all_gtids,
	    .in_transaction = back->status & MI_STATUS_IN_TRANS,
	};

	return mi_route_baseline_trackers(&at, &trackers, sql);
}

void mi_prepare_trackers_made(struct mi_backend *back)
{
	back->prepared.has_trackers = true;
	mi_note_trackers_made(back);
}

/* False: this server has no session trackers, and nothing is sent. */
static bool send_trackers(struct mi_backend *back)
{
	struct mi_buf sql = {0};
	bool wanted = trackers_sql(back, &sql);

	if (wanted)
		send_query(back, MI_PREPARE_TRACKERS, mi_buf_span(&sql));
	else
		mi_prepare_trackers_made(back);
	mi_buf_release(&sql);
	return wanted;
}

/* The question and the trackers go out together: nothing of the client's may run between them, and
 * the round trip is made once. */
static void send_question(struct mi_backend *back)
{
	struct mi_buf packets = {0}, sql = {0};

	begin_own(back, MI_PREPARE_ASK, MI_COM_QUERY);
	mi_route_carried_ask(back->mariadb, back->version, &sql);
	add_query(back, &packets, mi_buf_span(&sql));
	mi_buf_reset(&sql);
	back->prepared.trackers_follow = trackers_sql(back, &sql);
	if (back->prepared.trackers_follow)
		add_query(back, &packets, mi_buf_span(&sql));
	else
		mi_prepare_trackers_made(back);
	write_own(back, mi_buf_span(&packets));
	mi_buf_release(&packets);
	mi_buf_release(&sql);
}

static void send_text(struct mi_backend *back, enum mi_prepare_step step, const char *sql)
{
	send_query(back, step, mi_span_str(sql));
}

/* Servers take a collation's id where they take its name. */
static void send_charset(struct mi_backend *back)
{
	unsigned id = back->session->collation;
	char sql[120];

	(void)snprintf(
	    sql, sizeof sql,
	    "SET character_set_client=%u,character_set_results=%u,collation_connection=%u", id, id,
	    id);
	send_text(back, MI_PREPARE_CHARSET, sql);
}

static void send_read_only(struct mi_backend *back)
{
	back->prepared.asked_read_only = wants_read_only(back);
	send_text(back, MI_PREPARE_READONLY,
	          back->prepared.asked_read_only ? "SET SESSION TRANSACTION READ ONLY"
	                                         : "SET SESSION TRANSACTION READ WRITE");
}

static void send_database(struct mi_backend *back)
{
	mi_database_asked(back);
	send_own(back, MI_PREPARE_DATABASE, MI_COM_INIT_DB,
	         mi_database_at(back->session, back->side));
}

static void send_stmt(struct mi_backend *back, struct mi_route_stmt *stmt)
{
	back->prepared.asked_stmt = stmt->id;
	send_own(back, MI_PREPARE_STATEMENT, MI_COM_STMT_PREPARE,
	         mi_span(stmt->text, stmt->text_len));
}

static void send_insert_id(struct mi_backend *back)
{
	char sql[64];

	(void)snprintf(sql, sizeof sql, "SET last_insert_id=%llu",
	               (unsigned long long)back->session->carry.id);
	send_text(back, MI_PREPARE_SET_ID, sql);
}

/* The tracker tells the value. A SELECT of it would change FOUND_ROWS(), which may still be asked
 * for there. */
static void send_ask_id(struct mi_backend *back)
{
	back->prepared.id_told = false;
	send_text(back, MI_PREPARE_ASK_ID, "SET last_insert_id=LAST_INSERT_ID()");
}

void mi_prepare_select_id(struct mi_backend *back)
{
	send_text(back, MI_PREPARE_SELECT_ID, "SELECT LAST_INSERT_ID()");
}

/* Asks the side that has LAST_INSERT_ID(). False: that side is asked, or is busy with something
 * else, and back waits. True: it has gone, and there is nothing to wait for. */
static bool ask_insert_id(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_backend *old = &session->back[session->carry.id_at];

	if (old->state == MI_BACK_IDLE) {
		send_ask_id(old);
		return false;
	}
	if (old->state != MI_BACK_NONE)
		return false;
	mi_carry_id_lost(session); /* the id is gone with its server */
	return true;
}

/* Asks the side where character sets were changed. False: that side is asked, or is busy with
 * something else, and back waits. True: it has gone, and there is nothing to wait for. */
static bool ask_collation(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_backend *other = &session->back[session->carry.collation_at];

	if (other->state == MI_BACK_IDLE) {
		send_text(other, MI_PREPARE_ASK_COLLATION, "SELECT @@collation_connection");
		return false;
	}
	if (other->state != MI_BACK_NONE)
		return false;
	mi_carry_collation_known(session); /* the collation is gone with its server */
	return true;
}

static bool send_replay(struct mi_backend *back)
{
	struct mi_buf sql = {0};
	bool wanted = mi_session_settings_replay(back, &sql);

	if (wanted)
		send_query(back, MI_PREPARE_REPLAY, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return wanted;
}

bool mi_prepare_carry_from(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	if (back->state != MI_BACK_IDLE || !session->carry.has_id ||
	    session->carry.id_at != back->side)
		return false;
	send_ask_id(back);
	return session->phase != MI_SESSION_CLOSED;
}

void mi_prepare_tell_ready(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	if (session->phase == MI_SESSION_LOGIN_BACK && mi_back_is_writer(back))
		mi_client_welcome_alone(session);
	else if (session->wait == MI_WAIT_BACK)
		mi_session_resume(session);
}

void mi_prepare_next(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_route_stmt *stmt;

	if (back->prepared.wants_reset)
		send_own(back, MI_PREPARE_RESET, MI_COM_RESET_CONNECTION, (struct mi_span){0});
	else if (waits_for_other(back))
		return;
	else if (wants_baseline(back))
		send_baseline(back);
	else if (wants_charset(back))
		send_charset(back);
	else if (wants_to_ask(back))
		send_question(back);
	else if (wants_trackers(back) && send_trackers(back))
		return;
	else if (wants_autocommit(back))
		send_text(back, MI_PREPARE_AUTOCOMMIT,
		          session->trans.autocommit ? "SET autocommit=1" : "SET autocommit=0");
	else if (back->prepared.read_only != wants_read_only(back))
		send_read_only(back);
	else if (!back->database.has)
		send_database(back);
	else if (back->prepared.multi != session->multi)
		send_own(back, MI_PREPARE_OPTION, MI_COM_SET_OPTION,
		         mi_span(session->multi ? "\0\0" : "\1\0", 2));
	else if (wants_collation(back) && !ask_collation(back))
		return;
	else if (send_replay(back))
		return;
	else if (session->carry.sets_id && mi_back_is_writer(back))
		send_insert_id(back);
	else if (wants_insert_id(back) && !ask_insert_id(back))
		return;
	else if ((stmt = wants_stmt(back)))
		send_stmt(back, stmt);
	else
		mi_prepare_tell_ready(back);
}

enum mi_back_ready mi_back_prepare(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_err err = {0};
	char text[600];

	if (back->state == MI_BACK_IDLE) {
		if (!mi_prepare_is_needed(back))
			return MI_BACK_READY;
		mi_session_wait_for(session, MI_WAIT_BACK);
		mi_prepare_next(back);
	} else if (back->state == MI_BACK_NONE) {
		mi_session_wait_for(session, MI_WAIT_BACK);
		if (mi_back_open(back, &err) == 0)
			return MI_BACK_SOON;
		if (err.code == MI_UNAVAILABLE) {
			mi_session_lost(back, err.text);
		} else {
			(void)snprintf(text, sizeof text, "%.500s", err.text);
			mi_notice("login of '%s' from %s: %s", session->user->name, session->peer,
			          text);
			mi_session_fail(session, MI_ER_ACCESS_DENIED_ERROR, text);
		}
	} else {
		mi_session_wait_for(session, MI_WAIT_BACK);
	}
	return session->phase == MI_SESSION_CLOSED ? MI_BACK_FAILED : MI_BACK_SOON;
}
