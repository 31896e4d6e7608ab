/* What the router knows of the target's progress: the socket where the follower speaks
 * (mi-apply --notify), and the question to the source that resolves what is unknown. Each has a
 * thread of its own. */
#ifndef MI_ROUTE_REPLICA_PROGRESS_H
#define MI_ROUTE_REPLICA_PROGRESS_H

#include "base/buf.h"
#include "base/err.h"
#include "route/replica/marks.h"
#include "route/shared/shared.h"

#include <stdbool.h>
#include <stdint.h>

/* Whose writes a read must see. */
enum mi_route_scope { MI_SCOPE_SESSION, MI_SCOPE_USER, MI_SCOPE_ALL };

struct mi_replica_progress_options {
	const char *notify; /* the socket's path; NULL: none, and no read goes to the target */
	enum mi_route_scope scope;
	uint64_t wait_ms;    /* a read waits so long for the target at most */
	uint64_t max_lag_ms; /* 0: no bound */
};

struct mi_replica_progress;

/* Listens and starts the threads; route has its servers, mode and epoch. */
MI_MUST int mi_replica_progress_open(struct mi_replica_progress **causal, struct mi_route *route,
                                     const struct mi_replica_progress_options *options,
                                     struct mi_err *err);
/* Harmless on NULL. */
void mi_replica_progress_close(struct mi_replica_progress *causal);

/* The mode or the epoch is about to change, and has changed: call it both times. What was written
 * while nobody looked is unknown. NULL: nothing happens. */
void mi_replica_progress_mode(struct mi_replica_progress *causal, uint64_t epoch);

/* A user's sessions' common need, by name; it lives as long as causal. */
struct mi_causal_need *mi_replica_progress_user(struct mi_replica_progress *causal,
                                                const char *name);

/* A session wrote: its GTIDs in text; empty: nobody knows which. */
void mi_replica_progress_wrote(struct mi_replica_progress *causal, struct mi_causal_need *session,
                               struct mi_causal_need *user, struct mi_span gtids);

/* A session saw the source. */
void mi_replica_progress_saw(struct mi_replica_progress *causal, struct mi_causal_need *session,
                             struct mi_causal_need *user);

/* May a read of this session go to the target? Asks the source by itself for what is unknown.
 * arrived: need as it was at the read's arrival; *arrived is filled when first is set. */
enum mi_causal_answer mi_replica_progress_ask(struct mi_replica_progress *causal,
                                              const struct mi_causal_need *session,
                                              const struct mi_causal_need *user, bool first,
                                              struct mi_causal_need *arrived, uint64_t now);

void mi_replica_progress_waited_in_vain(struct mi_replica_progress *causal);

uint64_t mi_replica_progress_wait_ms(const struct mi_replica_progress *causal);

/* Lines for status and metrics. */
void mi_replica_progress_status(struct mi_replica_progress *causal, struct mi_buf *text);

#endif
