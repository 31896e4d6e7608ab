#include "route/back/prepare_answer.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "protocol/response.h"
#include "route/back/command_answer.h"
#include "route/back/lost.h"
#include "route/back/open.h"
#include "route/back/prepare.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/shared/names.h"
#include "route/state/carry.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/state/note.h"
#include "route/state/prepared.h"
#include "route/state/settings.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "server/mysql_errors.h"

#include <stdio.h>

enum { WORDS_MAX = 150 }; /* bytes of a server's message within one of the router's */

/* The value in an answer that has one row and one column; empty: there is none. */
static struct mi_span answered_text(struct mi_backend *back)
{
	unsigned skip = back->caps & MI_CAP_DEPRECATE_EOF ? 2 : 3; /* count, definition, EOF */
	struct mi_bytes in = mi_bytes(mi_buf_span(&back->prepared.answer)), row;
	struct mi_span payload;
	uint8_t seq;

	for (unsigned i = 0; i <= skip; i++)
		if (!mi_packet_take(&in, &payload, &seq))
			return (struct mi_span){0};
	row = mi_bytes(payload);
	return mi_take_string(&row);
}

/* The server says what a number is: what has other characters than digits, or too many, is none. */
static bool number_of(struct mi_span text, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

		if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return text.len > 0;
}

/* The OK of MI_PREPARE_ASK_ID has the new value of last_insert_id, which is the old one. */
static void take_told_id(struct mi_backend *back, const struct mi_reply_ok *ok)
{
	struct mi_track_walk walk = {.in = mi_bytes(ok->changes)};
	struct mi_track track;

	while (mi_track_next(&walk, &track)) {
		if (track.kind != MI_TRACK_VARIABLE || !mi_span_is(track.name, "last_insert_id"))
			continue;
		back->prepared.id_told = number_of(track.value, &back->prepared.told_id);
	}
}

/* back is being warmed, and waited for the other side's answer: no command does. */
static void go_on_at(struct mi_backend *back)
{
	if (back->session->wait == MI_WAIT_NOTHING && back->state == MI_BACK_IDLE)
		mi_prepare_next(back);
}

/* False: the answer is none, and back is lost. */
static bool done(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	uint64_t number;

	switch (back->prepared.step) {
	case MI_PREPARE_BASELINE:
		back->prepared.has_baseline = true;
		mi_note_trackers_made(back);
		break;
	case MI_PREPARE_TRACKERS:
		mi_note_trackers_made(back);
		break;
	case MI_PREPARE_AUTOCOMMIT: /* back->status has it from the answer */
		break;
	case MI_PREPARE_READONLY:
		back->prepared.read_only = back->prepared.asked_read_only;
		break;
	case MI_PREPARE_DATABASE:
		mi_database_set(back);
		break;
	case MI_PREPARE_RESET:
		mi_prepared_begin(&back->prepared, back->caps & MI_CAP_MULTI_STATEMENTS);
		mi_back_noted_begin(&back->noted);
		mi_session_settings_lost(back);
		break;
	case MI_PREPARE_OPTION:
		back->prepared.multi = session->multi;
		break;
	case MI_PREPARE_REPLAY:
		mi_session_settings_made(back);
		break;
	case MI_PREPARE_STATEMENT:
		break;
	case MI_PREPARE_ASK_COLLATION:
		mi_session_settings_collation(back, answered_text(back));
		go_on_at(&session->back[!back->side]);
		break;
	case MI_PREPARE_ASK_ID:
		if (back->prepared.id_told)
			mi_carry_id_asked(session, back->prepared.told_id);
		else
			mi_prepare_select_id(back);
		break;
	case MI_PREPARE_SELECT_ID:
		if (!number_of(answered_text(back), &number)) {
			mi_session_lost(back, "it answers what is no number");
			return false;
		}
		mi_carry_id_asked(session, number);
		break;
	case MI_PREPARE_SET_ID:
		mi_carry_id_set(session, back->side);
		break;
	}
	return true;
}

/* back refuses what the session needs: the server's ERR goes to the login or command that waits for
 * back. close: back cannot be used without it. */
static void refuse(struct mi_backend *back, const struct mi_reply_err *reply, bool close)
{
	struct mi_route_session *session = back->session;
	char text[MI_REPLY_TEXT];

	mi_reply_err_text(reply, text);
	if (close) {
		mi_warn("the %s refuses a session of '%s' its settings: %u %s",
		        mi_route_side_names[back->side], session->user->name, reply->code, text);
		mi_back_close(back);
	}
	if (mi_note_reader_failed(back, true))
		return;
	if (session->phase == MI_SESSION_LOGIN_BACK) {
		mi_session_fail_with(session, reply);
	} else if (session->phase == MI_SESSION_READY && session->wait == MI_WAIT_BACK &&
	           session->command.side == back->side) {
		mi_command_withdraw(session, reply);
	}
}

/* The writer refuses the session's settings: the session ends, and the client must connect anew. */
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
	mi_session_fail_unasked(session, MI_ER_CONNECTION_KILLED, text);
}

/* The server has refused a command of the router's own. */
static void failed(struct mi_backend *back, const struct mi_reply_err *reply)
{
	struct mi_route_session *session = back->session;
	struct mi_route_stmt *stmt;

	switch (back->prepared.step) {
	case MI_PREPARE_RESET:
		mi_session_lost(back, "it cannot reset a session");
		break;
	case MI_PREPARE_REPLAY:
		mi_session_settings_made(back); /* not tried again */
		mi_note_refused(back);
		if (!mi_back_is_writer(back))
			mi_prepare_tell_ready(back);
		else /* without the settings the command could mean something else */
			let_go(back, reply);
		break;
	case MI_PREPARE_STATEMENT:
		stmt = mi_route_stmt_find(session, back->prepared.asked_stmt);
		if (stmt && !mi_back_is_writer(back)) {
			stmt->writer_only =
			    true; /* or back was the writer when the statement was sent */
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
	case MI_PREPARE_SELECT_ID:
	case MI_PREPARE_ASK_COLLATION:
		refuse(back, reply, true);
		break;
	}
}

/* The next step after an answer of back's; the session may be waiting for the other side. */
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
		if ((back->prepared.step == MI_PREPARE_SELECT_ID ||
		     back->prepared.step == MI_PREPARE_ASK_COLLATION) &&
		    back->prepared.answer.len < 4096)
			mi_buf_add_span(&back->prepared.answer, packet);
		return true;
	case MI_RESPONSE_EOF:
		return true;
	case MI_RESPONSE_OK:
		if (mi_reply_ok_parse(&ok, payload, back->caps, &err) == 0) {
			back->status = ok.status;
			if (back->prepared.step == MI_PREPARE_ASK_ID)
				take_told_id(back, &ok);
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
			mi_back_enter(back, MI_BACK_IDLE);
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
	mi_back_enter(back, MI_BACK_IDLE);
	if (done(back))
		go_on(back);
}
