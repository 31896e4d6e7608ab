/* One definition's text: running it under the settings it was made with, and comparing it with what
 * is there. */
#ifndef MI_TARGET_OBJECT_H
#define MI_TARGET_OBJECT_H

#include "base/err.h"
#include "bookkeeping/load.h"
#include "server/link.h"
#include "stream/parse.h"
#include "table/dbmap.h"

#include <stdbool.h>

/* Runs ddl's text with its database, sql_mode, character set and collation, and sets the session
 * back; a link whose session cannot be set back is closed. */
MI_MUST int mi_object_run(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                          struct mi_err *err);

/* Creates a view, routine, trigger, event or sequence. One that is there is left when it is equal
 * or when this flow has made it; another is MI_CONFIG, unless leave_others. On failure, *missing:
 * something that it refers to is absent. */
struct mi_object {
	const struct mi_ddl *ddl;
	const struct mi_map *map;
	const struct mi_state *state;
	bool leave_others;
	bool missing; /* out */
};
MI_MUST int mi_object_create(struct mi_object *object, struct mi_link *link, struct mi_err *err);

#endif
