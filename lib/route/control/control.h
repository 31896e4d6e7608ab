/* The control socket: lines of at most 512 bytes, answered by lines of which the last is "ok ...",
 * "held TOKEN EPOCH" or "error CODE text" (CODE of sysexits). The commands are in mi-route(1),
 * "CONTROL SOCKET". Only root and the router's own user may use it. Everything runs in the first
 * loop's thread. */
#ifndef MI_ROUTE_CONTROL_CONTROL_H
#define MI_ROUTE_CONTROL_CONTROL_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/shared.h"

struct mi_lease;

enum { MI_CONTROL_LINE = 512 };

struct mi_control;

/* Functions that add lines to answers: each appends whole lines. Any may be NULL. */
struct mi_control_lines {
	void (*status)(struct mi_route *route, struct mi_buf *text);
	void (*metrics)(struct mi_route *route, struct mi_buf *text);
	void (*incompatible)(struct mi_route *route, struct mi_buf *text);
	void (*lacking)(struct mi_route *route, struct mi_buf *text);
	void (*programs)(struct mi_route *route, struct mi_buf *text);
};

struct mi_control_options {
	/* a file there is replaced: the lock on the mode file says that no router uses it */
	const char *path;
	const char *users; /* the users file, for detach and reload */
	struct mi_control_lines lines;
};

/* Listens. Blocks SIGHUP in this thread and those that it starts later: the signal then calls
 * mi_route_reload. options' texts are the caller's, until the close. MI_CONFIG: the socket cannot
 * be made; MI_AGAIN: SIGHUP cannot be waited for. */
MI_MUST int mi_control_open(struct mi_control **control, struct mi_route *route,
                            struct mi_lease *lease, const struct mi_control_options *options,
                            struct mi_err *err);
/* Hangs up on everybody, which ends a hold, and removes the socket. Harmless on NULL. */
void mi_control_close(struct mi_control *control);

#endif
