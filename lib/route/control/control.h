/* The control socket: lines of at most 512 bytes, answered by lines of which the last is "ok ...",
 * "held TOKEN EPOCH" or "error CODE text" (CODE of sysexits). mi-route(1), "CONTROL SOCKET", has
 * the commands. Only root and the router's own user are heard. It lives in the first loop. */
#ifndef MI_ROUTE_CONTROL_CONTROL_H
#define MI_ROUTE_CONTROL_CONTROL_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/shared.h"

struct mi_lease;

enum { MI_CONTROL_LINE = 512 };

struct mi_control;

/* Lines that others add: each appends whole lines. Any may be NULL. */
struct mi_control_lines {
	void (*status)(struct mi_route *route, struct mi_buf *text);
	void (*metrics)(struct mi_route *route, struct mi_buf *text);
	void (*incompatible)(struct mi_route *route, struct mi_buf *text);
};

struct mi_control_options {
	/* replaced if it is there: the mode file's lock says that no router runs */
	const char *path;
	const char *users; /* the users file, for detach and reload */
	struct mi_control_lines lines;
};

/* Blocks SIGHUP in this thread and those it starts: the signal then means mi_route_reload. */
MI_MUST int mi_control_open(struct mi_control **control, struct mi_route *route,
                            struct mi_lease *lease, const struct mi_control_options *options,
                            struct mi_err *err);
/* Its holders have gone. Removes the socket. Harmless on NULL. */
void mi_control_close(struct mi_control *control);

#endif
