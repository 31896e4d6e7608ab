/* Views for a schema stream, in an order in which each comes after those that it reads. A part of
 * source/schema.h. */
#ifndef MI_SOURCE_VIEWS_H
#define MI_SOURCE_VIEWS_H

#include "base/err.h"
#include "schema/object.h"
#include "source/schema.h"

/* Reads the views of reader->db that the filter takes and adds them to views. Changes the session's
 * default database. */
MI_MUST int mi_src_views(struct mi_ddl_reader *reader, struct mi_views *views, struct mi_err *err);
/* Adds views, read from all databases, to the post section, in order. */
MI_MUST int mi_src_add_views(struct mi_ddl_reader *reader, struct mi_views *views,
                             struct mi_err *err);

#endif
