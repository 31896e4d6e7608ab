/* Where the router learns of the target's progress: a socket to which the follower writes (mi-apply
 * --notify), and a query of the source's GTID set, which resolves what is UNKNOWN. Each has a
 * thread of its own. The rules are in route/replica/marks.h. Functions with a causal may be called
 * from any thread. */
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
	uint64_t wait_ms;    /* how long a read may wait for the target */
	uint64_t max_lag_ms; /* a target further behind is not read from; 0: no bound */
};

struct mi_replica_progress;

/* Listens and starts the threads; route has its servers, mode and epoch. The options' text is the
 * caller's, until the close. */
MI_MUST int mi_replica_progress_open(struct mi_replica_progress **causal, struct mi_route *route,
                                     const struct mi_replica_progress_options *options,
                                     struct mi_err *err);
/* Ends the threads. Harmless on NULL. */
void mi_replica_progress_close(struct mi_replica_progress *causal);

/* Call before the mode or the epoch changes, and again after it. Writes that the router did not see
 * are UNKNOWN from then on. Harmless on NULL. */
void mi_replica_progress_mode(struct mi_replica_progress *causal, uint64_t epoch);

/* What all sessions of the user with that name must see; owned by causal, and lives as long. */
struct mi_causal_need *mi_replica_progress_user(struct mi_replica_progress *causal,
                                                const char *name);

/* A session wrote: gtids in text; empty: nobody knows which. session and user (may be NULL) grow.
 */
void mi_replica_progress_wrote(struct mi_replica_progress *causal, struct mi_causal_need *session,
                               struct mi_causal_need *user, struct mi_span gtids);

/* A command that may commit is sent to the source, or is over there: what it wrote was told before.
 * Until then others may see of it what nobody has told yet. */
void mi_replica_progress_begins(struct mi_replica_progress *causal);
void mi_replica_progress_ends(struct mi_replica_progress *causal);

/* A session has got something from the source: session and user (may be NULL) grow to include what
 * it saw. While a command that may commit is under way there, what was seen is UNKNOWN. own: one of
 * those is the session's own, and has told all that it wrote. */
void mi_replica_progress_saw(struct mi_replica_progress *causal, struct mi_causal_need *session,
                             struct mi_causal_need *user, bool own);

/* May a read of this session go to the target? Has the source asked for what is UNKNOWN. *arrived:
 * what had to be seen when the read arrived; filled in when first is set, else taken as filled in
 * then. now: mi_loop_now. */
enum mi_causal_answer mi_replica_progress_ask(struct mi_replica_progress *causal,
                                              const struct mi_causal_need *session,
                                              const struct mi_causal_need *user, bool first,
                                              struct mi_causal_need *arrived, uint64_t now);

/* A read has waited for wait_ms in vain: see mi_causal_waited_in_vain. */
void mi_replica_progress_waited_in_vain(struct mi_replica_progress *causal);

uint64_t mi_replica_progress_wait_ms(const struct mi_replica_progress *causal);

/* Why no read goes to the target now, by the follower and the marks: appends a word, and what there
 * is to say of it. False: reads may go there. */
bool mi_replica_progress_why(struct mi_replica_progress *causal, struct mi_buf *why);

/* Appends lines for the control socket's status. */
void mi_replica_progress_status(struct mi_replica_progress *causal, struct mi_buf *text);

#endif
