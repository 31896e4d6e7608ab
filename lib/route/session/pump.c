#include "route/session/pump.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "route/auth/users.h"
#include "route/back/lost.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/session/client.h"
#include "route/session/command.h"
#include "route/session/relay.h"
#include "route/state/command.h"
#include "route/state/decide.h"
#include "route/state/state.h"

#include <errno.h>

enum { ROUNDS = 16 }; /* of reading per event; then other sessions have their turn */

static bool may_relay(const struct mi_route_session *session, const struct mi_backend *back)
{
	return back->state == MI_BACK_RELAY && back->channel.readable &&
	       !mi_channel_is_blocked(&session->client);
}

static bool relay(struct mi_route_session *session, struct mi_backend *back)
{
	struct mi_span data;

	if (!may_relay(session, back))
		return false;
	switch (mi_channel_read(&back->channel, &data)) {
	case MI_CHANNEL_BYTES:
		mi_relay_feed(back, data);
		return true;
	case MI_CHANNEL_NOTHING:
		return false;
	case MI_CHANNEL_CLOSED:
		break;
	}
	mi_session_lost(back, errno ? strerror(errno) : "it closed the connection");
	return true;
}

/* May the client's next bytes be looked at? */
static bool may_read(const struct mi_route_session *session)
{
	const struct mi_route_command *command = &session->command;

	switch (session->phase) {
	case MI_SESSION_HELLO:
	case MI_SESSION_AUTH:
	case MI_SESSION_CHANGE_USER:
		return !session->delayed;
	case MI_SESSION_READY:
		if (session->wait != MI_WAIT_NOTHING || mi_channel_is_blocked(&session->client))
			return false;
		if (command->body || command->file)
			return command->dropped ||
			       !mi_channel_is_blocked(&session->back[command->side].channel);
		return !command->running;
	default:
		return false;
	}
}

static void feed(struct mi_route_session *session, struct mi_span data)
{
	if (session->phase == MI_SESSION_READY)
		mi_command_feed(session, data);
	else
		mi_client_login(session, data);
}

static bool read_client(struct mi_route_session *session)
{
	struct mi_channel *channel = &session->client;
	struct mi_span data;

	if (!may_read(session))
		return false;
	if (session->unread) { /* a command that arrived together with the one before */
		struct mi_buf kept = channel->in;

		session->unread = false;
		channel->in = (struct mi_buf){0};
		feed(session, mi_buf_span(&kept));
		mi_buf_release(&kept);
		return true;
	}
	if (!channel->readable)
		return false;
	/* TLS may begin right behind a first packet of 36 bytes: read no further than that */
	switch (session->phase == MI_SESSION_HELLO ? mi_channel_read_first(channel, 36, &data)
	                                           : mi_channel_read(channel, &data)) {
	case MI_CHANNEL_BYTES:
		feed(session, data);
		return true;
	case MI_CHANNEL_NOTHING:
		return false;
	case MI_CHANNEL_CLOSED:
		break;
	}
	session->vanished = true;
	mi_session_close(session, errno ? strerror(errno) : "");
	return true;
}

static void shake_hands(struct mi_route_session *session)
{
	struct mi_err err = {0};

	switch (mi_channel_handshake(&session->client, &err)) {
	case MI_CHANNEL_NOTHING:
		return;
	case MI_CHANNEL_BYTES:
		mi_session_enter(session, MI_SESSION_AUTH);
		return;
	case MI_CHANNEL_CLOSED:
		break;
	}
	mi_notice("login from %s refused: %s", session->peer, err.text);
	mi_session_close(session, err.text);
}

/* A client that hangs up while its command or login waits has withdrawn that; but not while only
 * its connection at the server is being prepared: a server would run what it has been sent. */
static bool withdrew(const struct mi_route_session *session)
{
	return session->client.hung_up &&
	       (session->wait == MI_WAIT_HOLD || session->wait == MI_WAIT_CAUSAL ||
	        session->delayed || session->phase == MI_SESSION_LOGIN_BACK);
}

/* A client that hangs up while a server works on its command. A COM_QUIT may be the last that it
 * has said; commands behind the one that runs are run, as a server would. */
static bool left(struct mi_route_session *session)
{
	const struct mi_route_command *command = &session->command;
	static const char quit[] = {1, 0, 0, 0, MI_COM_QUIT};

	return session->phase == MI_SESSION_READY && session->client.hung_up && command->running &&
	       !command->unheard && !command->body && !command->file &&
	       mi_channel_ends_with(&session->client, mi_span(quit, sizeof quit));
}

static void lose_broken(struct mi_route_session *session)
{
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (session->back[side].broken && session->phase != MI_SESSION_CLOSED)
			mi_session_lost(&session->back[side], "it closed the connection");
}

void mi_session_pump(struct mi_route_session *session)
{
	for (int round = 0; round < ROUNDS; round++) {
		bool moved = false;

		if (session->phase == MI_SESSION_TLS)
			shake_hands(session);
		if (session->phase == MI_SESSION_CLOSED)
			return;
		if (withdrew(session)) {
			session->vanished = true;
			mi_session_close(session, "the client has gone");
			return;
		}
		if (left(session))
			mi_session_client_left(session);
		if (session->phase == MI_SESSION_CLOSED)
			return;
		for (int side = 0; side < MI_ROUTE_SIDES; side++)
			moved |= relay(session, &session->back[side]);
		/* only now, when what those servers sent before they closed has been read */
		lose_broken(session);
		moved |= read_client(session);
		if (!moved)
			return;
	}
	mi_session_resume(session);
}
