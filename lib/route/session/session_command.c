#include "route/session/session_command.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "route/auth/users.h"
#include "route/back/command_answer.h"
#include "route/net/loop.h"
#include "route/session/choose.h"
#include "route/session/client.h"
#include "route/session/command_send.h"
#include "route/state/command.h"
#include "route/state/decide.h"
#include "route/state/note.h"
#include "route/state/prepared.h"
#include "route/state/settings.h"
#include "route/state/state.h"

static struct mi_backend *writer_of(struct mi_route_session *session)
{
	return &session->back[mi_session_writer(session)];
}

/* The server's answer will say that nothing of the session is left; the other side's is reset
 * before anything else runs there. */
static void reset(struct mi_route_session *session)
{
	struct mi_backend *back = writer_of(session), *other = &session->back[!back->side];

	mi_client_forget(session);
	session->collation = 0; /* the server's own, from now on */
	session->multi = session->caps & MI_CAP_MULTI_STATEMENTS;
	mi_prepared_begin(&back->prepared, back->caps & MI_CAP_MULTI_STATEMENTS);
	mi_back_noted_begin(&back->noted);
	mi_session_settings_lost(back);
	if (other->state >= MI_BACK_PREPARE)
		mi_prepared_want_reset(&other->prepared);
}

/* Is the writer ready to be sent the command? Else the command waits, or the session has ended. */
static bool is_ready(struct mi_route_session *session)
{
	if (!session->command.began)
		session->command.began = mi_loop_now(session->client.loop);
	session->command.side = mi_session_writer(session);
	mi_choose_without_text(session, true);
	return mi_command_is_ready(session);
}

size_t mi_session_command_session(struct mi_route_session *session, struct mi_span data)
{
	struct mi_span payload = mi_command_payload(data);
	bool is_option = payload.data[0] == MI_COM_SET_OPTION;

	if (payload.len < (is_option ? 3u : 1u))
		return mi_command_unknown(session, data);
	if (!is_ready(session))
		return 0;
	if (!is_option)
		reset(session);
	else if (payload.data[2] == 0 && (unsigned char)payload.data[1] < 2)
		session->multi = payload.data[1] == 0;
	writer_of(session)->prepared.multi = session->multi;
	return mi_command_send(session, data, (struct mi_span){0}, 0);
}

bool mi_session_command_passes(struct mi_route_session *session)
{
	struct mi_backend *back = &session->back[session->routing.last.side];

	if (back->state != MI_BACK_IDLE || !session->routing.last.has || session->trans.evicted)
		return false;
	session->command.side = back->side;
	session->command.kind = MI_KIND_READ;
	mi_choose_without_text(session, true);
	return true;
}

size_t mi_session_command_user(struct mi_route_session *session, struct mi_span data)
{
	struct mi_span payload = mi_command_payload(data);

	mi_client_change_user(session, payload);
	return MI_PACKET_HEADER + payload.len;
}
