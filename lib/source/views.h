/* Views for a schema stream, in an order in which each comes after those that it reads. A part of
 * source/schema.h. */
#ifndef MI_SOURCE_VIEWS_H
#define MI_SOURCE_VIEWS_H

#include "base/err.h"
#include "schema/object.h"
#include "source/schema.h"

#include <stdbool.h>

/* Reads the views of reader->db that the filter takes and adds them to views, each with what it
 * uses and with what the server says when it cannot read the view itself. Changes the session's
 * default database. */
MI_MUST int mi_src_views(struct mi_ddl_reader *reader, struct mi_views *views, struct mi_err *err);

/* True when the view is invalid and the options say that such are left out. */
bool mi_src_leaves_view(const struct mi_ddl_reader *reader, const struct mi_view *view);

/* Adds views, read from all databases, to the post section, in order; those that are left out
 * become notes. */
MI_MUST int mi_src_add_views(struct mi_ddl_reader *reader, struct mi_views *views,
                             struct mi_err *err);

/* Adds to the schema's faults, and a note for each: views that are carried though they are invalid,
 * or need a table, view or function that is not. names: the databases that are carried; routines:
 * those that are, as calls. */
MI_MUST int mi_src_find_faults(struct mi_ddl_reader *reader, char *const *names, size_t count,
                               const struct mi_views *views, const struct mi_uses *routines,
                               struct mi_err *err);

#endif
