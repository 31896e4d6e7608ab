/* RSA for caching_sha2_password over a connection without TLS: the password, mixed with the nonce,
 * travels under the public key of the server (here: of the router, or of a back end).
 *
 * Source: "Caching_sha2_password information" of MySQL's protocol documentation; OAEP with SHA-1.
 */
#ifndef MI_ROUTE_AUTH_RSA_KEY_H
#define MI_ROUTE_AUTH_RSA_KEY_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

struct mi_auth_key;

/* Reads the private key from path, or makes one of 2048 bits there, 0600, if there is no such file.
 * A file that others may read is MI_CONFIG. Use it from any thread. */
MI_MUST int mi_auth_key_open(struct mi_auth_key **key, const char *path, struct mi_err *err);
void mi_auth_key_free(struct mi_auth_key *key); /* harmless on NULL */

/* The public half in PEM, as a client asks for it. */
struct mi_span mi_auth_key_public(const struct mi_auth_key *key);

/* Appends the password that came encrypted, without its NUL. False when it is none. */
MI_MUST bool mi_auth_key_decrypt(const struct mi_auth_key *key, struct mi_span encrypted,
                                 struct mi_span nonce, struct mi_buf *password);

/* Appends the password encrypted for the server with that public key (PEM). False when that is not
 * an RSA key, or too short for the password. */
MI_MUST bool mi_auth_encrypt(struct mi_span pem, struct mi_span password, struct mi_span nonce,
                             struct mi_buf *encrypted);

#endif
