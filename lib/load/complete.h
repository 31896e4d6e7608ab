/* What a load has when a row stream ends, and what it still lacks; for load/dispatch.c. What the
 * statements meet fails like mi_conn_fail. */
#ifndef MI_LOAD_COMPLETE_H
#define MI_LOAD_COMPLETE_H

#include "base/buf.h"
#include "base/err.h"
#include "load/dispatch.h"
#include "load/target.h"
#include "server/link.h"
#include "stream/parse.h"

/* The first expected table that is not complete, now or from an earlier run; *lacking is NULL when
 * there is none. */
MI_MUST int mi_complete_find_lacking(struct mi_dispatch *load, const struct mi_target **lacking,
                                     struct mi_err *err);

/* MI_DATA, naming that table, unless only definitions are wanted. */
MI_MUST int mi_complete_refuse_lacking(struct mi_dispatch *load, struct mi_err *err);

/* Each table of the row stream has ended, and its END record agrees with what was there: else
 * MI_DATA. */
MI_MUST int mi_complete_check_totals(struct mi_dispatch *load, const struct mi_totals *totals,
                                     struct mi_err *err);

/* Says of how many of the row stream's tables it is proven that they are the source's, and names
 * the first of which it is not. */
void mi_complete_say_verified(const struct mi_dispatch *load);

/* Writes the readable copy of the checkpoint; nothing when file is NULL. */
MI_MUST int mi_complete_save_position(const char *file, const struct mi_buf *position,
                                      struct mi_err *err);

/* A step of mi_link_run; user is the struct mi_dispatch: writes the checkpoint, then its readable
 * copy. */
MI_MUST int mi_complete_checkpoint(void *user, struct mi_link *link, struct mi_err *err);

#endif
