#include "route/back/lost.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "protocol/response.h"
#include "route/back/command_answer.h"
#include "route/back/open.h"
#include "route/back/reply.h"
#include "route/net/loop.h"
#include "route/shared/names.h"
#include "route/state/command.h"
#include "route/state/decide.h"
#include "route/state/note.h"
#include "route/state/state.h"
#include "server/mysql_errors.h"

#include <stdio.h>

enum { RETRY_MS = 100 };

static void outcome_unknown(struct mi_route_session *session, const char *why)
{
	const struct mi_backend *back = &session->back[session->command.side];
	char text[256];

	(void)snprintf(text, sizeof text,
	               "The connection to the %s was lost (%s): the outcome of the last statement "
	               "is unknown",
	               mi_route_side_names[session->command.side], why);
	atomic_fetch_add(&session->route->counters.outcome_unknown, 1);
	mi_warn("session %u of %s at %s: %s", session->id, mi_session_user_name(session),
	        session->peer, text);
	if (session->phase == MI_SESSION_GONE ||
	    (session->command.answered && !mi_response_at_boundary(&back->response))) {
		mi_session_close(session, why);
		return;
	}
	mi_session_answer_from(
	    session, 1 + (session->command.answered ? back->response.seq : session->command.seq));
	mi_session_fail(session, MI_ER_SERVER_SHUTDOWN, text);
}

static void lost_in_relay(struct mi_backend *back, const char *why)
{
	struct mi_route_session *session = back->session;
	struct mi_route_command *command = &session->command;
	bool repeat = command->kind == MI_KIND_READ && !command->answered && !command->again &&
	              command->kept.len > 0 && !(back->status & MI_STATUS_IN_TRANS) &&
	              !session->pins && !mi_note_holds(back) && !command->untouched;

	mi_note_lost(back);
	if (!repeat || session->phase == MI_SESSION_GONE) {
		outcome_unknown(session, why);
		return;
	}
	mi_back_close(back);
	mi_command_repeat(session, !mi_back_is_writer(back));
}

/* Does the login, or the waiting command, wait for back? */
static bool is_awaited(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	if (session->phase == MI_SESSION_LOGIN_BACK)
		return mi_back_is_writer(back);
	return session->wait == MI_WAIT_BACK && session->command.side == back->side;
}

/* Nothing of the waiting command was sent: the command may wait until the server is back. */
static void lost_while_opening(struct mi_backend *back, const char *why)
{
	struct mi_route_session *session = back->session;
	uint64_t now = mi_loop_now(session->client.loop);
	uint64_t began =
	    session->phase == MI_SESSION_READY ? session->command.began : session->opened;
	char text[256];

	mi_back_close(back);
	if (mi_note_reader_failed(back, false))
		return;
	if (!is_awaited(back))
		return; /* back was being opened before any command needed it */
	if (now - began < session->route->limits.hold_ms) {
		mi_timer_set(session->client.loop, &session->timer, RETRY_MS);
		return;
	}
	(void)snprintf(text, sizeof text, "The %s cannot be reached (%s); nothing was done",
	               mi_route_side_names[back->side], why);
	mi_warn("session %u of %s at %s: %s", session->id, mi_session_user_name(session),
	        session->peer, text);
	mi_session_fail(session, MI_ER_SERVER_SHUTDOWN, text);
}

static void count_lost(struct mi_backend *back, const char *why)
{
	struct mi_route_session *session = back->session;

	atomic_fetch_add(&session->route->counters.lost[back->side], 1);
	mi_detail("session %u of %s at %s: the %s: %s", session->id, mi_session_user_name(session),
	          session->peer, mi_route_side_names[back->side], why);
}

void mi_session_lost_in_answer(struct mi_backend *back, const char *why)
{
	count_lost(back, why);
	lost_in_relay(back, why);
}

/* back was lost while no command of the client's ran there. With what it held the session ends, as
 * it would without a router; said, an ERR that the server sent unasked, goes to the client then. */
static void lost_between(struct mi_backend *back, bool held, const struct mi_reply_err *said)
{
	struct mi_route_session *session = back->session;

	if (held && said) {
		mi_session_fail_unasked_with(session, said);
	} else if (held) {
		mi_session_close(session, "the server closed the connection");
	} else {
		mi_back_close(back);
		if (session->wait == MI_WAIT_BACK)
			mi_session_resume(session);
	}
}

void mi_session_lost(struct mi_backend *back, const char *why)
{
	bool held = mi_note_holds(back);

	count_lost(back, why);
	if (back->state == MI_BACK_RELAY)
		lost_in_relay(back, why);
	else if (back->state == MI_BACK_IDLE || (back->state == MI_BACK_PREPARE && held))
		lost_between(back, held, NULL);
	else
		lost_while_opening(back, why);
}

void mi_session_lost_saying(struct mi_backend *back, struct mi_span data)
{
	struct mi_bytes in = mi_bytes(data);
	struct mi_reply_err reply = {0};
	struct mi_err err = {0};
	struct mi_span payload;
	uint8_t seq;
	bool said = mi_packet_take(&in, &payload, &seq) && payload.len && *payload.data == '\xff' &&
	            mi_reply_err_parse(&reply, payload, &err) == 0;

	count_lost(back, "it closes the connection");
	lost_between(back, mi_note_holds(back), said ? &reply : NULL);
}
