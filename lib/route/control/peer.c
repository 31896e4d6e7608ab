#include "route/control/peer.h"
#include "base/buf.h"
#include "base/err.h"
#include "route/control/control.h"
#include "route/control/lease.h"
#include "route/net/channel.h"
#include "route/net/loop.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

void mi_peer_leave(struct mi_peer *peer)
{
	struct mi_control *control = peer->control;

	if (peer->gone)
		return;
	peer->gone = true;
	if (control->warming == peer)
		control->warming = NULL;
	mi_channel_close(&peer->channel);
	mi_lease_leave(control->lease, peer);
	mi_task_add(mi_control_loop(control), &control->work);
}

void mi_peer_send(struct mi_peer *peer)
{
	if (!peer->gone && mi_channel_write(&peer->channel, mi_buf_span(&peer->text)) != 0)
		mi_peer_leave(peer);
	mi_buf_release(&peer->text);
}

void mi_peer_ok(struct mi_peer *peer, const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	mi_buf_addf(&peer->text, "ok %s\n", line);
	mi_peer_send(peer);
}

void mi_peer_done(struct mi_peer *peer)
{
	mi_buf_add_str(&peer->text, "ok\n");
	mi_peer_send(peer);
}

void mi_peer_error(struct mi_peer *peer, const struct mi_err *err)
{
	char line[MI_CONTROL_LINE];

	(void)snprintf(line, sizeof line - 1, "error %d %s%s%s", err->code ? err->code : MI_BUG,
	               err->text, *err->hint ? ": " : "", err->hint);
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	mi_buf_addf(&peer->text, "%s\n", line);
	mi_peer_send(peer);
}

void mi_peer_fail(struct mi_peer *peer, int code, const char *text)
{
	struct mi_err err = {0};

	(void)mi_fail(&err, code, "%s", text);
	mi_peer_error(peer, &err);
}
