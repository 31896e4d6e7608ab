/* What all sessions of the router share: its two servers, limits, counters, mode, users and loops.
 * Made and ended by route/route.c; the members' comments say what may change while sessions run. */
#ifndef MI_ROUTE_SHARED_SHARED_H
#define MI_ROUTE_SHARED_SHARED_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "password/digest.h"
#include "route/net/loop.h"
#include "route/net/pool.h"
#include "route/shared/latency.h"
#include "route/shared/names.h"
#include "server/conn.h"
#include "server/options.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* One back end, as configured: nothing but the two counts and the addresses changes while sessions
 * run. */
struct mi_route_server {
	bool given;
	enum mi_route_side side;
	struct mi_conn_options options;
	struct mi_conn_place place;
	enum mi_tls tls;
	SSL_CTX *ctx;                           /* NULL: tls is MI_TLS_DISABLED */
	struct mi_buf key;                      /* of server-public-key-path, PEM; {0}: none */
	struct mi_route_resumption *resumption; /* route/net/resumption.h; NULL without ctx */
	/* a database's name for clients and at this server (--map); NULL: the names are equal */
	const char *map_from, *map_to;
	/* logins that nobody waited for and the server refused: how many, and the last error's
	 * number */
	atomic_uint refusals, refusal;
	pthread_mutex_t lock;       /* of addresses, which mi_back_resolve replaces */
	struct addrinfo *addresses; /* NULL: a Unix socket */
};

struct mi_route_limits {
	uint64_t sessions;   /* at once; more are refused with 1040 */
	uint64_t login_ms;   /* from accept to the login's end */
	uint64_t connect_ms; /* to open a back end, login included */
	uint64_t idle_ms;    /* between a client's commands; 0: for ever */
	/* how long a statement waits for a server that is away before it fails with 1053 */
	uint64_t hold_ms;
	uint64_t statement_memory; /* bytes of prepared texts that one session may keep */
};

struct mi_route_counters {
	atomic_uint_fast64_t accepted, refused, logins, failed_logins, statements[MI_ROUTE_SIDES],
	    lost[MI_ROUTE_SIDES], repeated, outcome_unknown, bytes_in, bytes_out;
};

struct mi_route_replica;
struct mi_catalogue;

struct mi_route {
	struct mi_route_server server[MI_ROUTE_SIDES];
	struct mi_route_limits limits;
	struct mi_route_counters counters;
	struct mi_route_latency latency[MI_ROUTE_SIDES];

	/* What the greeting says, in every mode. */
	char *version;
	const char *plugin; /* the authentication method that such a server names first */
	uint64_t caps;
	SSL_CTX *tls; /* towards clients; NULL: none */
	bool tls_required;
	struct mi_auth_key *key;
	unsigned char secret[MI_SHA256]; /* for mi_route_users_stand_in; as long-lived as key */
	struct mi_pool *pool;            /* for slow hashes */

	/* Session settings by name, from the source at start; see route/shared/baseline.h. */
	struct mi_route_baseline *baseline;

	struct mi_route_users *users; /* under users_lock; mi_route_users_hold what is read here */
	pthread_mutex_t users_lock;

	struct mi_loop **loops;
	struct mi_route_listeners *listeners;
	struct mi_route_sessions **sessions; /* of each loop, one list */
	unsigned loop_count;
	char *map;        /* what map_from and map_to point into */
	uint64_t started; /* ms of the loops' clock */

	struct mi_route_replica *replica; /* route/replica/replica.h */
	struct mi_catalogue *catalogue;   /* route/catalogue/catalogue.h */

	/* What a switch changes: see route/session/gate.h. */
	atomic_int mode; /* enum mi_route_mode */
	atomic_uint_fast64_t epoch;
	atomic_bool held;
	atomic_int busy;     /* sessions for which a hold waits: MI_SESSION_BUSY */
	atomic_int count;    /* all sessions */
	atomic_int at_door;  /* of those, the ones that have not logged in */
	atomic_uint next_id; /* the router's connection ids, from 2^31 on */
	/* who waits for the hold to drain, until that is called; the first loop's thread only */
	void (*drained)(void *arg);
	void *drained_arg;
	struct mi_task woken;
};

static inline enum mi_route_mode mi_route_mode(const struct mi_route *route)
{
	return (enum mi_route_mode)atomic_load(&route->mode);
}

#endif
