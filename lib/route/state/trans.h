/* The session's transaction, as the answers tell it: is one open, where, and has it written? From
 * status flags, from the server's transaction tracker (session_track_transaction_info) and, where a
 * result set could not carry that, from what the command was decided to be: what is not known to
 * have only read has written.
 *
 * Source: "Server Tracking of Client Session State" in MySQL's manual. */
#ifndef MI_ROUTE_STATE_TRANS_H
#define MI_ROUTE_STATE_TRANS_H

#include "protocol/reply.h"
#include "route/auth/users.h"

#include <stdbool.h>

struct mi_route_session;
struct mi_backend;

struct mi_trans {
	bool open;               /* as the last status said */
	enum mi_route_side side; /* where it is */
	bool as_writer;          /* it was begun at what was the writer then */
	bool wrote;              /* by the tracker, or by the kinds of its commands */
	bool evicted;            /* the router rolled it back, and the client has not been told */
	bool knows_autocommit;   /* an answer to a command of the client's has told ... */
	bool autocommit;         /* ... this */
};

void mi_trans_ok(struct mi_backend *back, const struct mi_reply_ok *ok);
void mi_trans_eof(struct mi_backend *back);
void mi_trans_err(struct mi_backend *back, unsigned code);

/* Is every statement its own transaction, whichever side the next one goes to? */
bool mi_trans_is_autocommit(const struct mi_route_session *session);

/* Nothing is open any more. */
void mi_trans_forget(struct mi_route_session *session);
/* The router has rolled it back: the client's next statement gets 1213. */
void mi_trans_evict(struct mi_route_session *session);
/* The client knows that its transaction was rolled back. */
void mi_trans_told(struct mi_route_session *session);
/* The session was reset: autocommit is what the server says next. */
void mi_trans_reset(struct mi_route_session *session);

#endif
