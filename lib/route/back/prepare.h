/* Brings a back-end session into the state that the session's next command needs, by commands of
 * the router's own: baseline, trackers, autocommit, READ ONLY, default database, the client's
 * settings, LAST_INSERT_ID(), the prepared statement. One at a time; their answers are in
 * route/back/prepare_answer.h. */
#ifndef MI_ROUTE_BACK_PREPARE_H
#define MI_ROUTE_BACK_PREPARE_H

#include <stdbool.h>

struct mi_backend;

enum mi_back_ready {
	MI_BACK_READY,
	MI_BACK_SOON,   /* something was begun: mi_session_resume follows */
	MI_BACK_FAILED, /* the session is CLOSED; the client has been told */
};

/* Any state of back; the session is LOGIN_BACK, or READY with a command in hand. Opens what is not
 * open, and sends what is wanted first. After MI_BACK_SOON the session waits for MI_WAIT_BACK. */
enum mi_back_ready mi_back_prepare(struct mi_backend *back);

/* back is IDLE: sends the next command that is wanted (PREPARE), or tells the session that back is
 * ready. */
void mi_prepare_next(struct mi_backend *back);
/* The login goes on, or the waiting command is looked at again. */
void mi_prepare_tell_ready(struct mi_backend *back);

/* Is anything wanted before the session's command may go to back? */
bool mi_prepare_is_needed(const struct mi_backend *back);
/* Does it lack settings that it can be given before there is a command for it? */
bool mi_prepare_is_behind(const struct mi_backend *back);

#endif
