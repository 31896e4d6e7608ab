/* What pins a session, by name where it has one: its temporary tables and open handlers. Of a kind
 * of which something was made whose name is not known (by a program, by one of several statements)
 * it is not known either when the last is given up: the session stays pinned until it is reset. */
#ifndef MI_ROUTE_STATE_HELD_H
#define MI_ROUTE_STATE_HELD_H

#include "sql/class.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_route_session;

struct mi_held_item {
	unsigned pin; /* enum mi_class_pin: one of its bits */
	char *name;
};

struct mi_held_list {
	struct mi_held_item *items;
	size_t count;
};

struct mi_held {
	struct mi_held_list has;
	unsigned unnamed; /* pins of which something without a known name is held */
	/* what the command in hand makes, or gives up, if it succeeds */
	struct mi_held_list plan;
	bool gives_up;
};

/* The command in hand is such a statement: records what it names. Called whenever it is decided on.
 */
void mi_held_plan(struct mi_route_session *session, const struct mi_class_kind *kind);

/* The command in hand has ended, well or with an error: clears the pins of which it has given up
 * the last. The caller has set the command's own pins. */
void mi_held_done(struct mi_route_session *session, bool well);

/* The session was reset, or ends: nothing is held. */
void mi_held_forget(struct mi_route_session *session);

#endif
