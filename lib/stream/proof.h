/* Proofs: what the rows of a chunk add up to, so that rows read from one server can be compared
 * with those that another holds, in any order. mi-stream(5) says how a proof is made. */
#ifndef MI_STREAM_PROOF_H
#define MI_STREAM_PROOF_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MI_PROOF_ROOM = 33 }; /* text of a proof and its NUL */

__extension__ typedef unsigned __int128 mi_sum;

/* {0} is the proof of no rows. */
struct mi_proof {
	mi_sum sum; /* of the rows' hashes, modulo 2^128 */
	uint64_t rows;
};

/* Adds a row: values in their stream form, data NULL is SQL NULL. */
void mi_proof_add(struct mi_proof *proof, const struct mi_span *values, size_t count);

/* Adds all rows of another proof. */
void mi_proof_join(struct mi_proof *proof, const struct mi_proof *more);

bool mi_proof_eq(const struct mi_proof *a, const struct mi_proof *b);

/* Writes the sum as 32 hexadecimal digits and a NUL. */
void mi_proof_text(const struct mi_proof *proof, char text[MI_PROOF_ROOM]);

/* Reads such a text; rows is left alone. False: it is none. */
MI_MUST bool mi_proof_parse(struct mi_span text, struct mi_proof *proof);

#endif
