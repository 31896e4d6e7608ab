/* Between the command in hand and the rules (route/state/decide.h): gathers the facts, classifies
 * the statement where the rules need that, looks at the marks where a read may go to the target,
 * and carries the verdict out in the session, counting and logging. */
#ifndef MI_ROUTE_SESSION_CHOOSE_H
#define MI_ROUTE_SESSION_CHOOSE_H

#include "base/buf.h"
#include "route/state/decide.h"

#include <stdbool.h>

struct mi_route_session;
struct mi_route_stmt;

enum {
	/* Bytes. Longer COM_QUERYs are relayed as they come, and their texts not looked at; but
	 * while rows flow and definitions may not change, those of one packet are. */
	MI_TEXT_MAX = 1 << 20,
	/* ... and of one of several packets so much of its beginning */
	MI_TEXT_BEGINNING = 64 << 10,
};

/* Decides on session->command; the session is READY. text is the whole statement without the
 * command byte and query attributes; its data is NULL when the text is too long or not known; or it
 * is the text's beginning (session->command.cut). For a
 * COM_STMT_EXECUTE it is the text that was prepared. stmt: the prepared statement that the command
 * is about, or NULL. Fills in statement, which points into text, and the command's side, kind and
 * effects. Called for each command that goes to a back end, and again after each wait. When the
 * verdict is to wait for MI_WAIT_CAUSAL, the session's timer is set. */
struct mi_verdict mi_choose(struct mi_route_session *session, struct mi_span text,
                            const struct mi_route_stmt *stmt,
                            struct mi_client_statement *statement);

/* Appends the database that a USE names, as the client calls it. */
void mi_choose_database(struct mi_route_session *session,
                        const struct mi_client_statement *statement, struct mi_buf *name);

/* Appends the SET statement without the session trackers that it would set, which the router needs
 * as they are (verdict.strips_trackers). */
void mi_choose_stripped(const struct mi_client_statement *statement, struct mi_buf *sql);

/* Fills in the effects of a command whose side needs no decision: see mi_decide_without_text. */
void mi_choose_without_text(struct mi_route_session *session, bool harmless);

#endif
