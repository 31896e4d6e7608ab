#include "route/session/command.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/query.h"
#include "protocol/response.h"
#include "route/back/command_answer.h"
#include "route/back/prepare.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/replica/replica.h"
#include "route/session/choose.h"
#include "route/session/command_send.h"
#include "route/session/kill.h"
#include "route/session/session_command.h"
#include "route/session/stmt_command.h"
#include "route/shared/shared.h"
#include "route/state/command.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/state/state.h"
#include "server/mysql_errors.h"

#include <stdio.h>

enum { KILL_MAX = 256 }; /* a longer text is no KILL */
enum {
	SMALL_MAX = 64 << 10
}; /* bytes of a command but for a statement that must arrive whole before it is looked at */

/* ---- The rest of a command's bytes ---- */

/* The next piece of a command's or file's bytes: *n bytes of data. False: a packet header has not
 * arrived whole. */
static bool next_piece(struct mi_route_command *command, struct mi_span data, size_t *n,
                       bool *empty)
{
	size_t len = command->left;

	*n = 0;
	*empty = false;
	if (len == 0) {
		if (data.len < MI_PACKET_HEADER)
			return false;
		len = mi_command_payload_len(data);
		*empty = len == 0 && !command->full;
		command->seq = mi_packet_seq(data.data);
		command->full = len == MI_PACKET_MAX;
		*n = MI_PACKET_HEADER;
	}
	command->left = (uint32_t)len;
	len = len < data.len - *n ? len : data.len - *n;
	command->left -= (uint32_t)len;
	*n += len;
	return true;
}

/* Relays, or drops, the rest of the command or of the client's file. Returns how many bytes of data
 * that took. */
static size_t relay_rest(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_command *command = &session->command;
	bool empty;
	size_t n;

	if (!next_piece(command, data, &n, &empty))
		return 0;
	if (!command->dropped && !mi_command_write(session, mi_span(data.data, n)))
		return n;
	if (command->file) {
		if (empty) {
			command->file = false;
			mi_response_file_sent(&session->back[command->side].response);
		}
	} else if (command->left == 0 && !command->full) {
		command->body = false;
		if (command->dropped)
			command->dropped = false;
		else if (!mi_response_expected(command->code))
			mi_session_command_done(session);
	}
	return n;
}

/* ---- Commands that the router answers ---- */

static void statistics(struct mi_route_session *session)
{
	struct mi_route *route = session->route;
	char text[128];

	(void)snprintf(
	    text, sizeof text, "Uptime: %llu  Threads: %d  Questions: %llu",
	    (unsigned long long)(mi_loop_now(session->client.loop) - route->started) / 1000,
	    atomic_load(&route->count),
	    (unsigned long long)(route->counters.statements[0] + route->counters.statements[1]));
	mi_session_answer(session, mi_span_str(text));
}

/* ---- Commands that go to a server ---- */

/* Sends a KILL of one of the router's ids, with the id that the server gave the connection. */
static size_t send_kill(struct mi_route_session *session, struct mi_span data,
                        const struct mi_kill *kill)
{
	struct mi_backend *back = &session->back[kill->side];
	struct mi_buf head = {0};
	size_t begin, taken;
	uint8_t seq = 0;

	session->command.side = kill->side;
	mi_choose_without_text(session, true);
	if (mi_back_prepare(back) != MI_BACK_READY)
		return 0;
	begin = mi_packet_begin(&head);
	mi_buf_add_char(&head, MI_COM_QUERY);
	if (back->caps & MI_CAP_QUERY_ATTRIBUTES)
		mi_buf_add(&head, "\0\1", 2);
	mi_buf_add_str(&head, kill->text);
	(void)mi_packet_end(&head, begin, &seq);
	session->command.code = MI_COM_QUERY;
	taken = mi_command_send(session, data, mi_buf_span(&head),
	                        MI_PACKET_HEADER + mi_command_payload_len(data));
	mi_buf_release(&head);
	return taken;
}

