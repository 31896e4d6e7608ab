/* Transactions that do not fit memory, or the target. */
#ifndef MI_APPLY_PIECES_H
#define MI_APPLY_PIECES_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>
#include <stdint.h>

MI_MUST int mi_piecewise_take(struct mi_follower *f, const struct mi_trx *piece,
                              struct mi_err *err);

/* A whole transaction that is too large for one of the target's: in parts, or refused. */
bool mi_is_too_large(const struct mi_follower *f, uint64_t ops);
MI_MUST int mi_split_apply(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

#endif
