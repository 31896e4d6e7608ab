/* Beginning and end of a transaction in the event stream. A part of follow/follow.h, see
 * follow/state.h. */
#ifndef MI_FOLLOW_TRX_H
#define MI_FOLLOW_TRX_H

#include "base/err.h"
#include "follow/state.h"

/* Takes back what is in the stream of an unfinished transaction, and forgets it. */
MI_MUST int mi_follow_abort(struct mi_follow *f, struct mi_err *err);

/* Sends off what is collected: SKIP, whole frames. */
MI_MUST int mi_follow_flush(struct mi_follow *f, struct mi_err *err);

/* BEGIN, unless it is written. */
MI_MUST int mi_follow_begin(struct mi_follow *f, struct mi_err *err);

/* The transaction is over: COMMIT when there is something of it in the stream. */
MI_MUST int mi_follow_end(struct mi_follow *f, struct mi_err *err);

int write_skipped(struct mi_follow *f, struct mi_err *err);

#endif
