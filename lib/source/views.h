/* Views, in an order in which each stands behind those that it reads. */
#ifndef MI_SOURCE_VIEWS_H
#define MI_SOURCE_VIEWS_H

#include "base/err.h"
#include "schema/object.h"
#include "source/schema.h"

/* Views of all databases into the post section; those of reader->db into views. */
MI_MUST int mi_src_views(struct mi_ddl_reader *reader, struct mi_views *views, struct mi_err *err);
MI_MUST int mi_src_add_views(struct mi_ddl_reader *reader, struct mi_views *views,
                             struct mi_err *err);

#endif
