/* Which side a command goes to, and what its answer tells about the session: the only place that
 * looks at what statements mean. */
#ifndef MI_ROUTE_SESSION_CHOOSE_H
#define MI_ROUTE_SESSION_CHOOSE_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/session/state.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_route_verdict {
	MI_CHOSE_SEND,   /* to choice->side */
	MI_CHOSE_WAIT,   /* choice->wait was set: asked again after mi_session_resume */
	MI_CHOSE_USE,    /* to make choice->database the default database */
	MI_CHOSE_ANSWER, /* it was answered here (mi_session_refuse, or an OK): do not send it */
};

struct mi_route_choice {
	enum mi_route_side side;
	enum mi_route_kind kind;
	enum mi_session_wait wait;
	bool local_infile;      /* LOAD DATA LOCAL: a request for a file is believed */
	struct mi_buf database; /* MI_CHOSE_USE: the client's name of it; the caller releases it */
};

/* Longer texts are relayed as they come, and not looked at. */
enum { MI_TEXT_MAX = 16 << 10 };

/* code is the command's; text, without the command byte and query attributes, is whole, or its data
 * is NULL when it is longer than MI_TEXT_MAX. For COM_STMT_EXECUTE text is the
 * statement's, kept from PREPARE. Called once per command that goes to a back end, and again after
 * each wait. */
enum mi_route_verdict mi_route_choose(struct mi_route_session *session, uint8_t code,
                                      struct mi_span text, struct mi_route_choice *choice);

/* A SET of session trackers and of other things was chosen: appends it without the trackers, which
 * are the router's own. False: it was not. */
bool mi_route_choose_rewritten(struct mi_route_session *session, struct mi_span text,
                               struct mi_buf *sql);

/* The same for a command that goes where it must without being asked about: the end of a
 * transaction, a fetch, a KILL. harmless: it can change no row. */
void mi_choose_without_text(struct mi_route_session *session, bool harmless);

/* Was something set for the next transaction alone (SET TRANSACTION) at a server that is not the
 * one of side? Then it is forgotten, and the client must be told to begin again. */
bool mi_choose_next_trans_is_lost(struct mi_route_session *session, enum mi_route_side side);

#endif
