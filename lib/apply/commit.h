/* Transactions on the target: fence, changes, position, COMMIT. This is where exactly-once is
 * enforced: rows and position change in one transaction, whose first statement fails when anybody
 * else has changed the position (bookkeeping/position.h). */
#ifndef MI_APPLY_COMMIT_H
#define MI_APPLY_COMMIT_H

#include "apply/follower.h"
#include "base/err.h"
#include "gtid/gtid.h"

#include <stdint.h>

/* Runs one transaction on the target, with tries as in mi_link_run, and takes its position over.
 * Before each further try the position is read from the server: a COMMIT whose answer was lost is
 * not repeated. work->touched must not be in the position before. MI_AGAIN when another process or
 * a switch has taken the checkpoint over. */
MI_MUST int mi_follower_commit(struct mi_follower *f, const struct mi_work *work,
                               struct mi_err *err);

/* A target transaction in steps, for one that cannot be repeated. _open begins it (only this is
 * tried again); then the caller writes changes; _close writes the position and commits, without a
 * second try; _abandon rolls back instead, or after a failure. */
MI_MUST int mi_follower_open(struct mi_follower *f, struct mi_err *err);
MI_MUST int mi_follower_close(struct mi_follower *f, const struct mi_gtid_set *touched,
                              struct mi_err *err);
void mi_follower_abandon(struct mi_follower *f);

/* Adds a target transaction to the metrics: source transactions and changes in it, and when the
 * last of them was committed on the source (microseconds since 1970 UTC; 0: not known). */
void mi_follower_count(struct mi_follower *f, uint64_t transactions, uint64_t ops,
                       uint64_t commit_us);

#endif
