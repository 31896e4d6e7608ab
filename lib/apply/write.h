/* Writes row changes as statements, into a sender. Consecutive changes of one kind in one table
 * share a statement. */
#ifndef MI_APPLY_WRITE_H
#define MI_APPLY_WRITE_H

#include "apply/sender.h"
#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "change/bundle.h"
#include "change/compact.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_apply_mode {
	MI_WRITE_STRICT,     /* each row must be there, or not, as it was on the source */
	MI_WRITE_IDEMPOTENT, /* rows may be there already, newer, or deleted */
};

struct mi_writing {
	struct mi_sender *sender;
	enum mi_apply_mode mode;
	uint64_t rows_per_statement; /* at most; 0: a good number */
	bool checks;                 /* foreign_key_checks after the statements written so far */

	/* The statement that is being written; see struct mi_expect. */
	enum mi_expect_kind kind;
	bool is_open;
	struct mi_shape *shape;
	const struct mi_op *op;
	const struct mi_span *key;
	uint64_t rows;
	size_t start; /* of its text in the sender's buffer */
};

/* Writes one change behind those before. checks: foreign keys must act (foreign_key_checks=1). */
MI_MUST int mi_apply_op(struct mi_writing *writing, struct mi_shape *shape, const struct mi_op *op,
                        bool checks, struct mi_err *err);

/* Writes a table's compacted changes (change/compact.h), one per row: deletes, then updates, then
 * inserts. Only in mode MI_WRITE_STRICT. */
MI_MUST int mi_apply_lane(struct mi_writing *writing, struct mi_shape *shape,
                          const struct mi_lane *lane, struct mi_err *err);

/* Ends the statement that is being written, and sets foreign_key_checks back to 0. */
MI_MUST int mi_apply_end(struct mi_writing *writing, struct mi_err *err);

#endif
