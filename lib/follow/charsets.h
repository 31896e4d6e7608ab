/* The character sets of a server, asked for by name when they are first needed. */
#ifndef MI_FOLLOW_CHARSETS_H
#define MI_FOLLOW_CHARSETS_H

#include "evolve/column.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_charsets {
	struct mi_conn *conn; /* the caller's */
	struct mi_charset {
		char *name, *collation;
		unsigned most;
	} * items;
	size_t count;
};

void mi_charsets_release(struct mi_charsets *charsets);

/* A struct mi_evolve_rules' charset; user is a struct mi_charsets. A server that cannot be asked
 * knows none. */
bool mi_charsets_find(void *user, const char *name, struct mi_evolve_charset *found);

#endif
