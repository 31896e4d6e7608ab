/* The router's life: made from a configuration, run, closed. */
#ifndef MI_ROUTE_ROUTE_H
#define MI_ROUTE_ROUTE_H

#include "base/err.h"
#include "route/shared/names.h"
#include "route/replica/replica.h"
#include "route/shared/shared.h"

#include <stdbool.h>
#include <stdint.h>

/* How the router is started. Texts are the caller's, for the router's life. */
struct mi_route_config {
	const char *config;          /* the option file */
	const char *source, *target; /* names of its groups; target NULL: none */
	const char *users, *state;   /* a file; a directory for the router's own files */
	const char *tls_cert, *tls_key, *tls_ca;
	bool tls_required;
	const char *version; /* NULL: the source's */
	const char *const *listen;
	size_t listen_count;
	const char *const *map; /* NAME=OTHER: a database's name at the target */
	size_t map_count;
	struct mi_route_replica_options replica;
	uint64_t threads;
	struct mi_route_limits limits; /* idle_ms 0: as the source's wait_timeout */
	enum mi_route_mode mode;
	uint64_t epoch;
};

/* Reads users and settings, looks at the servers, and listens. */
MI_MUST int mi_route_open(struct mi_route **route, const struct mi_route_config *config,
                          struct mi_err *err);
/* Serves until mi_stop_asked: takes no new clients then, and ends each session when its command or
 * transaction is over, all of them after grace_ms. */
MI_MUST int mi_route_run(struct mi_route *route, uint64_t grace_ms, struct mi_err *err);
void mi_route_close(struct mi_route *route);

#endif
