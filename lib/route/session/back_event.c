#include "route/session/back_event.h"
#include "base/buf.h"
#include "base/container.h"
#include "route/back/login.h"
#include "route/back/lost.h"
#include "route/back/prepare_answer.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/session/pump.h"
#include "route/session/relay.h"
#include "route/state/state.h"

#include <errno.h>

static void feed(struct mi_backend *back, struct mi_span data)
{
	switch (back->state) {
	case MI_BACK_GREETING:
	case MI_BACK_LOGIN:
		mi_back_login_packets(back, data);
		break;
	case MI_BACK_PREPARE:
		mi_prepare_feed(back, data);
		break;
	case MI_BACK_RELAY:
		mi_relay_feed(back, data);
		break;
	default:
		mi_session_lost_saying(back, data);
		break;
	}
}

static bool is_heard(const struct mi_backend *back)
{
	return back->state == MI_BACK_GREETING ||
	       (back->state > MI_BACK_TLS && back->state != MI_BACK_RELAY);
}

/* Reads what a back end sends before and between answers to the client, which the pump reads. */
static void read_back(struct mi_backend *back)
{
	while (is_heard(back) && back->channel.readable) {
		struct mi_span data;

		switch (mi_channel_read(&back->channel, &data)) {
		case MI_CHANNEL_BYTES:
			feed(back, data);
			break;
		case MI_CHANNEL_NOTHING:
			return;
		case MI_CHANNEL_CLOSED:
			mi_session_lost(back, errno ? strerror(errno) : "it closed the connection");
			return;
		}
	}
}

void mi_back_event(struct mi_watch *watch, uint32_t events)
{
	struct mi_backend *back = mi_container_of(watch, struct mi_backend, channel.watch);

	if (back->state == MI_BACK_NONE)
		return;
	mi_channel_event(&back->channel, events);
	if (back->state == MI_BACK_CONNECTING)
		mi_back_connected(back);
	else if ((events & EPOLLOUT) && back->state != MI_BACK_TLS &&
	         mi_channel_flush(&back->channel) != 0)
		mi_session_lost(back, "it closed the connection");
	read_back(back);
	if (back->state == MI_BACK_TLS) {
		mi_back_shake_hands(back);
		read_back(back);
	}
	if (back->session->phase != MI_SESSION_CLOSED)
		mi_session_pump(back->session);
}
