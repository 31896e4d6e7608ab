/* Transactions that fit memory: grouped while there is a backlog, written as one target
 * transaction. */
#ifndef MI_APPLY_GROUP_H
#define MI_APPLY_GROUP_H

#include "apply/follower.h"
#include "apply/write.h"
#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>

/* Adds a whole transaction; commits the group before it when it does not fit in. */
MI_MUST int mi_group_add(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);
MI_MUST int mi_group_commit(struct mi_follower *f, struct mi_err *err);

/* Makes the shapes of all tables that ops change known. Not while anything is outstanding. once:
 * inside a transaction, which another try would lose. */
MI_MUST int mi_follower_prepare(struct mi_follower *f, const struct mi_op *ops, bool once,
                                struct mi_err *err);

/* Writes ops, which have been prepared, in source order. */
MI_MUST int mi_follower_write(struct mi_follower *f, struct mi_writing *writing,
                              const struct mi_op *ops, struct mi_err *err);
bool mi_follower_is_idempotent(const struct mi_follower *f, const struct mi_trx *trx);

#endif
