/* Transactions with statements in them: definitions, as --on-ddl says. */
#ifndef MI_APPLY_STATEMENT_H
#define MI_APPLY_STATEMENT_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

/* A transaction with statements, as --on-ddl says. */
MI_MUST int mi_follower_statement(struct mi_follower *f, const struct mi_trx *trx,
                                  struct mi_err *err);

#endif
