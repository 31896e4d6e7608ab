/* KILL of the router's own connection ids. A client knows only the id in the router's greeting; the
 * servers have ids of their own. */
#ifndef MI_ROUTE_SESSION_KILL_H
#define MI_ROUTE_SESSION_KILL_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/state/state.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_kill_step {
	MI_KILL_NONE,     /* no KILL of one of the router's ids: the command goes its usual way */
	MI_KILL_ANSWERED, /* done here: answer OK */
	MI_KILL_REFUSED,  /* answer with ERR: kill->code and kill->why */
	MI_KILL_SEND,     /* send kill->text, as COM_QUERY, to kill->side */
	MI_KILL_LATER,    /* another loop is at work: call again in a millisecond */
};

/* What is to be done, filled in as the step says. */
struct mi_kill {
	enum mi_route_side side;
	unsigned code;
	char why[64];
	bool close; /* the session has killed itself: close it after the answer */
	char text[48];
};

/* session, which is READY, sends text, the statement or a COM_PROCESS_KILL's payload; code says
 * which. Only sessions of the session's own user can be killed. A command that waits in the router
 * is ended here, one that runs on a server by that server; KILL CONNECTION closes an idle session
 * here. */
enum mi_kill_step mi_kill_command(struct mi_route_session *session, uint8_t code,
                                  struct mi_span text, struct mi_kill *kill);

#endif
