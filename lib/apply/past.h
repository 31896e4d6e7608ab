/* Passing a transaction by a person's word (--past): it is the next one, it is not applied, and the
 * position goes over it in the target transaction that records it in _mi_past. */
#ifndef MI_APPLY_PAST_H
#define MI_APPLY_PAST_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>

/* Reads --past and --on-ddl-at into f. MI_USAGE: no GTID set. */
MI_MUST int mi_past_options(struct mi_follower *f, struct mi_err *err);

/* Called when the checkpoint is known. Makes _mi_past where it is missing. A transaction that is in
 * the position already must have been passed by an earlier run, which died before it could say so;
 * one that was applied is MI_DATA. */
MI_MUST int mi_past_begin(struct mi_follower *f, struct mi_err *err);

/* Called for each transaction. *taken: trx is (a piece of) the one of --past, and has been dealt
 * with. MI_DATA: another transaction comes before it, or the stream passes over one by itself. */
MI_MUST int mi_past_take(struct mi_follower *f, const struct mi_trx *trx, bool *taken,
                         struct mi_err *err);

/* The input has ended: warns when the transaction has not come. */
void mi_past_end(const struct mi_follower *f);
void mi_past_release(struct mi_follower *f);

#endif
