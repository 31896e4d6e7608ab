/* XA transactions: prepared rows wait in _mi_xa until their COMMIT or ROLLBACK comes. */
#ifndef MI_APPLY_XA_H
#define MI_APPLY_XA_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

MI_MUST int mi_xa_prepare(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);
MI_MUST int mi_xa_commit(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);
MI_MUST int mi_xa_rollback(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

#endif
