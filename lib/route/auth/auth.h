/* Authentication in the MySQL protocol, both ends of it, as state machines: feed the peer's packet,
 * get the packet to send. Payloads only: headers, sequence numbers, greeting, login and TLS are the
 * caller's. Nothing here blocks, or keeps a pointer to a packet.
 *
 * Source: "Authentication Methods" of MySQL's protocol documentation (native: "Native
 * Authentication", caching_sha2: "Caching_sha2_password information"), MariaDB's "Authentication
 * Plugin - ed25519". */
#ifndef MI_ROUTE_AUTH_AUTH_H
#define MI_ROUTE_AUTH_AUTH_H

#include "base/buf.h"
#include "base/err.h"
#include "protocol/hello.h"
#include "route/auth/users.h"

#include <stdbool.h>

enum mi_auth_step {
	MI_AUTH_SEND, /* send what out got, then feed the next packet */
	MI_AUTH_WAIT, /* nothing to send: feed the next packet */
	MI_AUTH_DONE, /* logged in; a server first sends what out got, if anything, then its OK */
	MI_AUTH_REFUSED, /* it has failed; err says why, for the log (not for the peer) */
};

/* MI_NONCE random bytes, none of them NUL or '$', for a greeting. */
void mi_auth_nonce(unsigned char nonce[MI_NONCE]);

/* ---- As a server: is this client who it says? ---- */

struct mi_auth_server {
	unsigned char nonce[MI_NONCE]; /* the one in the greeting; set before the start */
	bool secure;                   /* TLS or a Unix socket: a clear password may pass */
	const struct mi_auth_key *key; /* NULL: no clear password without secure */
	const struct mi_route_user *user;
	unsigned char state, method;
};

/* The plugin that a greeting names. */
extern const char mi_auth_default_plugin[]; /* caching_sha2_password */

/* Begins with the client's login (or COM_CHANGE_USER). user is NULL when there is none of that
 * name; the exchange is then the same up to its refusal. auth->nonce, secure and key are set. user
 * must live until the end. An AuthSwitch brings a new nonce; in COM_CHANGE_USER, which begins with
 * one, it is the old nonce. */
enum mi_auth_step mi_auth_server_start(struct mi_auth_server *auth,
                                       const struct mi_route_user *user,
                                       const struct mi_login *login, struct mi_buf *out,
                                       struct mi_err *err);
enum mi_auth_step mi_auth_server_feed(struct mi_auth_server *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err);

/* ---- As a client: logging in to a back end ---- */

struct mi_auth_client {
	const char *password; /* "" for none; must live until the end */
	bool secure;          /* TLS or a Unix socket */
	/* caching_sha2_password: gives a scramble that no server finds right, so that it asks for
	 * the password itself, as one does that has nothing cached */
	bool cold;
	unsigned char state, method, switches;
	unsigned char nonce_len;
	unsigned char nonce[64];
};

/* Begins with the server's greeting (or for COM_CHANGE_USER with its nonce and plugin): *plugin is
 * what to name in the login, and out gets the bytes for login.auth (at most 255). A plugin that is
 * not known here is answered as mysql_native_password, and the server then switches. password and
 * secure are set. */
void mi_auth_client_start(struct mi_auth_client *auth, const struct mi_hello *hello,
                          struct mi_span *plugin, struct mi_buf *out);

/* Feeds each packet that follows the login: an AuthSwitchRequest, AuthMoreData, OK (MI_AUTH_DONE;
 * the caller reads it) or ERR (MI_AUTH_REFUSED: MI_DENIED with the server's words, or
 * MI_UNAVAILABLE for too many connections and the like). A server that asks for a method that would
 * show the password to whoever listens is refused. */
enum mi_auth_step mi_auth_client_feed(struct mi_auth_client *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err);

#endif
