/* The proof that rows have arrived as they were sent: what the server holds is read back, in the
 * form in which the source was read (sql/row_text.h), and added up (stream/proof.h). */
#ifndef MI_LOAD_PROOF_H
#define MI_LOAD_PROOF_H

#include "base/err.h"
#include "load/feed.h"
#include "load/target.h"
#include "server/conn.h"
#include "stream/proof.h"

/* Reads a chunk's rows back within its transaction, after they have been sent and before COMMIT,
 * and compares; *proof is what they add up to, and is to be recorded. Does as the target's `prove`
 * says; for MI_PROVE_TABLE it only takes the proof of what was sent. MI_DATA, naming the key and
 * the column of the first row that differs, or the first row that is not there. */
MI_MUST int mi_prove_chunk(struct mi_feed *feed, struct mi_proof *proof, struct mi_err *err);

/* Proves what an earlier run has left, and what could not be proven chunk by chunk, once all rows
 * of the table are there: by the proofs that _mi_load keeps. *verified is false when it keeps none
 * of some chunk. MI_DATA, naming the key range where it is known, when the rows are not those that
 * were copied. */
MI_MUST int mi_prove_table(const struct mi_target *target, const struct mi_state *state,
                           struct mi_conn *conn, bool *verified, struct mi_err *err);

/* One per worker, kept in its feed; harmless on NULL. */
void mi_prover_free(struct mi_prover *prover);

#endif
