/* What answers tell about the session's transaction, for holds: is one open, where, and has it
 * written? From status flags, from the server's transaction tracker
 * (session_track_transaction_info) and, where a result set could not carry that, from what the
 * command was chosen as: what is not known to have only read has written.
 *
 * Source: "Server Tracking of Client Session State" in MySQL's manual. */
#ifndef MI_ROUTE_SESSION_TRANS_H
#define MI_ROUTE_SESSION_TRANS_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/session/state.h"

#include <stdbool.h>
#include <stdint.h>

void mi_trans_ok(struct mi_route_session *session, struct mi_backend *back,
                 const struct mi_reply_ok *ok);
void mi_trans_eof(struct mi_route_session *session, struct mi_backend *back, uint16_t status);
void mi_trans_err(struct mi_route_session *session, struct mi_backend *back, unsigned code);

/* Is every statement its own transaction, whichever side the next one goes to? */
bool mi_trans_is_autocommit(const struct mi_route_session *session);

/* Nothing is open any more: the session was reset, or its transaction rolled back. */
void mi_trans_forget(struct mi_route_session *session);

/* Does this statement do nothing but end a transaction? And without its changes? */
bool mi_trans_ends(struct mi_span text);
bool mi_trans_rolls_back(struct mi_span text);

#endif
