#include "route/session/relay.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "protocol/response.h"
#include "route/back/command_answer.h"
#include "route/back/lost.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/shared/names.h"
#include "route/state/command.h"
#include "route/state/note.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "route/state/trans.h"
#include "server/mysql_errors.h"

/* Bytes of an answer to a client that has gone; a longer one ends the session. */
enum { DRAIN_MAX = 1 << 20 };

/* from, len: what was read and looked at, and is not written to the client yet. */
struct relay {
	struct mi_backend *back;
	struct mi_route_session *session;
	char *from;
	size_t len;
};

static void to_client(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_command *command = &session->command;

	if (data.len == 0)
		return;
	if (session->phase == MI_SESSION_GONE) {
		session->drained += data.len;
		if (session->drained > DRAIN_MAX)
			mi_session_close(session, "its last command answers at length");
		return;
	}
	if (command->file_refused)
		return;
	if (!command->answered && command->running)
		mi_note_begins(&session->back[command->side]);
	command->answered = true;
	if (mi_channel_write(&session->client, data) != 0)
		mi_session_client_lost(session);
}

static void flush(struct relay *relay)
{
	struct mi_span data = mi_span(relay->from, relay->len);

	relay->from += relay->len;
	relay->len = 0;
	to_client(relay->session, data);
}

static bool bad_answer(struct relay *relay)
{
	mi_session_lost_in_answer(relay->back, "it answers what is no answer");
	return false;
}

/* ---- OK ---- */

/* Rewrites an OK with tracked changes in place: what the client is shown of it is never longer. (An
 * OK without changes has one form, whether SESSION_TRACK was agreed on or not, and needs no
 * rewriting.) */
static bool rewrite_ok(struct relay *relay, char *packet, size_t len)
{
	struct mi_span payload = mi_span(packet + MI_PACKET_HEADER, len - MI_PACKET_HEADER);
	struct mi_buf out = {0};
	struct mi_err err = {0};
	bool ok;

	ok = mi_reply_ok_rewrite(&out, payload, relay->back->caps, relay->session->caps,
	                         mi_track_is_shown, relay->session, &err) == 0 &&
	     out.len <= payload.len && out.len < MI_PACKET_MAX;
	if (ok) {
		mi_packet_header(packet, (uint32_t)out.len, mi_packet_seq(packet));
		memcpy(packet + MI_PACKET_HEADER, out.data, out.len);
		relay->len += MI_PACKET_HEADER + out.len;
	}
	mi_buf_release(&out);
	if (!ok)
		return bad_answer(relay);
	flush(relay); /* the OK may be shorter now, and what follows does not adjoin it */
	return true;
}

static bool take_ok(struct relay *relay, char *packet, size_t len)
{
	struct mi_route_session *session = relay->session;
	struct mi_reply_ok ok = {0};
	struct mi_err err = {0};

	if (mi_reply_ok_parse(&ok, mi_span(packet + MI_PACKET_HEADER, len - MI_PACKET_HEADER),
	                      relay->back->caps, &err) != 0)
		return bad_answer(relay);
	relay->back->status = ok.status;
	mi_trans_ok(relay->back, &ok);
	mi_note_ok(relay->back, &ok);
	if (ok.status & MI_STATUS_SESSION_CHANGED && session->phase != MI_SESSION_GONE)
		return rewrite_ok(relay, packet, len);
	relay->len += len;
	return true;
}

/* ---- EOF, ERR, and requests for a file ---- */

static void take_eof(struct relay *relay, const char *packet)
{
	relay->back->status = mi_get_u16(packet + MI_PACKET_HEADER + 3);
	mi_trans_eof(relay->back);
	mi_note_eof(relay->back);
}

/* False: the answer is dropped, and the command sent to the other side. */
static bool take_err(struct relay *relay, const char *packet, size_t len)
{
	struct mi_route_session *session = relay->session;
	struct mi_reply_err reply = {0};
	struct mi_err err = {0};
	bool first = !session->command.answered && relay->len == 0;

	if (mi_reply_err_parse(&reply, mi_span(packet + MI_PACKET_HEADER, len - MI_PACKET_HEADER),
	                       &err) != 0)
		return bad_answer(relay);
	mi_trans_err(relay->back, reply.code);
	if (mi_note_err(relay->back, &reply, first) && first && session->command.kept.len > 0 &&
	    session->phase == MI_SESSION_READY) {
		mi_back_enter(relay->back, MI_BACK_IDLE);
		/* what was kept of the ERR would stand before the next answer */
		mi_channel_keep(&relay->back->channel, (struct mi_span){0});
		mi_command_repeat(session, true);
		return false;
	}
	relay->len += len;
	return true;
}

