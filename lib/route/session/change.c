#include "route/session/change.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/net/channel.h"
#include "route/session/back_event.h"
#include "route/session/client.h"
#include "route/session/command_bytes.h"
#include "route/session/note.h"
#include "route/session/prepare.h"
#include "route/session/reply.h"
#include "route/session/state.h"
#include "route/session/stmt.h"
#include "route/session/trans.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

static struct mi_backend *writer_of(struct mi_route_session *session)
{
	return &session->back[mi_route_writer(mi_route_mode(session->route))];
}

/* The old name stays in command.kept until the server has taken the new one. */
static void set_database(struct mi_route_session *session, struct mi_span name)
{
	session->database_generation++;
	session->command.kept = session->database;
	session->database = (struct mi_buf){0};
	mi_buf_add_span(&session->database, name);
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		struct mi_backend *back = &session->back[side];

		back->had_database = back->has_database;
		back->has_database = false;
	}
}

void mi_session_command_database_refused(struct mi_route_session *session)
{
	session->database_generation++;
	mi_buf_release(&session->database);
	session->database = session->command.kept;
	session->command.kept = (struct mi_buf){0};
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		session->back[side].has_database = session->back[side].had_database;
}

static void reset(struct mi_route_session *session)
{
	mi_route_stmts_free(session);
	mi_route_note_reset(session);
	session->pins = 0;
	session->evicted = false;
	mi_trans_forget(session);
	session->has_insert_id = session->carries_insert_id = false;
	session->multi = session->caps & MI_CAP_MULTI_STATEMENTS;
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		session->back[side].wants_reset = session->back[side].state >= MI_BACK_PREPARE;
}

static void begin_change(struct mi_route_session *session, struct mi_span payload)
{
	switch ((unsigned char)payload.data[0]) {
	case MI_COM_INIT_DB:
		set_database(session, mi_span(payload.data + 1, payload.len - 1));
		break;
	case MI_COM_SET_OPTION:
		session->multi = payload.data[1] == 0;
		break;
	default:
		reset(session);
		break;
	}
}

static void answer_change(struct mi_route_session *session, uint8_t code)
{
	struct mi_buf payload = {0}, packet = {0};

	if (code != MI_COM_SET_OPTION || session->caps & MI_CAP_DEPRECATE_EOF) {
		mi_session_ok(session);
		return;
	}
	mi_reply_eof_build(&payload, 0, writer_of(session)->status);
	mi_packet_add(&packet, mi_buf_span(&payload), &session->seq);
	if (mi_channel_write(&session->client, mi_buf_span(&packet)) != 0)
		mi_session_client_lost(session);
	else
		mi_session_command_done(session);
	mi_buf_release(&payload);
	mi_buf_release(&packet);
}

size_t mi_session_command_session(struct mi_route_session *session, struct mi_span data)
{
	struct mi_route_command *command = &session->command;
	struct mi_span payload = mi_command_payload(data);
	struct mi_backend *back = writer_of(session);

	if (payload.len < (payload.data[0] == MI_COM_SET_OPTION ? 3u : 1u))
		return mi_command_unknown(session, data);
	command->side = back->side;
	if (!command->begun) {
		command->begun = true;
		begin_change(session, payload);
	}
	if (mi_back_prepare(back) != MI_BACK_READY)
		return 0;
	answer_change(session, (uint8_t)payload.data[0]);
	return MI_PACKET_HEADER + payload.len;
}

size_t mi_session_command_database(struct mi_route_session *session, struct mi_span data,
                                   struct mi_span name)
{
	struct mi_route_command *command = &session->command;
	struct mi_backend *back = writer_of(session);

	command->side = back->side;
	if (!command->begun) {
		command->begun = true;
		set_database(session, name);
	}
	if (mi_back_prepare(back) != MI_BACK_READY)
		return 0;
	answer_change(session, MI_COM_INIT_DB);
	return MI_PACKET_HEADER + mi_command_payload(data).len;
}

size_t mi_session_command_user(struct mi_route_session *session, struct mi_span data)
{
	struct mi_span payload = mi_command_payload(data);

	mi_client_change_user(session, payload);
	return MI_PACKET_HEADER + payload.len;
}
