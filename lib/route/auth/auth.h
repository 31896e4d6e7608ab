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
	MI_AUTH_SEND, /* send what was appended to out, then feed the next packet */
	MI_AUTH_WAIT, /* nothing to send: feed the next packet */
	/* logged in; a server first sends what was appended to out, if anything, then OK */
	MI_AUTH_DONE,
	MI_AUTH_REFUSED, /* the login has failed; err says why, for the log (not for the peer) */
	/* as a server: a slow hash is to be calculated, see mi_auth_think; meanwhile nothing is fed
	 */
	MI_AUTH_THINK,
};

/* MI_NONCE random bytes, none of them NUL or '$', for a greeting. */
void mi_auth_nonce(unsigned char nonce[MI_NONCE]);

/* ---- As a server: is this client who it says? ---- */

struct mi_auth_server {
	unsigned char nonce[MI_NONCE]; /* as the greeting has it; set before the start */
	bool secure;                   /* TLS or a Unix socket: a clear password may pass */
	/* NULL: a clear password can come only over a secure connection */
	const struct mi_auth_key *key;
	const struct mi_route_user *user; /* the caller's */
	bool unknown;                     /* user is a stand-in: nobody has the name */
	unsigned char state, method;      /* auth.c */
	struct mi_auth_thought
	    *thought; /* what was to be calculated when the last step was THINK */
};

/* A slow hash to be calculated: some milliseconds. thought is the caller's, and holds what it
 * needs; it may be in any thread. */
struct mi_auth_thought;
void mi_auth_think(struct mi_auth_thought *thought);
void mi_auth_thought_free(struct mi_auth_thought *thought); /* wipes; harmless on NULL */

/* The plugin that a greeting names. */
extern const char mi_auth_default_plugin[]; /* caching_sha2_password */

/* _start: the client has sent its login (or COM_CHANGE_USER). auth->nonce, secure and key are set.
 * user must live until the end. unknown: nobody has the name, and user is its stand-in
 * (mi_route_users_stand_in): the exchange is as with anybody else, in what is sent and in the time
 * that it takes, and ends with a refusal. An AuthSwitchRequest carries a new nonce, but in
 * COM_CHANGE_USER, which begins with one, the old nonce. _feed: the client has sent a packet with
 * this payload. _conclude: after THINK and mi_auth_think; thought stays the caller's. */
enum mi_auth_step mi_auth_server_start(struct mi_auth_server *auth,
                                       const struct mi_route_user *user, bool unknown,
                                       const struct mi_login *login, struct mi_buf *out,
                                       struct mi_err *err);
enum mi_auth_step mi_auth_server_conclude(struct mi_auth_server *auth,
                                          const struct mi_auth_thought *thought,
                                          struct mi_err *err);
enum mi_auth_step mi_auth_server_feed(struct mi_auth_server *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err);

/* ---- As a client: logging in to a back end ---- */

struct mi_auth_client {
	const char *password; /* "" for none; must live until the end */
	bool secure;          /* TLS or a Unix socket */
	struct mi_span
	    key; /* the server's public key in PEM, when the user has given it; else {0} */
	/* caching_sha2_password: sends a wrong scramble, so that the server asks for the password
	 * itself, as it does when it has nothing cached */
	bool cold;
	unsigned char method, switches;
	unsigned char nonce_len;
	unsigned char nonce[64];
};

/* The server has sent its greeting (for COM_CHANGE_USER: hello has the nonce and plugin to begin
 * with). auth->password and secure are set. *plugin is what to name in the login, and the bytes for
 * login.auth, at most 255, are appended to out. A plugin that is not known here is answered as
 * mysql_native_password; the server then switches. */
void mi_auth_client_start(struct mi_auth_client *auth, const struct mi_hello *hello,
                          struct mi_span *plugin, struct mi_buf *out);

/* Feeds each packet that follows the login: an AuthSwitchRequest, AuthMoreData, OK (MI_AUTH_DONE;
 * the caller reads it) or ERR (MI_AUTH_REFUSED: MI_DENIED with the server's words, or
 * MI_UNAVAILABLE for too many connections and the like). A server that asks for a method that would
 * show the password to whoever listens, or to whoever answers in the server's place (it could send
 * a key of its own), is refused with MI_CONFIG. */
enum mi_auth_step mi_auth_client_feed(struct mi_auth_client *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err);

#endif
