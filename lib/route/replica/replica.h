/* What all sessions share in mode replica: the target's progress, the list of incompatible reads,
 * what the target lacks (watched in mode source, too), counters. Made when the router starts, and
 * never NULL in a running router. */
#ifndef MI_ROUTE_REPLICA_REPLICA_H
#define MI_ROUTE_REPLICA_REPLICA_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct mi_route_replica {
	struct mi_replica_progress *causal;
	struct mi_route_incompatible *incompatible;
	struct mi_route_lacking *lacking; /* NULL: there is no target */
	bool allow_ddl;
	atomic_uint_fast64_t reads[MI_REASONS], waited, waited_in_vain, ddl_refused;
	/* account and server statements that only one side got */
	atomic_uint_fast64_t accounts, globals;
	atomic_uint_fast64_t other_db; /* statements that name the mapped database */
	/* ms, by mi_loop_now: no read goes to the target before */
	atomic_uint_fast64_t down_until;
};

/* Texts are the caller's, for the router's life. */
struct mi_route_replica_options {
	const char *notify; /* path of the socket for mi-apply --notify; NULL: none */
	const char *causal; /* "session", "user", "all"; NULL: all */
	uint64_t causal_wait_ms, max_lag_ms;
	bool allow_ddl; /* definitions may change while rows flow */
};

/* Makes route->replica. MI_USAGE: options->causal is none of the three words. */
MI_MUST int mi_route_replica_open(struct mi_route *route,
                                  const struct mi_route_replica_options *options,
                                  struct mi_err *err);
void mi_route_replica_close(struct mi_route *route);

/* Append lines for the control socket: see struct mi_control_lines. */
void mi_route_replica_status(struct mi_route *route, struct mi_buf *text);
void mi_route_replica_metrics(struct mi_route *route, struct mi_buf *text);
void mi_route_replica_incompatible(struct mi_route *route, struct mi_buf *text);
void mi_route_replica_lacking(struct mi_route *route, struct mi_buf *text);

#endif
