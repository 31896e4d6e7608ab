/* TABLE_MAP and rows events, as records of the event stream. A part of source/follow.h, see
 * source/follow_state.h. */
#ifndef MI_SOURCE_FOLLOW_ROWS_H
#define MI_SOURCE_FOLLOW_ROWS_H

#include "base/err.h"
#include "binlog/event.h"
#include "source/follow_state.h"

/* TABLE_MAP and rows events. */
MI_MUST int mi_follow_map(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);
MI_MUST int mi_follow_rows(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);
void mi_follow_map_free(void *map);

#endif
