/* The command in hand and what must be known to decide on it: gathers the facts, reads the
 * statement where that is needed, asks for the marks where a read may go to the target, and counts
 * and logs what was decided. The rules are in route/state/decide.h. */
#ifndef MI_ROUTE_SESSION_CHOOSE_H
#define MI_ROUTE_SESSION_CHOOSE_H

#include "base/buf.h"
#include "route/state/decide.h"

#include <stdbool.h>

struct mi_route_session;
struct mi_route_stmt;

/* Longer texts are relayed as they come, and not looked at. */
enum { MI_TEXT_MAX = 16 << 10 };

/* Decides on session->command. text, without the command byte and query attributes, is whole, or
 * its data is NULL when it is longer than MI_TEXT_MAX or not to be had; of a COM_STMT_EXECUTE it is
 * the statement's, kept from PREPARE. stmt: the prepared statement that the command is about, or
 * NULL. Fills in statement, which points into text, and the command's side, kind and effects.
 * Called once for each command that goes to a back end, and again after each wait: with
 * MI_WAIT_CAUSAL the session's timer is set. */
struct mi_verdict mi_choose(struct mi_route_session *session, struct mi_span text,
                            const struct mi_route_stmt *stmt,
                            struct mi_client_statement *statement);

/* The database that a USE names, appended by the client's name. */
void mi_choose_database(struct mi_route_session *session,
                        const struct mi_client_statement *statement, struct mi_buf *name);

/* Appends a SET without the session trackers in it, which are the router's own
 * (verdict.strips_trackers). */
void mi_choose_stripped(const struct mi_client_statement *statement, struct mi_buf *sql);

/* For a command that goes where it must: see mi_decide_without_text. */
void mi_choose_without_text(struct mi_route_session *session, bool harmless);

#endif
