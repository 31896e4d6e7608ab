/* A flow's rows in _mi_checkpoint while nobody applies it: opening it anew, sealing it, and letting
 * it go on. mi-checkpoint(5) says what the rows are.
 *
 * Each call is one transaction that ends with COMMIT. None of them says START TRANSACTION, so that
 * a session that holds LOCK TABLES keeps its locks: such a session must have autocommit=0, and so
 * must any other. */
#ifndef MI_BOOKKEEPING_FLOW_H
#define MI_BOOKKEEPING_FLOW_H

#include "base/err.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_flow {
	bool exists, open;
	uint64_t epoch, seq;
	char source[81]; /* the identity of the server that the position is about */
	struct mi_gtid_set *position;
	bool passed_high; /* nothing in it may meet rows that are newer any more */
};

/* Reads the rows, without a lock: a dying session may be about to change them. Free with _release,
 * also after a failure. */
MI_MUST int mi_flow_read(const struct mi_state *state, struct mi_conn *conn, struct mi_flow *flow,
                         struct mi_err *err);
void mi_flow_release(struct mi_flow *flow);

/* Waits at most ms milliseconds until the open row of that epoch contains set. MI_AGAIN: it does
 * not; the hint says how much is missing where that can be said. */
MI_MUST int mi_flow_wait(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                         const struct mi_gtid_set *set, unsigned ms, struct mi_err *err);

/* From now on nobody applies anything to the flow. Sealed already in that epoch: fine. MI_AGAIN: it
 * is of another epoch; or a prepared XA transaction waits in _mi_xa, whose end only this flow would
 * bring. */
MI_MUST int mi_flow_seal(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                         struct mi_err *err);

/* Takes the sealing of epoch back: open again, as epoch `into`, so that nothing that was meant for
 * the old one can happen to it any more. Harmless when it is open in `into`. MI_AGAIN: otherwise.
 */
MI_MUST int mi_flow_unseal(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                           uint64_t into, struct mi_err *err);

/* The flow begins anew: its rows are replaced by an open one of that epoch. Refused with MI_AGAIN
 * while there is one of the same or a later epoch that has been applied to. */
MI_MUST int mi_flow_open(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                         const char *source, const struct mi_gtid_set *position,
                         struct mi_err *err);

/* Deletes the rows if they are of that epoch; harmless when there are none. epoch 0: of any. */
MI_MUST int mi_flow_forget(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                           struct mi_err *err);

#endif
