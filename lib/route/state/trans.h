/* The session's transaction, as the answers tell: is one open, at which side, and has it written?
 * Known from status flags, from the server's transaction tracker (session_track_transaction_info)
 * and, where the answer could not carry the tracker, from the kind of the command: a transaction
 * that is not known to have only read has written.
 *
 * Source: "Server Tracking of Client Session State" in MySQL's manual. */
#ifndef MI_ROUTE_STATE_TRANS_H
#define MI_ROUTE_STATE_TRANS_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/auth/users.h"

#include <stdbool.h>

struct mi_route_session;
struct mi_backend;

struct mi_trans {
	bool open;               /* by the last status flags */
	enum mi_route_side side; /* where it is open */
	bool as_writer;          /* it was begun at the side that was the writer then */
	bool wrote;              /* by the tracker, or by the kinds of its commands */
	bool snapshot; /* all its reads see one moment, that of its first; false: or not known */
	bool evicted;  /* the router rolled it back, and the client has not been told yet */
	bool knows_autocommit; /* an answer to a client's command has told ... */
	bool autocommit;       /* ... this: each statement is its own transaction */
	bool knows_isolation;  /* a tracker has told the session's isolation ... */
	bool repeatable;       /* ... REPEATABLE READ or SERIALIZABLE */
	bool read_only;        /* the client's SET SESSION TRANSACTION READ ONLY is in force */
};

/* back, in RELAY, has answered with OK, ended rows with EOF, or answered with ERR code.
 * back->status is already that of the answer, but for an ERR, which has none. */
void mi_trans_ok(struct mi_backend *back, const struct mi_reply_ok *ok);
void mi_trans_eof(struct mi_backend *back);
void mi_trans_err(struct mi_backend *back, unsigned code);

/* back's tracker tells a variable's new value: takes it if transactions begin as it says. */
void mi_trans_told_variable(struct mi_backend *back, struct mi_span name, struct mi_span value);

/* Is every statement its own transaction? As last told, whichever side the next one goes to. */
bool mi_trans_is_autocommit(const struct mi_route_session *session);

/* No transaction is open any more. */
void mi_trans_forget(struct mi_route_session *session);
/* The router has rolled the transaction back: the client's next statement gets error 1213. */
void mi_trans_evict(struct mi_route_session *session);
/* The client has been told that its transaction was rolled back. */
void mi_trans_told(struct mi_route_session *session);
/* The session was reset: no transaction, and autocommit is what the server says next. */
void mi_trans_reset(struct mi_route_session *session);

#endif