/* A KILL of one of the router's ids, which does not wait for a hold. False: the text is none. */
static bool kill_ours(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                      size_t *taken)
{
	struct mi_kill kill = {0};

	*taken = 0;
	switch (mi_kill_command(session, session->command.code, text, &kill)) {
	case MI_KILL_NONE:
		return false;
	case MI_KILL_ANSWERED:
		*taken = mi_command_accept(session, data);
		break;
	case MI_KILL_REFUSED:
		if (kill.close)
			mi_session_fail(session, kill.code, kill.why);
		else
			*taken = mi_command_refuse(session, data, kill.code, kill.why);
		break;
	case MI_KILL_SEND:
		*taken = send_kill(session, data, &kill);
		break;
	case MI_KILL_LATER:
		mi_session_wait_for(session, MI_WAIT_BACK);
		mi_timer_set(session->client.loop, &session->timer, 1);
		break;
	}
	return true;
}

static size_t process_kill(struct mi_route_session *session, struct mi_span data)
{
	struct mi_span payload = mi_command_payload(data);
	size_t taken;

	if (kill_ours(session, data, mi_span(payload.data + 1, payload.len - 1), &taken))
		return taken;
	return mi_command_unknown(session, data);
}

/* Sends the command with sql in place of its text; the query attributes before the text stay. */
static size_t send_instead(struct mi_route_session *session, struct mi_span data,
                           struct mi_span text, struct mi_span sql)
{
	struct mi_buf head = {0};
	size_t begin = mi_packet_begin(&head), taken;
	uint8_t seq = 0;

	mi_buf_add(&head, data.data + MI_PACKET_HEADER,
	           (size_t)(text.data - data.data) - MI_PACKET_HEADER);
	mi_buf_add_span(&head, sql);
	(void)mi_packet_end(&head, begin, &seq);
	taken = mi_command_send(session, data, mi_buf_span(&head),
	                        MI_PACKET_HEADER + mi_command_payload_len(data));
	mi_buf_release(&head);
	return taken;
}

