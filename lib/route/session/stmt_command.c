#include "route/session/stmt_command.h"
#include "base/buf.h"
#include "protocol/packet.h"
#include "route/auth/users.h"
#include "route/back/command_answer.h"
#include "route/back/lost.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/session/choose.h"
#include "route/session/command_send.h"
#include "route/state/command.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "server/mysql_errors.h"

enum {
	ID_AT = MI_PACKET_HEADER + 1,
	FLAGS_AT = ID_AT + 4,
	TYPES_MAX = 512 << 10, /* bytes of an execute up to the end of its parameter types */
};

/* How many bytes of the first packet have arrived, its header included. */
static size_t have(struct mi_span data)
{
	return MI_PACKET_HEADER + mi_command_payload(data).len;
}

static struct mi_route_stmt *find(struct mi_route_session *session, struct mi_span data)
{
	return mi_route_stmt_find(session, mi_get_u32(data.data + ID_AT));
}

/* Puts a server's id into the command. data lies in the router's own buffer, so it may be written
 * to. */
static void put_id(struct mi_span data, uint32_t id)
{
	char *at;

	memcpy(&at, &data.data, sizeof at);
	mi_put_u32(at + ID_AT, id);
}

static size_t malformed(struct mi_route_session *session, struct mi_span data)
{
	return mi_command_refuse(session, data, MI_ER_MALFORMED_PACKET, NULL);
}

size_t mi_stmt_prepare(struct mi_route_session *session, struct mi_span data)
{
	struct mi_span payload = mi_command_payload(data), text = {0};
	struct mi_decided decided;

	if (mi_command_is_whole(data))
		text = mi_span(payload.data + 1, payload.len - 1);
	if (!mi_command_decide(session, data, text, NULL, &decided))
		return decided.taken;
	if (!mi_command_is_ready(session))
		return 0;
	mi_route_stmt_begin(session, text);
	return mi_command_send(session, data, (struct mi_span){0}, 0);
}

/* Sends the execute with the parameter types inserted, which this server has not been told. */
static size_t send_with_types(struct mi_route_session *session, struct mi_span data, size_t at,
                              const struct mi_route_stmt *stmt)
{
	struct mi_buf head = {0};
	uint32_t len = mi_packet_len(data.data);
	size_t taken;

	if (len >= MI_PACKET_MAX - stmt->types_len)
		return mi_command_refuse(session, data, MI_ER_UNKNOWN_ERROR,
		                         "The statement is too long to be executed at another "
		                         "server: prepare it again");
	mi_buf_add(&head, data.data, at);
	mi_packet_header(head.data, len + (uint32_t)stmt->types_len, 0);
	head.data[at - 1] = 1; /* types follow */
	mi_buf_add(&head, stmt->types, stmt->types_len);
	taken = mi_command_send(session, data, mi_buf_span(&head), at);
	mi_buf_release(&head);
	return taken;
}

static void note_executed(struct mi_route_session *session, struct mi_route_stmt *stmt,
                          enum mi_route_side side)
{
	bool pinned = stmt->cursor || stmt->long_data;

	stmt->last = side;
	stmt->cursor = false; /* the answer will tell */
	if (stmt->home == side)
		stmt->long_data = false;
	stmt->types_sent[side] = true;
	if (pinned)
		mi_route_stmts_pin(session);
}

static size_t send_execute(struct mi_route_session *session, struct mi_span data,
                           struct mi_route_stmt *stmt)
{
	enum mi_route_side side = session->command.side;
	bool had_types = stmt->types_sent[side];
	size_t at = 0, len = 0;
	enum mi_route_types types = mi_route_stmt_types(stmt, data, session->caps, &at, &len);

	session->command.cursor = data.data[FLAGS_AT] & 7;
	put_id(data, stmt->server_id[side]);
	if (types == MI_TYPES_GIVEN)
		mi_route_stmt_keep_types(session, stmt, mi_span(data.data + at, len), side);
	note_executed(session, stmt, side);
	if (types == MI_TYPES_NONE && !had_types && stmt->types)
		return send_with_types(session, data, at, stmt);
	return mi_command_send(session, data, (struct mi_span){0}, 0);
}

