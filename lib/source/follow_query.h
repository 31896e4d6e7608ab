/* QUERY events: transactions' brackets, statements and definitions. A part of source/follow.h, see
 * source/follow_state.h. */
#ifndef MI_SOURCE_FOLLOW_QUERY_H
#define MI_SOURCE_FOLLOW_QUERY_H

#include "base/err.h"
#include "binlog/event.h"
#include "source/follow_state.h"

/* QUERY events. */
MI_MUST int mi_follow_query(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);

#endif
