/* _mi_checkpoint: up to where a flow has been applied, kept on the server that the flow is applied
 * to. Here: what mi-load does with the rows. (flow.h: sealing and opening a flow; position.h:
 * applying.)
 *
 * A flow has one head row (sid ''): epoch, state (open or sealed), seq, source, high, conn_id,
 * intent; and, per source id in its position, one row with the intervals: for MySQL sid is the
 * uuid, or "uuid:tag", and intervals "1-5:7"; for MariaDB sid is the domain and intervals
 * "server-seq". mi-checkpoint(5) describes all columns. */
#ifndef MI_BOOKKEEPING_CHECKPOINT_H
#define MI_BOOKKEEPING_CHECKPOINT_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "bookkeeping/load.h"

#include <stdbool.h>

/* Called for one source id of a set; both spans point into the set's text. */
typedef void mi_checkpoint_row(void *user, struct mi_span sid, struct mi_span intervals);
/* Calls row for each source id of set, a GTID set in the text of mi_gtid_print. */
void mi_checkpoint_split(struct mi_span set, mi_checkpoint_row *row, void *user);

/* MI_CONFIG when the flow's checkpoint has advanced (its seq is not 0): its follower owns the
 * tables then. */
MI_MUST int mi_checkpoint_refuse_advanced(const struct mi_state *state, struct mi_conn *conn,
                                          struct mi_err *err);

/* Replaces the flow's rows, in one transaction, by an open head row of epoch 1 and seq 0 and the
 * position's rows. MI_CONFIG when the flow's checkpoint has advanced. position and high are GTID
 * sets in text. After a failure the transaction may still be open: the caller rolls back. */
MI_MUST int mi_checkpoint_write(const struct mi_state *state, struct mi_conn *conn,
                                const char *position, const char *high, const char *source,
                                struct mi_err *err);

/* *passed: the position contains high, so that the tables show one moment of the source. No
 * checkpoint is MI_CONFIG. */
MI_MUST int mi_checkpoint_passed_high(const struct mi_state *state, struct mi_conn *conn,
                                      bool *passed, struct mi_err *err);

#endif
