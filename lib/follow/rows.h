/* TABLE_MAP and rows events, as records of the event stream. A part of follow/follow.h, see
 * follow/state.h. */
#ifndef MI_FOLLOW_ROWS_H
#define MI_FOLLOW_ROWS_H

#include "base/err.h"
#include "binlog/event.h"
#include "follow/state.h"

/* TABLE_MAP and rows events. */
MI_MUST int mi_follow_map(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);
MI_MUST int mi_follow_rows(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);
void mi_follow_map_free(void *map);

#endif
