/* A definition of the log, run on the target exactly once. It ends its own transaction, so an
 * intent in the checkpoint, committed before, and the definitions themselves tell a later run
 * whether it has been done. */
#ifndef MI_APPLY_DDL_H
#define MI_APPLY_DDL_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"
#include "stream/parse.h"

#include <stdbool.h>

/* Runs ddl, a statement of trx, under its settings, unless a run before has done so. several: it
 * drops or renames more than one object. Its transaction is then in the position, unless
 * rows_follow: then the intent stays until they are committed (follower.h, intent_ends). MI_CONFIG:
 * vtgate, or a database that --map-db renames. MI_DATA: refused by the target, or it cannot be told
 * whether it was run, or it would drop the checkpoint. */
MI_MUST int mi_follower_ddl(struct mi_follower *f, const struct mi_trx *trx,
                            const struct mi_ddl *ddl, bool several, bool rows_follow,
                            struct mi_err *err);

#endif
