/* QUERY events: transactions' brackets, statements and definitions. A part of follow/follow.h, see
 * follow/state.h. */
#ifndef MI_FOLLOW_QUERY_H
#define MI_FOLLOW_QUERY_H

#include "base/err.h"
#include "binlog/event.h"
#include "follow/state.h"

/* QUERY events. */
MI_MUST int mi_follow_query(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);

#endif
