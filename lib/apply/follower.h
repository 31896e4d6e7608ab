/* The follower's insides, shared by the files that make it up: apply/apply.c (the loop),
 * apply/begin.c (header and checkpoint), apply/commit.c (target transactions), apply/group.c
 * (transactions that fit memory), apply/pieces.c (those that do not), apply/xa.c and
 * apply/statement.c. */
#ifndef MI_APPLY_FOLLOWER_H
#define MI_APPLY_FOLLOWER_H

#include "apply/apply.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "bookkeeping/position.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "gtid/gtid.h"
#include "server/link.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { MI_GROUP_OPS = 20000 }; /* changes that go into one group, at most */

/* Source transactions that are to be committed together. */
struct mi_group {
	const struct mi_trx **trxs;
	size_t count, room;
	size_t op_count;
	bool idempotent; /* all of them, or none */
};

/* A source transaction that is too large to be kept, on its way. */
struct mi_piecewise {
	bool is_open;  /* its target transaction has begun */
	bool dropping; /* it has been applied before: nothing of it is wanted */
	uint64_t ops;  /* of it, so far */
};

/* What the metrics show; under lock, for another thread prints them. */
struct mi_apply_metrics {
	pthread_mutex_t lock;
	uint64_t transactions, target_transactions, replays;
	double lag_seconds;
	uint64_t source_us;
	struct mi_buf position;
};

struct mi_follower {
	const struct mi_apply_options *options;
	struct mi_link_options link_options;
	struct mi_link link;
	struct mi_inbox *inbox;
	struct mi_reader *reader;
	struct mi_progress *progress;
	struct mi_apply_metrics metrics;
	atomic_ullong heartbeat_us;
	struct mi_notify *notify; /* NULL: nobody is told */
	atomic_ullong busy_since; /* ms; 0: all that was read is applied */

	uint64_t claimed; /* the link's count of openings when the checkpoint was claimed */
	bool has_begun;   /* a header has been seen, the checkpoint read */
	struct mi_state state;
	struct mi_position position;
	struct mi_gtid_set *until;   /* NULL: none */
	struct mi_gtid_set *skipped; /* by SKIP records, not yet committed */
	bool skips_told;             /* to the router: they need no COMMIT to be there */
	struct mi_gtid_set *seen;    /* in this stream: MariaDB's numbers must grow */

	struct mi_shapes shapes;
	struct mi_compact compact;
	struct mi_sender sender;
	bool is_vitess;
	/* a failure that trying again would not help, though its code says so */
	struct mi_err final;

	struct mi_group group;
	struct mi_piecewise piecewise;

	bool file_is_old; /* the checkpoint file lags */
	uint64_t saved_ms, save_cost_ms;
	uint64_t committed_ms; /* when the last target transaction was */
};

/* ---- apply/begin.c ---- */

/* ---- apply/commit.c ---- */

/* What a target transaction does between its fence and the new position. It may be called again
 * after a failure. */
typedef int mi_follower_body(struct mi_follower *f, void *user, struct mi_err *err);

struct mi_work {
	mi_follower_body *body; /* NULL: nothing but the position */
	void *user;
	const struct mi_gtid_set *touched; /* what becomes part of the position; NULL: nothing */
	const char *intent;                /* NULL: as it is */
	bool single;                       /* one statement per packet, for exact messages */
};

/* ---- apply/group.c ---- */

/* ---- apply/pieces.c ---- */

/* ---- apply/xa.c ---- */

/* ---- apply/statement.c ---- */

#endif
