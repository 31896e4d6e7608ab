/* The state of a follower, shared by the files that make it up and included by no others:
 * apply/apply.c (the loop), begin.c (header and checkpoint), commit.c (transactions on the target),
 * group.c (source transactions that fit memory), pieces.c (those that do not), xa.c and
 * past.c and statement.c. Its own thread uses it; what others read is atomic or under metrics.lock.
 */
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
#include "throttle/throttle.h"

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

/* A source transaction that is too large to be kept, while its pieces arrive. */
struct mi_piecewise {
	bool is_open;  /* a transaction on the target has begun for it */
	bool dropping; /* it was applied by an earlier run: all of it is left out */
	uint64_t ops;  /* its changes so far */
};

/* The transaction of --past. */
struct mi_past {
	struct mi_gtid_set *set; /* NULL: none, or it has been passed */
	bool dropping;           /* pieces of it are arriving */
	struct mi_buf what;      /* its tables and statements so far */
};

/* What the metrics show; under lock, because another thread prints them. */
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
	struct mi_throttle *throttle;
	struct mi_turn turn; /* of each group of transactions */
	struct mi_apply_metrics metrics;
	atomic_ullong heartbeat_us;
	struct mi_notify *notify; /* to a router; NULL: none */
	atomic_ullong busy_since; /* of mi_now_ms; 0: all that was read is applied */

	uint64_t claimed; /* the value of link.opened when the checkpoint was claimed */
	bool has_begun;   /* the first header has come, and the checkpoint row is known */
	bool of_mariadb;  /* the last header's flavour */
	struct mi_state state;
	struct mi_position position;
	struct mi_gtid_set *until;   /* NULL: none */
	struct mi_gtid_set *skipped; /* by SKIP records, and not committed yet */
	bool skips_told;             /* the router knows of skipped */
	struct mi_gtid_set *seen;    /* in this stream, since-set included; only for MariaDB */

	struct mi_shapes shapes;
	struct mi_compact compact;
	struct mi_sender sender;
	bool is_vitess;
	/* A failure that another try would only repeat, although its code says otherwise. */
	struct mi_err final;

	/* The intent in the position belongs to the next transaction, which ends it. */
	bool intent_ends;

	struct mi_group group;
	struct mi_piecewise piecewise;
	/* the transaction whose parts are here by --split-large, but whose end was ABORT; NULL */
	struct mi_gtid_set *parted;
	struct mi_past past;
	struct mi_gtid_set *ddl_at; /* the transaction of --on-ddl-at; NULL: none */

	bool file_is_old;                /* the checkpoint file lags */
	uint64_t saved_ms, save_cost_ms; /* when it was last written, and how long that took */
	uint64_t committed_ms;           /* when the last target transaction was committed */
};

/* ---- For apply/commit.h ---- */

/* What a target transaction does between its fence and the new position, into f->sender. Called
 * again when the transaction is tried again. */
typedef int mi_follower_body(struct mi_follower *f, void *user, struct mi_err *err);

struct mi_work {
	mi_follower_body *body; /* NULL: nothing but the position */
	void *user;
	const struct mi_gtid_set *touched; /* what becomes part of the position; NULL: nothing */
	const char *intent;                /* the new intent; NULL: leaves it */
	bool single;                       /* one statement per packet, for exact messages */
};

#endif