static size_t query(struct mi_route_session *session, struct mi_span data)
{
	struct mi_span payload = mi_command_payload(data), text = {0};
	struct mi_buf sql = {0};
	struct mi_decided decided;
	size_t taken;

	if ((mi_command_is_whole(data) || session->command.cut) &&
	    !mi_query_text(payload, session->caps, &text))
		text = (struct mi_span){0};
	if (text.len && text.len < KILL_MAX && kill_ours(session, data, text, &taken))
		return taken;
	if (!mi_command_decide(session, data, text, NULL, &decided))
		return decided.taken;
	if (!mi_command_is_ready(session))
		return 0;
	if (!decided.verdict.strips_trackers)
		return mi_command_send(session, data, (struct mi_span){0}, 0);
	mi_choose_stripped(&decided.statement, &sql);
	taken = send_instead(session, data, text, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return taken;
}

/* ---- One command ---- */

/* May no definition come through now? */
static bool guards(const struct mi_route_session *session)
{
	enum mi_route_mode mode = mi_route_mode(session->route);

	return (mode == MI_MODE_REPLICA || mode == MI_MODE_PRIMARY) &&
	       !session->route->replica->allow_ddl;
}

static bool needed_whole(const struct mi_route_session *session, uint32_t len)
{
	switch (session->command.code) {
	case MI_COM_QUERY:
		return len <= MI_TEXT_MAX || (len < MI_PACKET_MAX && guards(session));
	case MI_COM_STMT_PREPARE:
		return len <= MI_PREPARE_MAX;
	case MI_COM_PING:
	case MI_COM_STATISTICS:
	case MI_COM_INIT_DB:
	case MI_COM_SET_OPTION:
	case MI_COM_RESET_CONNECTION:
	case MI_COM_CHANGE_USER:
	case MI_COM_PROCESS_KILL:
	case MI_COM_STMT_FETCH:
	case MI_COM_STMT_RESET:
	case MI_COM_STMT_CLOSE:
		return true;
	default:
		return false; /* their bytes are relayed or dropped as they arrive */
	}
}

/* Answers a command that was withdrawn. When that is a change of the default database which the
 * server has refused, the session has its former one again. */
static size_t withdrawn(struct mi_route_session *session, struct mi_span data)
{
	if ((data.data[4] == MI_COM_INIT_DB || data.data[4] == MI_COM_QUERY) &&
	    session->command.begun)
		mi_database_refused(session);
	return mi_command_answer_withdrawn(session, data);
}

static size_t by_code(struct mi_route_session *session, struct mi_span data)
{
	switch (session->command.code) {
	case MI_COM_QUIT:
		mi_session_close(session, NULL);
		return 0;
	case MI_COM_PING:
		mi_session_ok(session);
		return MI_PACKET_HEADER + mi_command_payload_len(data);
	case MI_COM_STATISTICS:
		statistics(session);
		return MI_PACKET_HEADER + mi_command_payload_len(data);
	case MI_COM_INIT_DB:
	case MI_COM_SET_OPTION:
	case MI_COM_RESET_CONNECTION:
		return mi_session_command_session(session, data);
	case MI_COM_CHANGE_USER:
		return mi_session_command_user(session, data);
	case MI_COM_PROCESS_KILL:
		return process_kill(session, data);
	case MI_COM_QUERY:
	case MI_COM_FIELD_LIST:
	case MI_COM_REFRESH:
		return query(session, data);
	case MI_COM_STMT_PREPARE:
		return mi_stmt_prepare(session, data);
	case MI_COM_STMT_EXECUTE:
		return mi_stmt_execute(session, data);
	case MI_COM_STMT_FETCH:
		return mi_stmt_fetch(session, data);
	case MI_COM_STMT_RESET:
		return mi_stmt_reset(session, data);
	case MI_COM_STMT_CLOSE:
		return mi_stmt_close(session, data);
	case MI_COM_STMT_SEND_LONG_DATA:
		return mi_stmt_long_data(session, data);
	default:
		return mi_command_unknown(session, data);
	}
}

/* Takes the command at the front of data. Returns how many bytes that took; 0: none, because the
 * command waits or has not arrived far enough, or the session was closed. */
static size_t one_command(struct mi_route_session *session, struct mi_span data)
{
	uint32_t len;

	if (data.len < MI_PACKET_HEADER)
		return 0;
	len = mi_command_payload_len(data);
	if (len == 0 || mi_packet_seq(data.data) != 0) {
		mi_session_answer_from(session, mi_packet_seq(data.data) + 1);
		mi_session_fail(session, MI_ER_NET_PACKETS_OUT_OF_ORDER, NULL);
		return 0;
	}
	if (data.len == MI_PACKET_HEADER)
		return 0;
	mi_session_answer_from(session, 1);
	session->command.code = (uint8_t)data.data[4];
	if (session->command.denied.len)
		return withdrawn(session, data);
	session->command.cut =
	    session->command.code == MI_COM_QUERY && len == MI_PACKET_MAX && guards(session);
	if (session->command.cut && data.len < MI_TEXT_BEGINNING)
		return 0;
	if (needed_whole(session, len) && !mi_command_is_whole(data)) {
		if (len <= SMALL_MAX || session->command.code == MI_COM_STMT_PREPARE ||
		    session->command.code == MI_COM_QUERY)
			return 0;
		mi_session_fail(session, MI_ER_NET_PACKET_TOO_LARGE,
		                "Got a packet bigger than this command may have");
		return 0;
	}
	return by_code(session, data);
}

void mi_command_feed(struct mi_route_session *session, struct mi_span data)
{
	while (data.len > 0 && session->phase == MI_SESSION_READY) {
		const struct mi_route_command *command = &session->command;
		bool inside = command->body || command->file;
		size_t taken;

		if (!inside && (command->running || session->wait != MI_WAIT_NOTHING)) {
			session->unread = true;
			break;
		}
		taken = inside ? relay_rest(session, data) : one_command(session, data);
		if (taken == 0) {
			session->unread = session->wait != MI_WAIT_NOTHING;
			break;
		}
		data.data += taken;
		data.len -= taken;
	}
	if (session->phase == MI_SESSION_CLOSED)
		return;
	if (session->phase != MI_SESSION_READY && data.len)
		session->unread = true;
	mi_channel_keep(&session->client, data);
}
