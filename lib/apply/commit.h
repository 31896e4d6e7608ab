/* Target transactions: fence, changes, position, COMMIT. Here is exactly-once enforced. */
#ifndef MI_APPLY_COMMIT_H
#define MI_APPLY_COMMIT_H

#include "apply/follower.h"
#include "base/err.h"
#include "gtid/gtid.h"

#include <stdint.h>

/* Runs one target transaction, again and again while failures are transient, and takes its position
 * over. What it touches is not in the position before. */
MI_MUST int mi_follower_commit(struct mi_follower *f, const struct mi_work *work,
                               struct mi_err *err);

/* The halves of it, without another try: for a transaction that cannot be repeated. */
MI_MUST int mi_follower_open(struct mi_follower *f, struct mi_err *err);
MI_MUST int mi_follower_close(struct mi_follower *f, const struct mi_gtid_set *touched,
                              struct mi_err *err);
void mi_follower_abandon(struct mi_follower *f);

/* Adds to the counts. */
void mi_follower_count(struct mi_follower *f, uint64_t transactions, uint64_t ops,
                       uint64_t commit_us);

#endif
