#include "route/back/command_answer.h"
#include "base/buf.h"
#include "base/msg.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/back/reply.h"
#include "route/state/command.h"
#include "route/state/state.h"
#include "server/mysql_errors.h"

#include <stdio.h>

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
                         const char *text)
{
	size_t taken = mi_command_drop(session, data);

	mi_session_refuse(session, code, text);
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
	return mi_command_refuse(session, data, MI_ER_UNKNOWN_STMT_HANDLER, text);
}

size_t mi_command_unknown(struct mi_route_session *session, struct mi_span data)
{
	mi_notice("session %u of %s at %s: command 0x%02x is not for a router; connect directly",
	          session->id, session->user->name, session->peer, (unsigned char)data.data[4]);
	return mi_command_refuse(session, data, MI_ER_UNKNOWN_COM_ERROR, NULL);
}

void mi_command_repeat(struct mi_route_session *session, bool elsewhere)
{
	struct mi_route_command *command = &session->command;
	struct mi_buf again = command->kept;
	uint64_t began = command->began, began_us = command->began_us;

	/* the command goes before what came meanwhile, as if it had just arrived */
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

void mi_command_withdraw(struct mi_route_session *session, const struct mi_reply_err *reply)
{
	mi_buf_reset(&session->command.denied);
	mi_reply_err_build(&session->command.denied, reply->code,
	                   reply->state[0] ? reply->state : "HY000", reply->text);
	mi_session_resume(session);
}

size_t mi_command_answer_withdrawn(struct mi_route_session *session, struct mi_span data)
{
	struct mi_buf payload = session->command.denied;
	size_t taken = mi_command_drop(session, data);

	session->command.denied = (struct mi_buf){0};
	mi_session_answer(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
	return taken;
}
