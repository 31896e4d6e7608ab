/* Beginning and end of a transaction in the event stream. A part of follow/follow.h, see
 * follow/state.h. */
#ifndef MI_FOLLOW_TRX_H
#define MI_FOLLOW_TRX_H

#include "base/err.h"
#include "follow/state.h"

/* Forgets the unfinished transaction; what of it is in the stream is taken back by ABORT. */
MI_MUST int mi_follow_abort(struct mi_follow *f, struct mi_err *err);

/* The transaction was rolled back after all: takes back by ABORT what of it is in the stream. It is
 * to be ended by mi_follow_end, which counts it as skipped. */
MI_MUST int mi_follow_undo(struct mi_follow *f, struct mi_err *err);

/* Sends what is collected: a SKIP record for skipped transactions, then the frame. */
MI_MUST int mi_follow_flush(struct mi_follow *f, struct mi_err *err);

/* Writes the transaction's BEGIN, unless that is written. */
MI_MUST int mi_follow_begin(struct mi_follow *f, struct mi_err *err);

/* Writes the PAST record of a set of transactions, with what f->passed says of them. */
MI_MUST int mi_follow_write_past(struct mi_follow *f, const char *gtid_set, struct mi_err *err);

/* Ends the transaction: writes PAST for one that is passed, or COMMIT (an XA record may have taken
 * its place) when the stream has something of it, else counts it as skipped. Sets f->finished when
 * until is reached. */
MI_MUST int mi_follow_end(struct mi_follow *f, struct mi_err *err);

/* Writes a SKIP record for the transactions skipped so far, if any. */
int mi_follow_write_skipped(struct mi_follow *f, struct mi_err *err);

#endif
