/* Source transactions that do not fit: those too large to be kept in memory, which arrive in
 * pieces, and those too large for one transaction of the target. */
#ifndef MI_APPLY_PIECES_H
#define MI_APPLY_PIECES_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>
#include <stdint.h>

/* Applies the next piece of a transaction (kind MI_TRX_PIECE, or its continued end). With
 * --split-large pieces go into several transactions on the target; without it, and where the source
 * may have prepared the transaction, all go into one, which cannot be tried again: a failure that
 * would be tried again is MI_AGAIN, and nothing has been applied. MI_DATA: an XA transaction, or more changes than vtgate takes. */
MI_MUST int mi_piecewise_take(struct mi_follower *f, const struct mi_trx *piece,
                              struct mi_err *err);

/* True when so many changes are too many for one transaction: with vtgate, or --split-large. */
bool mi_is_too_large(const struct mi_follower *f, uint64_t ops);

/* True when parts of the transaction have been committed by an earlier run. */
bool mi_split_has_begun(const struct mi_follower *f, const struct mi_trx *trx);

/* Applies a whole transaction that is too large in several transactions on the target, each of
 * which records how far it got; without --split-large it is MI_DATA. */
MI_MUST int mi_split_apply(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

#endif
