/* Brings a back-end session into the state that the session's next command needs, by commands of
 * the router's own: baseline, trackers, autocommit, READ ONLY, default database, the client's
 * settings, LAST_INSERT_ID(), the prepared statement. One command runs at a time;
 * the answers are taken by route/back/prepare_answer.h. */
#ifndef MI_ROUTE_BACK_PREPARE_H
#define MI_ROUTE_BACK_PREPARE_H

#include <stdbool.h>

struct mi_backend;

enum mi_back_ready {
	MI_BACK_READY,
	MI_BACK_SOON,   /* something was begun, at the end of which mi_session_resume is called */
	MI_BACK_FAILED, /* the session is CLOSED, and the client was told why */
};

/* Any state of back; the session is LOGIN_BACK, or READY with a command in hand. Opens back if it
 * is NONE, or sends the first of the commands that it needs. After MI_BACK_SOON the session waits
 * for MI_WAIT_BACK. */
enum mi_back_ready mi_back_prepare(struct mi_backend *back);

/* back is IDLE: sends the next command that is needed (PREPARE), or one to the other side, or tells
 * the session that back is ready. The session may be CLOSED after the call. */
void mi_prepare_next(struct mi_backend *back);
/* back is ready: the session's login goes on, or its waiting command is looked at again. */
void mi_prepare_tell_ready(struct mi_backend *back);

/* back, a server without trackers, has not told what LAST_INSERT_ID() is: asks in another way. */
void mi_prepare_select_id(struct mi_backend *back);
/* back is about to be closed: begins to ask it for what no other connection has (PREPARE); when
 * that is known, a session that waits for MI_WAIT_BACK is resumed. False: it has nothing, or cannot
 * be asked. */
bool mi_prepare_carry_from(struct mi_backend *back);

/* back is IDLE: is any command of the router's needed before the session's command may go to back?
 */
bool mi_prepare_is_needed(const struct mi_backend *back);
/* back is IDLE: does it lack settings that can be made before there is a command for back? */
bool mi_prepare_is_behind(const struct mi_backend *back);

#endif
