/* _mi_checkpoint: up to where a flow has been applied, kept on the server that it is applied to.
 *
 * One head row per flow (sid ''): epoch, state (open or sealed), seq, source, high, conn_id,
 * intent; and one row per source of the position with its intervals: for MySQL sid is the uuid, or
 * "uuid:tag", and intervals "1-5:7"; for MariaDB sid is the domain and intervals "server-seq". */
#ifndef MI_BOOKKEEPING_CHECKPOINT_H
#define MI_BOOKKEEPING_CHECKPOINT_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "bookkeeping/load.h"

#include <stdbool.h>

/* Calls row for each source of a GTID set in mi_gtid_print's text. */
typedef void mi_checkpoint_row(void *user, struct mi_span sid, struct mi_span intervals);
void mi_checkpoint_split(struct mi_span set, mi_checkpoint_row *row, void *user);

/* MI_CONFIG when the flow's checkpoint has advanced: its follower owns the tables then. */
MI_MUST int mi_checkpoint_refuse_advanced(const struct mi_state *state, struct mi_conn *conn,
                                          struct mi_err *err);

/* One transaction: makes the flow's rows anew, open, epoch 1, seq 0. Fails like the above when it
 * has advanced. position and high are GTID sets in text. */
MI_MUST int mi_checkpoint_write(const struct mi_state *state, struct mi_conn *conn,
                                const char *position, const char *high, const char *source,
                                struct mi_err *err);

/* *passed: the position contains high, so that the rows show one moment. No checkpoint is
 * MI_CONFIG.
 */
MI_MUST int mi_checkpoint_passed_high(const struct mi_state *state, struct mi_conn *conn,
                                      bool *passed, struct mi_err *err);

#endif
