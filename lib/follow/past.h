/* Passing a transaction by a person's word (--past): nothing of it is decoded, and a PAST record
 * stands in its place. A part of follow/follow.h, see follow/state.h. */
#ifndef MI_FOLLOW_PAST_H
#define MI_FOLLOW_PAST_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "follow/state.h"
#include "gtid/gtid.h"

#include <stdbool.h>

/* Whether the transaction that begins is the one to be passed. */
bool mi_follow_past_is(const struct mi_follow *f, const struct mi_gtid *gtid);

/* Called for each event of the transaction that is passed. False: the event bounds the transaction,
 * or may change definitions, and is dealt with as usual. */
bool mi_follow_past_event(struct mi_follow *f, const struct mi_event *event);

/* Notes a table or a statement of the transaction that is passed, for people. Returns 0. */
int mi_follow_past_note(struct mi_follow *f, struct mi_span text);

/* *lost: what the source has purged of what is needed next, which must be what --past says; empty:
 * nothing. It is the caller's after success. MI_DATA: another set was purged. */
MI_MUST int mi_follow_past_lost(struct mi_follow *f, struct mi_gtid_set **lost, struct mi_err *err);

/* Writes the record of what mi_follow_past_lost has found, and counts it as followed. */
MI_MUST int mi_follow_past_pass(struct mi_follow *f, const struct mi_gtid_set *lost,
                                struct mi_err *err);

#endif
