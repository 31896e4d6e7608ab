/* Changes as statements, into a sender. Neighbours of one kind in one table share a statement. */
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
	MI_WRITE_STRICT,     /* each row must be as the source had it */
	MI_WRITE_IDEMPOTENT, /* it may be newer, or gone */
};

struct mi_writing {
	struct mi_sender *sender;
	enum mi_apply_mode mode;
	uint64_t rows_per_statement; /* 0: as many as is good */
	bool checks;                 /* foreign_key_checks as the session will have it by then */

	/* the statement at hand */
	enum mi_expect_kind kind;
	bool is_open;
	struct mi_shape *shape;
	const struct mi_op *op;
	const struct mi_span *key;
	uint64_t rows;
	size_t start; /* of its text */
};

/* One change, in its order. checks: whether foreign keys must act. */
MI_MUST int mi_apply_op(struct mi_writing *writing, struct mi_shape *shape, const struct mi_op *op,
                        bool checks, struct mi_err *err);

/* A compacted lane: deletes, updates, inserts. */
MI_MUST int mi_apply_lane(struct mi_writing *writing, struct mi_shape *shape,
                          const struct mi_lane *lane, struct mi_err *err);

/* Completes the statement at hand, and puts foreign_key_checks back to 0. */
MI_MUST int mi_record_end(struct mi_writing *writing, struct mi_err *err);

#endif
