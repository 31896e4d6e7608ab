/* Source transactions that fit memory: grouped while there is a backlog, and written as one
 * transaction on the target. */
#ifndef MI_APPLY_GROUP_H
#define MI_APPLY_GROUP_H

#include "apply/follower.h"
#include "apply/write.h"
#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>

/* Adds a whole transaction to f->group; when it does not fit in, the group is committed first. trx
 * must live until the group is committed. */
MI_MUST int mi_group_add(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

/* Commits the group and f->skipped; nothing to do when both are empty. When the batch fails with
 * MI_DATA, its transactions are committed one by one up to the one that is wrong, which the error
 * names. The group is empty afterwards. */
MI_MUST int mi_group_commit(struct mi_follower *f, struct mi_err *err);

/* Checks the tables that ops change and makes their shapes known (mi_shapes_get). Not called while
 * answers of f->sender are outstanding. once: one try only, because another would lose the open
 * transaction. */
MI_MUST int mi_follower_prepare(struct mi_follower *f, const struct mi_op *ops, bool once,
                                struct mi_err *err);

/* Writes ops, which mi_follower_prepare has seen, in source order. */
MI_MUST int mi_follower_write(struct mi_follower *f, struct mi_writing *writing,
                              const struct mi_op *ops, struct mi_err *err);

/* True when trx is in the position's high: its rows may be here already, or newer ones. */
bool mi_follower_is_idempotent(const struct mi_follower *f, const struct mi_trx *trx);

#endif
