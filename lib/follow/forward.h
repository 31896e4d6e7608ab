/* Moves the definitions of a catalog forward by one statement of the log. */
#ifndef MI_FOLLOW_FORWARD_H
#define MI_FOLLOW_FORWARD_H

#include "evolve/column.h"
#include "follow/entries.h"
#include "stream/parse.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_forward {
	struct mi_entries *entries;
	/* whether a table of that name belongs to the catalog */
	bool (*wants)(void *user, const char *db, const char *name);
	void *user;
	bool mariadb;
	struct mi_charsets *charsets;

	/* What comes of it, to be released: pairs of database and table that are gone. Entries that
	 * are changed or new have touched set. */
	char **gone;
	size_t gone_count;
	bool changed; /* a definition is another, or is not known any more */
};

/* text, db and settings of ddl are as they were logged. A definition that the statement changes in
 * a way that is not understood is not known afterwards. */
void mi_forward_run(struct mi_forward *forward, const struct mi_ddl *ddl);
void mi_forward_release(struct mi_forward *forward);

#endif
