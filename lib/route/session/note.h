/* What the answers to the client's commands tell about the session, noted for later decisions
 * (struct mi_route_noted), and how that state is made again on the other back end. */
#ifndef MI_ROUTE_SESSION_NOTE_H
#define MI_ROUTE_SESSION_NOTE_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/session/state.h"

#include <stdbool.h>
#include <stdint.h>

/* An OK (or the OK that ends rows) of the client's command: status, trackers. */
void mi_route_note_ok(struct mi_route_session *session, struct mi_backend *back,
                      const struct mi_reply_ok *ok);

/* An EOF that ends rows: no trackers were there. */
void mi_route_note_eof(struct mi_route_session *session, struct mi_backend *back, uint16_t status);

/* An ERR. first: nothing of the answer was relayed yet. True: it was a read that only this side
 * could not answer; the relay drops the answer and the command is chosen and sent again (the
 * command's bytes are kept for that where kind is MI_KIND_READ). */
bool mi_route_note_err(struct mi_route_session *session, struct mi_backend *back,
                       const struct mi_reply_err *reply, bool first);

/* The connection to the server was reset (COM_RESET_CONNECTION, COM_CHANGE_USER): nothing that was
 * noted of the session's state is there any more. */
void mi_route_note_reset(struct mi_route_session *session);

/* The back end was lost with the client's command in flight. */
void mi_route_note_lost(struct mi_route_session *session, struct mi_backend *back);

/* Which tracked changes a client sees; a mi_track_keep_fn, arg is the session. */
bool mi_track_is_shown(void *arg, const struct mi_track *track);

/* Does back's session lag behind the session's tracked variables? Appends the SET that brings it
 * there to sql (NULL: only asks, which happens before every command). */
bool mi_route_replay(struct mi_route_session *session, struct mi_backend *back, struct mi_buf *sql);

/* What the server calls collation_connection, where back's session changed it. */
void mi_route_note_collation(struct mi_route_session *session, struct mi_backend *back,
                             struct mi_span name);

/* It was done (reply NULL), or refused: a session whose state cannot be made there again must not
 * be chosen for that side; mi_route_choose is asked again. */
void mi_route_replayed(struct mi_route_session *session, struct mi_backend *back,
                       const struct mi_reply_err *reply);

#endif
