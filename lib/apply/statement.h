/* Source transactions with statements in them (definitions, TRUNCATE), which --on-ddl decides
 * about. */
#ifndef MI_APPLY_STATEMENT_H
#define MI_APPLY_STATEMENT_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>

/* Applies or leaves out a transaction's statement, as --on-ddl says and what the statement does
 * allows, and advances the position. *rows: but for the position, which goes with the rows that
 * follow in the transaction (CREATE TABLE ... SELECT); the caller applies them next. MI_DATA, with
 * what to do, when the statement must not be left out or cannot be applied exactly; MI_CONFIG when
 * it cannot be run on this target. */
MI_MUST int mi_follower_statement(struct mi_follower *f, const struct mi_trx *trx, bool *rows,
                                  struct mi_err *err);

#endif
