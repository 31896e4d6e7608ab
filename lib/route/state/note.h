/* What the answers to the client's commands tell about the session, recorded for later decisions.
 * The command's text does not matter here, only its effects as decided (struct mi_effects). Answers
 * are recorded while back is in RELAY. */
#ifndef MI_ROUTE_STATE_NOTE_H
#define MI_ROUTE_STATE_NOTE_H

#include "base/buf.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/replica/marks.h"

#include <stdbool.h>

struct mi_route_session;
struct mi_backend;

/* What a statement has left behind at a server, to be asked for by a later one. */
struct mi_left {
	bool has;  /* some statement has; else there is nothing to ask for at either side */
	bool gone; /* it was lost with its server's connection */
	enum mi_route_side side;
};

/* What is recorded of a session. */
struct mi_routing {
	bool next_only;               /* something was set for the next transaction alone, ... */
	enum mi_route_side next_side; /* ... at this side */
	bool unsure;      /* the writer has not told yet what a stored program did to the session */
	bool hides_text;  /* a text was prepared that nobody knows, or one that defines something */
	bool only_writer; /* the other side refuses this session, or a setting of it */
	bool stays;       /* its reads stay at the writer: see mi_verdict.stays */
	struct mi_left last;        /* by the last statement: warnings, ROW_COUNT() */
	struct mi_left last_select; /* by the last query that gave rows: FOUND_ROWS() */

	struct mi_causal_need need; /* what this session's reads must see */
	/* what all sessions of its user must see; NULL: not looked up yet */
	struct mi_causal_need *user;

	/* Of a read that the target could not answer, until the source has answered it. */
	unsigned failed_code; /* the target's error; 0: none */
	struct mi_buf failed_digest;
};

/* What is recorded of a back end. */
struct mi_back_noted {
	/* it has answered a statement of the client's: it holds what a new connection would lack,
	 * if only FOUND_ROWS() and ROW_COUNT() */
	bool used;
	bool wants_trackers; /* the client has changed session trackers that the router needs: set
	                        them again */
};

/* The first bytes of back's answer to the client's command are about to be relayed. */
void mi_note_begins(struct mi_backend *back);
/* back answered the client's command with OK, or ended its rows with one: takes status and
 * trackers. */
void mi_note_ok(struct mi_backend *back, const struct mi_reply_ok *ok);
/* An EOF has ended the rows of an answer; an EOF carries no trackers. */
void mi_note_eof(struct mi_backend *back);
/* back answered with ERR. first: nothing of the answer was relayed yet. True: the command is a read
 * that the reading side cannot answer; the caller then drops the answer and has the command decided
 * on and sent again, if its bytes were kept (MI_KIND_READ). */
bool mi_note_err(struct mi_backend *back, const struct mi_reply_err *reply, bool first);
/* The answer of back, to any command of the client's, is over. */
void mi_note_answered(struct mi_backend *back);
/* back was lost while the client's command ran there. */
void mi_note_lost(struct mi_backend *back);

/* Does back's connection hold something of the session's that cannot be made again? What it is
 * decides mi_decide where it can (a transaction that has only read, what an earlier statement left
 * at the reading side); for the rest the session must end with the connection. */
bool mi_note_holds(const struct mi_backend *back);
/* back's connection is closed. */
void mi_note_closed(struct mi_backend *back);
/* From now on the session's reads stay at the writer. */
void mi_note_stays(struct mi_route_session *session);

/* The session was reset (COM_RESET_CONNECTION, COM_CHANGE_USER): forgets what was recorded of its
 * state, but not what its reads must see. */
void mi_note_reset(struct mi_route_session *session);

/* What was set for the next transaction alone is lost; the caller tells the client. */
void mi_note_next_lost(struct mi_route_session *session);

/* The session's settings cannot be made at back: from now on only the writer serves the session,
 * which is pinned. */
void mi_note_refused(struct mi_backend *back);

/* back cannot be opened, or (for_good) refuses this session. True: back is the reading side of mode
 * replica, so the session can do without it; a command that waits for a back end is decided on
 * again. False: the caller must deal with it. */
bool mi_note_reader_failed(struct mi_backend *back, bool for_good);

/* The back end's session is new: nothing is recorded of it. */
static inline void mi_back_noted_begin(struct mi_back_noted *noted)
{
	*noted = (struct mi_back_noted){0};
}

/* back's session trackers are set as the router needs them. */
void mi_note_trackers_made(struct mi_backend *back);

/* What all sessions of the session's user must see; NULL before the login. Owned by route->replica.
 */
struct mi_causal_need *mi_note_user_need(struct mi_route_session *session);

/* Replaces digest by text without its literals, at most 500 bytes, as the list of incompatible
 * reads keeps it. */
void mi_note_digest(struct mi_route_session *session, struct mi_span text, struct mi_buf *digest);

/* Is this tracked change relayed to the client? A mi_track_keep_fn; arg is not used. */
bool mi_track_is_shown(void *arg, const struct mi_track *track);

/* The session ends: frees what was recorded. */
void mi_note_release(struct mi_route_session *session);

#endif
