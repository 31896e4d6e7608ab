/* The router: what all its sessions share. */
#ifndef MI_ROUTE_ROUTE_H
#define MI_ROUTE_ROUTE_H

#include "server/conn.h"
#include "server/options.h"
#include "route/auth/auth.h"
#include "route/net/loop.h"
#include "route/auth/users.h"

#include <netdb.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

enum mi_route_mode {
	MI_MODE_SOURCE,  /* everything at the source */
	MI_MODE_REPLICA, /* reads at the target, the rest at the source */
	MI_MODE_PRIMARY, /* everything at the target; the source follows */
	MI_MODE_TARGET,  /* everything at the target; there is no source any more */
	MI_MODES
};

extern const char *const mi_route_mode_names[MI_MODES];
extern const char *const mi_route_side_names[MI_ROUTE_SIDES];

/* One back end, as configured. Never changes while sessions run. */
struct mi_route_server {
	bool given;
	enum mi_route_side side;
	struct mi_conn_options options;
	struct mi_conn_place place;
	enum mi_tls tls;
	SSL_CTX *ctx; /* NULL: tls is MI_TLS_DISABLED */
	/* the client's name of a database and this server's; NULL: the same */
	const char *map_from, *map_to;
	pthread_mutex_t lock;       /* of addresses, which a look-up replaces */
	struct addrinfo *addresses; /* NULL: a Unix socket */
};

struct mi_route_limits {
	uint64_t sessions;   /* at once; more are refused with 1040 */
	uint64_t login_ms;   /* from accept to the login's end */
	uint64_t connect_ms; /* of a back end, with its login */
	uint64_t idle_ms;    /* between a client's commands; 0: for ever */
	uint64_t hold_ms;    /* how long a statement waits in a hold before it fails with 1053 */
	uint64_t statement_memory; /* bytes of prepared texts that one session may keep */
};

struct mi_route_counters {
	atomic_uint_fast64_t accepted, refused, logins, failed_logins, statements[MI_ROUTE_SIDES],
	    lost[MI_ROUTE_SIDES], repeated, outcome_unknown, bytes_in, bytes_out;
};

/* From a statement's arrival to the end of its answer, what it waited included. */
enum { MI_LATENCY_BUCKETS = 16 };
extern const uint64_t mi_route_latency_us[MI_LATENCY_BUCKETS]; /* upper bounds; the last: none */
struct mi_route_latency {
	atomic_uint_fast64_t bucket[MI_LATENCY_BUCKETS], sum_us, max_us;
};
void mi_route_latency_add(struct mi_route_latency *latency, uint64_t us);

struct mi_route_replica;

struct mi_route {
	struct mi_route_server server[MI_ROUTE_SIDES];
	struct mi_route_limits limits;
	struct mi_route_counters counters;
	struct mi_route_latency latency[MI_ROUTE_SIDES];

	/* The greeting: the same in every mode. */
	char *version;
	uint64_t caps;
	SSL_CTX *tls; /* towards clients; NULL: none */
	bool tls_required;
	struct mi_auth_key *key;

	/* Session settings by name, from the source at start; see route/shared/baseline.h. */
	struct mi_route_baseline *baseline;

	struct mi_route_users *users; /* under users_lock; hold it */
	pthread_mutex_t users_lock;

	struct mi_loop **loops;
	struct mi_route_listeners *listeners;
	struct mi_route_sessions **sessions; /* of each loop */
	unsigned loop_count;
	char *map;        /* what map_from and map_to point into */
	uint64_t started; /* ms of the loops' clock */

	struct mi_route_replica *replica; /* route/replica/replica.h */

	/* What a switch changes: see route/session/gate.h. */
	atomic_int mode; /* enum mi_route_mode */
	atomic_uint_fast64_t epoch;
	atomic_bool held;
	atomic_int busy;     /* sessions for which a hold waits */
	atomic_int count;    /* sessions */
	atomic_uint next_id; /* the router's connection ids, from 2^31 on */
	void (*drained)(void *arg);
	void *drained_arg;
	struct mi_task woken;
};

static inline enum mi_route_mode mi_route_mode(const struct mi_route *route)
{
	return (enum mi_route_mode)atomic_load(&route->mode);
}

/* Where writes go in a mode, and where a routed read may go. */
static inline enum mi_route_side mi_route_writer(enum mi_route_mode mode)
{
	return mode <= MI_MODE_REPLICA ? MI_ROUTE_SOURCE : MI_ROUTE_TARGET;
}

/* ---- Life ---- */

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
	const char *notify; /* socket for mi-apply --notify; NULL: none */
	const char *causal; /* "session", "user", "all"; NULL: all */
	uint64_t causal_wait_ms, max_lag_ms;
	bool allow_ddl;
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
