/* What the answers to the client's commands tell about the session, noted for later decisions. What
 * the command was does not matter here: its effects, as decided, do (struct mi_effects). */
#ifndef MI_ROUTE_STATE_NOTE_H
#define MI_ROUTE_STATE_NOTE_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/replica/marks.h"

#include <stdbool.h>

struct mi_route_session;
struct mi_backend;

struct mi_routing {
	bool next_only;               /* something was set for the next transaction alone, ... */
	enum mi_route_side next_side; /* ... here */
	bool unsure;      /* the writer has not told yet what a program did to the session */
	bool only_writer; /* the other side refuses this session, or a setting of it */
	enum mi_route_side last_select; /* where the last query that gave rows ran */

	struct mi_causal_need need;  /* what this session's reads must see */
	struct mi_causal_need *user; /* that of all sessions of its user; NULL: not asked for yet */

	/* A read that the target could not answer, while the source is asked. */
	unsigned failed_code; /* 0: none */
	struct mi_buf failed_digest;
};

/* A back end's part. */
struct mi_back_noted {
	bool stateful;       /* the server reported state that is not made again elsewhere */
	bool wants_trackers; /* the client has set some of the router's trackers among other things
	                      */
};

/* An OK (or the OK that ends rows) of the client's command: status, trackers. */
void mi_note_ok(struct mi_backend *back, const struct mi_reply_ok *ok);
/* An EOF that ends rows: no trackers were there. */
void mi_note_eof(struct mi_backend *back);
/* An ERR. first: nothing of the answer was relayed yet. True: it was a read that only this side
 * could not answer; the relay drops the answer and the command is decided on and sent again (its
 * bytes are kept for that where its kind is MI_KIND_READ). */
bool mi_note_err(struct mi_backend *back, const struct mi_reply_err *reply, bool first);
/* The back end was lost with the client's command in flight. */
void mi_note_lost(struct mi_backend *back);

/* The session was reset (COM_RESET_CONNECTION, COM_CHANGE_USER): nothing that was noted of its
 * state is there any more; what its reads must see is. */
void mi_note_reset(struct mi_route_session *session);

/* What was set for the next transaction alone is lost: the client is told. */
void mi_note_next_lost(struct mi_route_session *session);

/* The session's settings cannot be made at back: it must not be chosen for that side. */
void mi_note_refused(struct mi_backend *back);

/* back cannot be opened, or (for_good) refuses this session. True: it only reads, in a mode where
 * the writer reads as well; the waiting command is decided on again. */
bool mi_note_reader_failed(struct mi_backend *back, bool for_good);

/* The back end's session is new. */
static inline void mi_back_noted_begin(struct mi_back_noted *noted)
{
	*noted = (struct mi_back_noted){0};
}

/* back's trackers are as the router needs them. */
void mi_note_trackers_made(struct mi_backend *back);

/* The need of all sessions of the session's user; NULL before the login. */
struct mi_causal_need *mi_note_user_need(struct mi_route_session *session);

/* The statement of the command in hand without its literals, as the list of incompatible reads
 * keeps it. */
void mi_note_digest(struct mi_route_session *session, struct mi_span text, struct mi_buf *digest);

/* Which tracked changes a client sees; a mi_track_keep_fn, arg is of no meaning. */
bool mi_track_is_shown(void *arg, const struct mi_track *track);

/* The session ends. */
void mi_note_release(struct mi_route_session *session);

#endif
