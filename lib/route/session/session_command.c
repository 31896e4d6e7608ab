#include "route/session/session_command.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/back/command_answer.h"
#include "route/back/prepare.h"
#include "route/back/reply.h"
#include "route/session/client.h"
#include "route/state/command.h"
#include "route/state/database.h"
#include "route/state/prepared.h"
#include "route/state/state.h"

static struct mi_backend *writer_of(struct mi_route_session *session)
{
	return &session->back[mi_session_writer(session)];
}

static void reset(struct mi_route_session *session)
{
	mi_client_forget(session);
	session->multi = session->caps & MI_CAP_MULTI_STATEMENTS;
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (session->back[side].state >= MI_BACK_PREPARE)
			mi_prepared_want_reset(&session->back[side].prepared);
}

static void begin_change(struct mi_route_session *session, struct mi_span payload)
{
	switch ((unsigned char)payload.data[0]) {
	case MI_COM_INIT_DB:
		mi_database_change(session, mi_span(payload.data + 1, payload.len - 1));
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
	struct mi_buf payload = {0};

	mi_database_taken(session);
	if (code != MI_COM_SET_OPTION || session->caps & MI_CAP_DEPRECATE_EOF) {
		mi_session_ok(session);
		return;
	}
	mi_reply_eof_build(&payload, 0, writer_of(session)->status);
	mi_session_answer(session, mi_buf_span(&payload));
	mi_buf_release(&payload);
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
		mi_database_change(session, name);
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
