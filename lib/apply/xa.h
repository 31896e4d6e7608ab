/* Prepared XA transactions of the source. Their rows wait in _mi_xa, as a small event stream that
 * is cut into pieces, until the stream brings XA COMMIT or XA ROLLBACK. */
#ifndef MI_APPLY_XA_H
#define MI_APPLY_XA_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"

/* XA PREPARE: puts trx's changes into _mi_xa, in the transaction that advances the position. */
MI_MUST int mi_xa_prepare(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

/* XA COMMIT: applies the changes that wait under trx's xid and deletes them there, in the
 * transaction that advances the position. MI_DATA when there are none. */
MI_MUST int mi_xa_commit(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

/* XA ROLLBACK: deletes the changes that wait under trx's xid. Harmless when there are none. */
MI_MUST int mi_xa_rollback(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

#endif
