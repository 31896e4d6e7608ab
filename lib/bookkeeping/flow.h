/* A flow's rows in _mi_checkpoint as mi-fence handles them at a switch: read them, seal the flow,
 * let it go on, begin it anew, forget it. mi-checkpoint(5) says what the rows are.
 *
 * Each call is one transaction: COMMIT at its end, ROLLBACK on failure. conn's session must have
 * autocommit=0: no call says START TRANSACTION, so that a session that holds LOCK TABLES keeps its
 * locks. What the statements meet fails like mi_conn_fail; rows that cannot be read are
 * MI_CONFIG. */
#ifndef MI_BOOKKEEPING_FLOW_H
#define MI_BOOKKEEPING_FLOW_H

#include "base/err.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_flow {
	bool exists, open; /* exists: there is a head row; without one the rest is empty */
	uint64_t epoch, seq;
	char source[81]; /* identity of the server whose GTIDs the position has */
	struct mi_gtid_set *position;
	bool passed_high; /* the position contains high: no change to come meets newer rows */
};

/* Reads the rows, without a lock: a dying session may be about to change them. Release *flow
 * afterwards, also after a failure. */
MI_MUST int mi_flow_read(const struct mi_state *state, struct mi_conn *conn, struct mi_flow *flow,
                         struct mi_err *err);
/* Frees what *flow holds and leaves it {0}. Harmless on {0}. */
void mi_flow_release(struct mi_flow *flow);

/* Waits at most ms milliseconds until the flow's position contains set. MI_AGAIN when it does not
 * by then (the hint says how many transactions are missing, where they can be counted), and at once
 * when the flow is not open in epoch. */
MI_MUST int mi_flow_wait(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                         const struct mi_gtid_set *set, unsigned ms, struct mi_err *err);

/* Seals the flow of that epoch: from now on nobody applies anything of it. Harmless when it is
 * sealed already. MI_AGAIN: the flow is absent or of another epoch; or rows of a prepared XA
 * transaction wait in _mi_xa, whose COMMIT or ROLLBACK only this flow would bring. */
MI_MUST int mi_flow_seal(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                         struct mi_err *err);

/* Takes the sealing of epoch back: the flow is open again, as epoch `into`, so that nothing that
 * was meant for the old epoch can still happen to it. Harmless when the flow is open in `into`.
 * MI_AGAIN: the flow is absent or of a third epoch. */
MI_MUST int mi_flow_unseal(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                           uint64_t into, struct mi_err *err);

/* Begins the flow anew: its rows are replaced by those of position, open, in that epoch, with seq
 * 0. source is the identity of the server whose GTIDs position has. MI_AGAIN when the flow is of a
 * later epoch, or of this epoch with a seq above 0 (something has been applied). */
MI_MUST int mi_flow_open(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                         const char *source, const struct mi_gtid_set *position,
                         struct mi_err *err);

/* Deletes the flow's rows if they are of that epoch; epoch 0: whatever their epoch. Harmless when
 * there are none, or others. */
MI_MUST int mi_flow_forget(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                           struct mi_err *err);

#endif