size_t mi_stmt_execute(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_command *command = &session->command;
	struct mi_route_stmt *stmt;
	struct mi_decided decided;
	size_t at, len;

	if (have(data) < FLAGS_AT + 5)
		return mi_command_is_whole(data) ? malformed(session, data) : 0;
	stmt = find(session, data);
	if (!stmt)
		return mi_command_no_statement(session, data, "mysqld_stmt_execute");
	switch (mi_route_stmt_types(stmt, data, session->caps, &at, &len)) {
	case MI_TYPES_SHORT:
		if (data.len < TYPES_MAX)
			return 0;
		return malformed(session, data);
	case MI_TYPES_BAD:
		return malformed(session, data);
	default:
		break;
	}
	command->stmt = stmt->id;
	if (!mi_command_decide(session, data, mi_span(stmt->text, stmt->text_len), stmt, &decided))
		return decided.taken;
	if (!mi_command_is_ready(session))
		return 0;
	if (!stmt->server_id[command->side])
		return mi_command_no_statement(session, data, "mysqld_stmt_execute");
	return send_execute(session, data, stmt);
}

size_t mi_stmt_fetch(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_stmt *stmt = have(data) < ID_AT + 8 ? NULL : find(session, data);
	struct mi_backend *back = stmt ? &session->back[stmt->last] : NULL;

	if (have(data) < ID_AT + 8)
		return malformed(session, data);
	if (!stmt || !stmt->server_id[stmt->last] || back->state != MI_BACK_IDLE)
		return mi_command_no_statement(session, data, "mysqld_stmt_fetch");
	put_id(data, stmt->server_id[stmt->last]);
	session->command.stmt = stmt->id;
	session->command.side = stmt->last;
	session->command.cursor = true;
	mi_choose_without_text(session, true);
	return mi_command_send(session, data, (struct mi_span){0}, 0);
}

size_t mi_stmt_reset(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_stmt *stmt = have(data) < ID_AT + 4 ? NULL : find(session, data);
	enum mi_route_side side;

	if (have(data) < ID_AT + 4)
		return malformed(session, data);
	if (!stmt)
		return mi_command_no_statement(session, data, "mysqld_stmt_reset");
	side = stmt->long_data ? stmt->home : stmt->last;
	stmt->long_data = stmt->cursor = false;
	mi_route_stmts_pin(session);
	if (!stmt->server_id[side] || session->back[side].state != MI_BACK_IDLE)
		return mi_command_accept(session, data);
	put_id(data, stmt->server_id[side]);
	session->command.stmt = stmt->id;
	session->command.side = side;
	mi_choose_without_text(session, true);
	return mi_command_send(session, data, (struct mi_span){0}, 0);
}

/* COM_STMT_CLOSE has no answer. */
size_t mi_stmt_close(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_stmt *stmt = have(data) < ID_AT + 4 ? NULL : find(session, data);
	size_t taken = mi_command_drop(session, data);

	for (int side = 0; stmt && side < MI_ROUTE_SIDES; side++) {
		struct mi_backend *back = &session->back[side];

		if (!stmt->server_id[side] || back->state < MI_BACK_PREPARE)
			continue;
		put_id(data, stmt->server_id[side]);
		if (mi_channel_write(&back->channel, mi_span(data.data, ID_AT + 4)) != 0)
			mi_session_lost(back, "it closed the connection");
		if (session->phase == MI_SESSION_CLOSED)
			return 0;
	}
	if (stmt)
		mi_route_stmt_forget(session, stmt);
	mi_route_stmts_pin(session);
	mi_session_command_done(session);
	return taken;
}

/* COM_STMT_SEND_LONG_DATA has no answer, not even when there is no such statement. */
static size_t pass_over(struct mi_route_session *session, struct mi_span data)
{
	size_t taken = mi_command_drop(session, data);

	mi_session_command_done(session);
	return taken;
}

/* COM_STMT_SEND_LONG_DATA has no answer: a server reports at the next execute what was wrong. */
size_t mi_stmt_long_data(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_command *command = &session->command;
	struct mi_route_stmt *stmt;
	struct mi_decided decided;

	if (have(data) < ID_AT + 6)
		return mi_command_is_whole(data) ? pass_over(session, data) : 0;
	stmt = find(session, data);
	if (!stmt)
		return pass_over(session, data);
	command->stmt = stmt->id;
	if (!mi_command_decide(session, data, mi_span(stmt->text, stmt->text_len), stmt, &decided))
		return decided.taken;
	if (!mi_command_is_ready(session))
		return 0;
	if (!stmt->server_id[command->side])
		return pass_over(session, data);
	stmt->home = command->side;
	stmt->long_data = true;
	mi_route_stmts_pin(session);
	put_id(data, stmt->server_id[command->side]);
	return mi_command_send(session, data, (struct mi_span){0}, 0);
}
