/* The clients of the control socket ("peers"), and how they are answered. For
 * route/control/control.c, which listens and reads lines, and route/control/commands.c, which
 * carries them out. In the first loop's thread. */
#ifndef MI_ROUTE_CONTROL_PEER_H
#define MI_ROUTE_CONTROL_PEER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/unix_socket.h"
#include "route/auth/users.h"
#include "route/control/control.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/shared/shared.h"

#include <stdbool.h>
#include <stdint.h>

/* A client of the control socket. */
struct mi_peer {
	struct mi_channel channel;
	struct mi_control *control;
	struct mi_peer *prev, *next;
	struct mi_buf text; /* the answer so far */
	/* for a hold or for warm sessions: the next line stays until that is answered */
	bool waiting;
	bool holds; /* a hold was granted to it, and has not ended */
	bool gone;  /* to be freed by control->work */
};

struct mi_control {
	struct mi_route *route;
	struct mi_lease *lease;
	struct mi_control_options options;
	struct mi_watch watch;
	struct mi_task work;
	int fd;
	struct mi_unix_file file; /* of fd */
	struct mi_peer *peers;
	unsigned count;
	/* who waits for warm sessions; NULL: nobody, or the peer has gone */
	struct mi_peer *warming;
	struct mi_timer warm_timer;
	/* as they were when the warming began, or at the last look */
	unsigned warm_refusals;
	uint64_t warm_lost;
	unsigned warm_pause; /* ms */
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

/* Send the last line of an answer, after what is in peer->text. */
void mi_peer_done(struct mi_peer *peer); /* "ok" */
void mi_peer_ok(struct mi_peer *peer, const char *fmt, ...) MI_PRINTF(2, 3);
void mi_peer_error(struct mi_peer *peer, const struct mi_err *err);
void mi_peer_fail(struct mi_peer *peer, int code, const char *text);

/* The peer has gone: hangs up, ends its hold, and frees it at the end of the turn. Harmless when
 * called again. */
void mi_peer_leave(struct mi_peer *peer);

#endif
