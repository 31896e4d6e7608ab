/* Inside the control socket: who speaks, and how they are answered. For route/control/control.c,
 * which listens and reads lines, and route/control/commands.c, which obeys them. */
#ifndef MI_ROUTE_CONTROL_PEER_H
#define MI_ROUTE_CONTROL_PEER_H

#include "base/buf.h"
#include "base/err.h"
#include "route/auth/users.h"
#include "route/control/control.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/shared/shared.h"

#include <stdbool.h>
#include <stdint.h>

/* One who speaks to us. */
struct mi_peer {
	struct mi_channel channel;
	struct mi_control *control;
	struct mi_peer *prev, *next;
	struct mi_buf text; /* of the answer in hand */
	bool waiting;       /* for a hold or for warm sessions: its next line is not looked at */
	bool holds;
	bool gone; /* freed by the task */
};

struct mi_control {
	struct mi_route *route;
	struct mi_lease *lease;
	struct mi_control_options options;
	struct mi_watch watch;
	struct mi_task work;
	int fd;
	struct mi_peer *peers;
	unsigned count;
	struct mi_peer *warming; /* NULL: nobody, or it has gone */
	struct mi_timer warm_timer;
	enum mi_route_side warm_side;
	uint64_t warm_until;
	struct mi_watch hup;
	int hup_fd;
};

static inline struct mi_loop *mi_control_loop(const struct mi_control *control)
{
	return control->route->loops[0];
}

/* Sends peer->text, and empties it. */
void mi_peer_send(struct mi_peer *peer);

/* The last line of an answer, after what is in peer->text. */
void mi_peer_done(struct mi_peer *peer); /* "ok" */
void mi_peer_ok(struct mi_peer *peer, const char *fmt, ...) MI_PRINTF(2, 3);
void mi_peer_error(struct mi_peer *peer, const struct mi_err *err);
void mi_peer_fail(struct mi_peer *peer, int code, const char *text);

/* It has gone, and its hold with it; it is freed at the end of the turn. */
void mi_peer_leave(struct mi_peer *peer);

#endif
