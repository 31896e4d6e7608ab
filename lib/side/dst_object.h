/* One definition's text: running it under the settings it was made with, and comparing it with what
 * is there. */
#ifndef MI_SIDE_DST_OBJECT_H
#define MI_SIDE_DST_OBJECT_H

#include "side/dst_link.h"
#include "side/dst_target.h"
#include "wire/record.h"

/* Runs ddl's text with its database, sql_mode, character set and collation, and sets the session
 * back; a link whose session cannot be set back is closed. */
MI_MUST int mi_object_run(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                          struct mi_err *err);

/* Creates a view, routine, trigger, event or sequence; an equal one that exists is left, another is
 * MI_CONFIG, unless leave_others. On failure, *missing: something that it refers to is absent. */
MI_MUST int mi_object_create(const struct mi_ddl *ddl, const struct mi_map *map, bool leave_others,
                             struct mi_link *link, bool *missing, struct mi_err *err);

#endif
