#include "route/session/command_bytes.h"
#include "base/buf.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/query.h"
#include "protocol/reply.h"
#include "route/session/reply.h"
#include "route/session/state.h"
#include "route/session/stmt.h"

#include <stdio.h>

uint32_t mi_command_payload_len(struct mi_span data)
{
	return mi_packet_len(data.data);
}

bool mi_command_is_whole(struct mi_span data)
{
	return data.len - MI_PACKET_HEADER >= mi_command_payload_len(data);
}

struct mi_span mi_command_payload(struct mi_span data)
{
	size_t have = data.len - MI_PACKET_HEADER, len = mi_command_payload_len(data);

	return mi_span(data.data + MI_PACKET_HEADER, have < len ? have : len);
}

size_t mi_command_drop(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_command *command = &session->command;
	struct mi_span payload = mi_command_payload(data);

	command->left = mi_command_payload_len(data) - (uint32_t)payload.len;
	command->full = mi_command_payload_len(data) == MI_PACKET_MAX;
	command->body = command->dropped = command->left > 0 || command->full;
	return MI_PACKET_HEADER + payload.len;
}

size_t mi_command_refuse(struct mi_route_session *session, struct mi_span data, unsigned code,
                         const char *state, const char *text)
{
	size_t taken = mi_command_drop(session, data);

	mi_session_refuse(session, code, state, text);
	return taken;
}

size_t mi_command_accept(struct mi_route_session *session, struct mi_span data)
{
	size_t taken = mi_command_drop(session, data);

	mi_session_ok(session);
	return taken;
}

size_t mi_command_no_statement(struct mi_route_session *session, struct mi_span data,
                               const char *where)
{
	char text[96];

	(void)snprintf(text, sizeof text, "Unknown prepared statement handler (%u) given to %s",
	               mi_get_u32(data.data + MI_PACKET_HEADER + 1), where);
	return mi_command_refuse(session, data, 1243, "HY000", text);
}

size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data)
{
	mi_notice("session %u of %s at %s: command 0x%02x is not for a router; connect directly",
	          session->id, session->user->name, session->peer, (unsigned char)data.data[4]);
	return mi_command_refuse(session, data, 1047, "08S01", "Unknown command");
}

struct mi_span mi_route_command_text(struct mi_route_session *session)
{
	struct mi_span data = mi_buf_span(&session->command.kept), text = {0};
	struct mi_route_stmt *stmt;

	if (session->command.code == MI_COM_STMT_EXECUTE) {
		stmt = mi_route_stmt_find(session, session->command.stmt);
		return stmt ? mi_span(stmt->text, stmt->text_len) : text;
	}
	if (data.len <= MI_PACKET_HEADER || session->command.code != MI_COM_QUERY ||
	    !mi_query_text(mi_command_payload(data), session->caps, &text))
		return (struct mi_span){0};
	return text;
}

void mi_command_repeat(struct mi_route_session *session, bool elsewhere)
{
	struct mi_route_command *command = &session->command;
	struct mi_buf again = command->kept;
	uint64_t began = command->began, began_us = command->began_us;

	/* it is put before what came meanwhile, as if it had just arrived */
	mi_buf_add_span(&again, mi_buf_span(&session->client.in));
	mi_buf_release(&session->client.in);
	session->client.in = again;
	session->unread = true;
	*command = (struct mi_route_command){
	    .again = true, .elsewhere = elsewhere, .began = began, .began_us = began_us};
	atomic_fetch_add(&session->route->counters.repeated, 1);
	mi_session_settle(session);
	mi_session_resume(session);
}

void mi_command_withdraw(struct mi_route_session *session, unsigned code, const char *state,
                         const char *text)
{
	mi_buf_reset(&session->command.denied);
	mi_reply_err_build(&session->command.denied, (uint16_t)code, state, mi_span_str(text));
	mi_session_resume(session);
}
