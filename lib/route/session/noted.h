/* What is noted of a session for choosing: route/session/choose.c and route/session/note.c share
 * it. */
#ifndef MI_ROUTE_SESSION_NOTED_H
#define MI_ROUTE_SESSION_NOTED_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/replica/marks.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/session/state.h"
#include "route/shared/settings.h"
#include "sql/class.h"
#include "sql/lexer.h"

#include <stdbool.h>

struct mi_route_noted {
	struct mi_route_settings settings;
	unsigned modes; /* of sql_mode, once has_rules */
	enum mi_lex_charset charset;
	bool auto_is_null; /* a plain SELECT may ask for LAST_INSERT_ID(); once has_rules, too */
	bool has_rules;
	bool next_only; /* something was set for the next transaction alone, at the writer ... */
	enum mi_route_side next_side; /* ... that was it then */
	bool unsure;      /* the writer has not told yet what a program did to the session */
	bool only_writer; /* the other side refuses this session, or a setting of it */
	enum mi_route_side last_select;
	struct mi_causal_need need;
	struct mi_causal_need *user; /* NULL: not asked for yet */

	/* A read that waits. */
	bool asked;
	struct mi_causal_need arrived;

	/* The command in hand, as chosen. */
	bool looked; /* at its text */
	enum mi_class class;
	unsigned pins, unpins; /* enum mi_class_pin */
	bool several, harmless, mixed_trackers;
	bool runs_program;
	bool sets_next;   /* SET TRANSACTION: of the next one alone */
	bool hides_state; /* a tracked setting does not explain all that may have changed */
	enum mi_route_reason reason; /* a read: why not at the target */

	/* A read that the target could not answer, while the source is asked. */
	unsigned failed_code; /* 0: none */
	struct mi_buf failed_digest;
};

static inline struct mi_route_noted *mi_noted(const struct mi_route_session *session)
{
	return session->noted;
}

static inline struct mi_causal_need *mi_noted_user(struct mi_route_session *session)
{
	struct mi_route_noted *noted = session->noted;

	if (!noted->user && session->user)
		noted->user =
		    mi_replica_progress_user(session->route->replica->causal, session->user->name);
	return noted->user;
}

/* The settings under which the session's texts are read. */
struct mi_class_rules mi_noted_rules(struct mi_route_session *session);

/* back cannot be opened, or (for_good) refuses this session. True: it only reads, in a mode where
 * the writer reads as well; the waiting command is chosen again. */
bool mi_route_reader_failed(struct mi_backend *back, bool for_good);

/* A session begins and ends. */
void mi_route_choose_open(struct mi_route_session *session);
void mi_route_choose_close(struct mi_route_session *session);

#endif