/* A server may ask for a client's file only after LOAD DATA LOCAL. Otherwise it gets an empty file,
 * and the client an error: a server must not read its clients' disks. */
static bool take_file(struct relay *relay, const char *packet, size_t len)
{
	struct mi_route_session *session = relay->session;
	struct mi_route_command *command = &session->command;
	char empty[MI_PACKET_HEADER];

	if (command->local_infile && session->caps & MI_CAP_LOCAL_FILES &&
	    session->phase == MI_SESSION_READY) {
		relay->len += len;
		command->file = true;
		command->left = 0;
		command->full = false;
		return true;
	}
	flush(relay);
	if (session->phase == MI_SESSION_CLOSED)
		return false;
	mi_warn("session %u of %s at %s: the %s asked for a file of the client's that no LOAD DATA "
	        "LOCAL named",
	        session->id, session->user->name, session->peer,
	        mi_route_side_names[relay->back->side]);
	mi_packet_header(empty, 0, (uint8_t)(mi_packet_seq(packet) + 1));
	command->file_refused = true;
	relay->from += len;
	mi_response_file_sent(&relay->back->response);
	if (mi_channel_write(&relay->back->channel, mi_span(empty, sizeof empty)) == 0)
		return true;
	mi_session_lost(relay->back, "it closed the connection");
	return false;
}

/* ---- An answer, part by part ---- */

/* False: relay->session takes no more of this answer. */
static bool take_part(struct relay *relay, enum mi_response_part part, size_t len)
{
	char *packet = relay->from + relay->len;

	switch (part) {
	case MI_RESPONSE_PASS:
		relay->len += len;
		return true;
	case MI_RESPONSE_EOF:
		take_eof(relay, packet);
		relay->len += len;
		return true;
	case MI_RESPONSE_OK:
		if (!take_ok(relay, packet, len))
			return false;
		break;
	case MI_RESPONSE_ERR:
		return take_err(relay, packet, len);
	case MI_RESPONSE_PREPARED:
		mi_route_stmt_prepared(relay->back, packet);
		relay->len += len;
		return true;
	case MI_RESPONSE_FILE:
		return take_file(relay, packet, len);
	default:
		return bad_answer(relay);
	}
	/* a rewritten OK may be shorter: go on behind the original */
	if (relay->len == 0)
		relay->from = packet + len;
	return relay->session->phase != MI_SESSION_CLOSED;
}

static void answer_ended(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_route_command *command = &session->command;

	mi_back_enter(back, MI_BACK_IDLE);
	mi_note_answered(back);
	if (command->file_refused) {
		command->file_refused = false;
		mi_session_refuse(session, MI_ER_NOT_ALLOWED_COMMAND, NULL);
		return;
	}
	if (command->cursor)
		mi_route_stmt_executed(session, command->stmt, back->status);
	if (command->body) /* the answer came before the whole command was sent */
		command->dropped = true;
	mi_session_command_done(session);
}

void mi_relay_feed(struct mi_backend *back, struct mi_span data)
{
	struct relay relay = {.back = back, .session = back->session};
	const char *end = data.data + data.len;

	/* data lies in the router's own buffer, so it may be written to */
	memcpy(&relay.from, &data.data, sizeof relay.from);
	while (!mi_response_ended(&back->response)) {
		const char *at = relay.from + relay.len;
		size_t len;
		enum mi_response_part part =
		    mi_response_next(&back->response, mi_span(at, (size_t)(end - at)), &len);

		if (part == MI_RESPONSE_SHORT)
			break;
		if (!take_part(&relay, part, len))
			return;
	}
	data.data = relay.from + relay.len;
	data.len = (size_t)(end - data.data);
	flush(&relay);
	if (back->session->phase == MI_SESSION_CLOSED)
		return;
	mi_channel_keep(&back->channel, data);
	if (mi_response_ended(&back->response) && back->state == MI_BACK_RELAY)
		answer_ended(back);
}
