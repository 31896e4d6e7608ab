/* The session's settings: those that were asked for by name at the server where the session began
 * (route/shared/carried.h), before the client's first command, and what the server's trackers have
 * told since. The session's texts are read by them, and they are made again at the other back end
 * by name and value. */
#ifndef MI_ROUTE_STATE_SETTINGS_H
#define MI_ROUTE_STATE_SETTINGS_H

#include "base/buf.h"
#include "route/shared/settings.h"
#include "sql/class.h"
#include "sql/lexer.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;
struct mi_backend;

struct mi_session_settings {
	struct mi_route_settings made; /* to be made at the other back end */
	bool asked; /* they were asked for by name; else made is what the client has changed */

	/* How texts are read: filled in from the baseline and the login when first needed (then
	 * has_rules), later as the answer to the question and the trackers tell. */
	bool has_rules;
	unsigned modes; /* enum mi_lex_mode of sql_mode */
	enum mi_lex_charset charset;
	bool auto_is_null; /* a plain SELECT may ask for LAST_INSERT_ID() */
};

/* Of a back end: the client's settings up to this generation are made there. */
struct mi_back_settings {
	uint64_t generation;
};

/* How the session's texts are to be read now. The spans are good until the session changes. */
struct mi_class_rules mi_session_settings_rules(struct mi_route_session *session);

/* back's tracker tells a variable's new value. False: the variable is none that is made again. */
bool mi_session_settings_told(struct mi_backend *back, struct mi_span name, struct mi_span value);
/* back has answered what the variables are, in the order of mi_route_carried_name: row is a row of
 * text. Empty: back does not know one of them, and the session has what the baseline says. */
void mi_session_settings_answered(struct mi_backend *back, struct mi_span row);
/* They must be asked for again, as the client has changed what trackers tell. */
void mi_session_settings_ask_again(struct mi_route_session *session);
/* back has answered what collation_connection is, which no tracker tells; empty: back did not say.
 */
void mi_session_settings_collation(struct mi_backend *back, struct mi_span name);

/* Does back lack settings? Appends the SET that makes them to sql; NULL only asks, as happens
 * before every command. _made: back has run that SET, or has refused it, and it is not tried again.
 */
bool mi_session_settings_replay(struct mi_backend *back, struct mi_buf *sql);
void mi_session_settings_made(struct mi_backend *back);
/* back's session is new: none of the client's settings is made there. */
void mi_session_settings_lost(struct mi_backend *back);

/* The session was reset, or ends: forgets the settings. */
void mi_session_settings_release(struct mi_route_session *session);

#endif
