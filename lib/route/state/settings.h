/* The settings that the client has made in its session, as the writer's trackers tell them: under
 * them its texts are read, and they are made again on the other back end by name and value. */
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
	struct mi_route_settings made; /* by the client */

	/* How texts are read; filled from the baseline and the login when first needed (has_rules).
	 */
	bool has_rules;
	unsigned modes; /* enum mi_lex_mode of sql_mode */
	enum mi_lex_charset charset;
	bool auto_is_null; /* a plain SELECT may ask for LAST_INSERT_ID() */
};

/* A back end's part: settings up to this generation are made there. */
struct mi_back_settings {
	uint64_t generation;
};

/* How the session's texts are to be read, now. */
struct mi_class_rules mi_session_settings_rules(struct mi_route_session *session);

/* back's tracker tells of a variable. False: it is none of the client's settings. */
bool mi_session_settings_told(struct mi_backend *back, struct mi_span name, struct mi_span value);
/* What back's server calls collation_connection, which no tracker tells; empty: it did not say. */
void mi_session_settings_collation(struct mi_backend *back, struct mi_span name);

/* Does back lack settings? Appends the SET that makes them to sql (NULL only asks, which happens
 * before every command). _made: it was run there, or it was refused, and is not tried again. */
bool mi_session_settings_replay(struct mi_backend *back, struct mi_buf *sql);
void mi_session_settings_made(struct mi_backend *back);
/* back's session is new: nothing is made there. */
void mi_session_settings_lost(struct mi_backend *back);

/* The session was reset, or ends. */
void mi_session_settings_release(struct mi_route_session *session);

#endif
