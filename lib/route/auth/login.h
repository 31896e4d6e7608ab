/* A login at a back end, tried beforehand: by the code and the TLS settings that mi-route logs in
 * with, but blocking, and as at a server that has nothing cached. */
#ifndef MI_ROUTE_AUTH_LOGIN_H
#define MI_ROUTE_AUTH_LOGIN_H

#include "base/err.h"
#include "route/auth/users.h"
#include "server/conn.h"
#include "server/options.h"

#include <netdb.h>
#include <openssl/ssl.h>

/* A server to log in to: its addresses and TLS settings, looked up once. Several threads may use
 * it. */
struct mi_login_server {
	/* the caller's; its user and password are not used */
	const struct mi_conn_options *options;
	struct mi_conn_place place;
	enum mi_tls tls;
	SSL_CTX *ctx;               /* NULL: never TLS */
	struct addrinfo *addresses; /* NULL: a Unix socket */
};

/* MI_CONFIG for options that mi-route would refuse, MI_UNAVAILABLE for a host without an address.
 */
MI_MUST int mi_login_server_open(struct mi_login_server *door,
                                 const struct mi_conn_options *options, struct mi_err *err);
void mi_login_server_close(struct mi_login_server *door); /* harmless on {0} */

/* The number that client libraries give for a method which they do not know. */
enum { MI_LOGIN_METHOD = 2059 };

/* Connects, logs in, runs a statement of nothing (an account whose password has expired may get
 * that far) and hangs up, all within limit_ms. On failure *number is the server's error number,
 * MI_LOGIN_METHOD when it asked for a method that the router has not, or 0 when it was not the
 * server that said no, and err has the words. Never says the password. */
MI_MUST int mi_route_login_try(const struct mi_login_server *door,
                               const struct mi_route_account *account, unsigned limit_ms,
                               unsigned *number, struct mi_err *err);

#endif
