/* The follower's insides, shared by the files that make it up: apply/apply.c (the loop),
 * apply/begin.c (header and checkpoint), apply/commit.c (target transactions), apply/group.c
 * (transactions that fit memory), apply/pieces.c (those that do not), apply/xa.c and
 * apply/statement.c. */
#ifndef MI_APPLY_FOLLOWER_H
#define MI_APPLY_FOLLOWER_H

#include "base/progress.h"
#include "apply/apply.h"
#include "apply/inbox.h"
#include "server/link.h"
#include "apply/notify.h"
#include "bookkeeping/position.h"
#include "apply/reader.h"
#include "apply/shape.h"
#include "apply/write.h"

#include <pthread.h>

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
	struct mi_err
	    final; /* a failure that trying again would not help, though its code says so */

	struct mi_group group;
	struct mi_piecewise piecewise;

	bool file_is_old; /* the checkpoint file lags */
	uint64_t saved_ms, save_cost_ms;
	uint64_t committed_ms; /* when the last target transaction was */
};

uint64_t mi_follower_now_ms(void);

/* ---- apply/begin.c ---- */

/* A stream's header: the first one finds and claims the checkpoint. */
MI_MUST int mi_follower_header(struct mi_follower *f, const struct mi_bundle *header,
                               struct mi_err *err);

/* "..." or @FILE, parsed. what: the option, for messages. */
MI_MUST int mi_follower_set_option(const char *what, const char *text, struct mi_gtid_set **set,
                                   struct mi_err *err);

/* Writes the checkpoint file: at once, or when its time has come. */
MI_MUST int mi_follower_save(struct mi_follower *f, bool now, struct mi_err *err);

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

/* Runs one target transaction, again and again while failures are transient, and takes its position
 * over. What it touches is not in the position before. */
MI_MUST int mi_follower_commit(struct mi_follower *f, const struct mi_work *work,
                               struct mi_err *err);

/* The halves of it, without another try: for a transaction that cannot be repeated. */
MI_MUST int mi_follower_open(struct mi_follower *f, struct mi_err *err);
MI_MUST int mi_follower_close(struct mi_follower *f, const struct mi_gtid_set *touched,
                              struct mi_err *err);
void mi_follower_abandon(struct mi_follower *f);

/* Adds to the counts. */
void mi_follower_count(struct mi_follower *f, uint64_t transactions, uint64_t ops,
                       uint64_t commit_us);

/* ---- apply/group.c ---- */

/* Adds a whole transaction; commits the group before it when it does not fit in. */
MI_MUST int mi_group_add(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);
MI_MUST int mi_group_commit(struct mi_follower *f, struct mi_err *err);

/* Makes the shapes of all tables that ops change known. Not while anything is outstanding. once:
 * inside a transaction, which another try would lose. */
MI_MUST int mi_follower_prepare(struct mi_follower *f, const struct mi_op *ops, bool once,
                                struct mi_err *err);

/* Writes ops, which have been prepared, in source order. */
MI_MUST int mi_follower_write(struct mi_follower *f, struct mi_writing *writing,
                              const struct mi_op *ops, struct mi_err *err);
bool mi_follower_is_idempotent(const struct mi_follower *f, const struct mi_trx *trx);

/* ---- apply/pieces.c ---- */

MI_MUST int mi_piecewise_take(struct mi_follower *f, const struct mi_trx *piece,
                              struct mi_err *err);

/* A whole transaction that is too large for one of the target's: in parts, or refused. */
bool mi_is_too_large(const struct mi_follower *f, uint64_t ops);
MI_MUST int mi_split_apply(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

/* ---- apply/xa.c ---- */

MI_MUST int mi_xa_prepare(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);
MI_MUST int mi_xa_commit(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);
MI_MUST int mi_xa_rollback(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err);

/* ---- apply/statement.c ---- */

/* A transaction with statements, as --on-ddl says. */
MI_MUST int mi_follower_statement(struct mi_follower *f, const struct mi_trx *trx,
                                  struct mi_err *err);

#endif
