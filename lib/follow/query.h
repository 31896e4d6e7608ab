/* QUERY events of a binary log: BEGIN and COMMIT, XA, definitions, and changes that were logged as
 * statements. A part of follow/follow.h, see follow/state.h. */
#ifndef MI_FOLLOW_QUERY_H
#define MI_FOLLOW_QUERY_H

#include "base/err.h"
#include "binlog/event.h"
#include "follow/state.h"

/* Handles a QUERY event. MI_DATA: a statement whose effect cannot be known exactly. MI_PROTOCOL:
 * the event stands outside of a transaction. */
MI_MUST int mi_follow_query(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);

#endif
