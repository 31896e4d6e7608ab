/* The router as a whole: opened from a configuration, run, closed. */
#ifndef MI_ROUTE_ROUTE_H
#define MI_ROUTE_ROUTE_H

#include "base/err.h"
#include "route/shared/names.h"
#include "route/replica/replica.h"
#include "route/shared/shared.h"
#include "table/filter.h"

#include <stdbool.h>
#include <stdint.h>

/* How the router is started. Texts are the caller's, for the router's life. */
struct mi_route_config {
	const char *config;          /* the option file */
	const char *source, *target; /* names of its groups; target NULL: none */
	const char *users, *state;   /* the users file; a directory for the router's own files */
	const char *tls_cert, *tls_key, *tls_ca;
	bool tls_required;
	const char *version; /* NULL: the source's */
	const char *const *listen;
	size_t listen_count;
	const char *const *map; /* NAME=OTHER: a database's name at the target */
	size_t map_count;
	struct mi_filter filter; /* what is imported, by the clients' names */
	struct mi_route_replica_options replica;
	uint64_t threads;              /* loops */
	struct mi_route_limits limits; /* idle_ms 0: the source's wait_timeout counts */
	enum mi_route_mode mode;       /* mode and epoch as in the mode file */
	uint64_t epoch;
};

/* Reads users and settings, asks the servers what they are, and listens. MI_CONFIG, MI_USAGE or
 * MI_UNAVAILABLE when that fails. The caller closes *route. */
MI_MUST int mi_route_open(struct mi_route **route, const struct mi_route_config *config,
                          struct mi_err *err);
/* Serves until mi_stop_asked. Then takes no new clients, ends each session when its command or
 * transaction is over, and those that are left after grace_ms. */
MI_MUST int mi_route_run(struct mi_route *route, uint64_t grace_ms, struct mi_err *err);
void mi_route_close(struct mi_route *route); /* harmless on NULL */

#endif
