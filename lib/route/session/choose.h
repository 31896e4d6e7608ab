/* Which side a command goes to, and what its answer tells about the session: the only place that
 * looks at what statements mean. */
#ifndef MI_ROUTE_SESSION_CHOOSE_H
#define MI_ROUTE_SESSION_CHOOSE_H

#include "route/session/session.h"

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
void mi_route_chosen_apart(struct mi_route_session *session, bool harmless);

/* Was something set for the next transaction alone (SET TRANSACTION) at a server that is not the
 * one of side? Then it is forgotten, and the client must be told to begin again. */
bool mi_route_next_is_lost(struct mi_route_session *session, enum mi_route_side side);

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
bool mi_route_shows(void *arg, const struct mi_track *track);

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

/* back cannot be opened, or (for_good) refuses this session. True: it only reads, in a mode where
 * the writer reads as well; the waiting command is chosen again. */
bool mi_route_reader_failed(struct mi_backend *back, bool for_good);

/* A session begins and ends. */
void mi_route_choose_open(struct mi_route_session *session);
void mi_route_choose_close(struct mi_route_session *session);

#endif
