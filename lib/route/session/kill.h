/* KILL of the router's own connection ids. The greeting's id is all that a client knows; the
 * servers have others. */
#ifndef MI_ROUTE_SESSION_KILL_H
#define MI_ROUTE_SESSION_KILL_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/state/state.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_kill_step {
	MI_KILL_NONE,     /* not of ours: the command goes its usual way */
	MI_KILL_ANSWERED, /* done here: answer OK */
	MI_KILL_REFUSED,  /* answer with *code and *why */
	MI_KILL_SEND,     /* send *text, as COM_QUERY, to *side */
	MI_KILL_LATER,    /* another loop is at work: ask again in a millisecond */
};

struct mi_kill {
	enum mi_route_side side;
	unsigned code;
	char why[64];
	bool close; /* it killed itself */
	char text[48];
};

/* A text that kills, or COM_PROCESS_KILL. Only sessions of the same user are touched. A command
 * that waits in the router is ended here, one that runs on a server by that server; an idle session
 * is closed here. */
enum mi_kill_step mi_kill_command(struct mi_route_session *session, uint8_t code,
                                  struct mi_span text, struct mi_kill *kill);

#endif
