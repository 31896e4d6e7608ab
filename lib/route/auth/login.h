/* A trial login at a server, for mi-check: with mi-route's authentication and TLS settings, but
 * blocking, and as at a server that has no password cached. */
#ifndef MI_ROUTE_AUTH_LOGIN_H
#define MI_ROUTE_AUTH_LOGIN_H

#include "base/buf.h"
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
	struct mi_buf key;          /* of server-public-key-path; {0}: none */
	struct addrinfo *addresses; /* NULL: a Unix socket */
};

/* Fills in *door. MI_CONFIG: options that mi-route would refuse; MI_UNAVAILABLE: the host has no
 * address. */
MI_MUST int mi_login_server_open(struct mi_login_server *door,
                                 const struct mi_conn_options *options, struct mi_err *err);
void mi_login_server_close(struct mi_login_server *door); /* harmless on {0} */

/* The error number of client libraries for an authentication method that they do not know. */
enum { MI_LOGIN_METHOD = 2059 };
/* And for a password that was asked for on an open line (password/open_line.h). */
enum { MI_LOGIN_OPEN_LINE = 2061 };

/* Connects, logs in, runs SELECT 1 (only there is an expired password refused) and hangs up, all
 * within limit_ms. On failure err says what failed, without the password, and *number is the
 * server's error number, MI_LOGIN_METHOD when the server asked for a method that the router does
 * not know, MI_LOGIN_OPEN_LINE when it asked for the password on an open line, or 0 when the
 * failure is not the server's refusal. */
MI_MUST int mi_route_login_try(const struct mi_login_server *door,
                               const struct mi_route_account *account, unsigned limit_ms,
                               unsigned *number, struct mi_err *err);

#endif
