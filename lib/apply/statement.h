/* Source transactions with statements in them (definitions, TRUNCATE), which --on-ddl decides
 * about. */
#ifndef MI_APPLY_STATEMENT_H
#define MI_APPLY_STATEMENT_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

/* Applies or leaves out a transaction with a statement, as --on-ddl says and what the statement
 * does allows, and advances the position. MI_DATA, with what to do, when the statement must not be
 * left out or cannot be applied exactly; MI_CONFIG when it cannot be run on this target. */
MI_MUST int mi_follower_statement(struct mi_follower *f, const struct mi_trx *trx,
                                  struct mi_err *err);

#endif
