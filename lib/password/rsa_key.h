/* RSA for caching_sha2_password over a connection without TLS: the password, XORed with the nonce,
 * is encrypted with the public key of the server that is logged in to (the router, or a back end).
 *
 * Source: "Caching_sha2_password information" of MySQL's protocol documentation; OAEP with SHA-1.
 */
#ifndef MI_PASSWORD_RSA_KEY_H
#define MI_PASSWORD_RSA_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "password/digest.h"

#include <stdbool.h>

struct mi_auth_key;

/* Reads the private key from path, or makes one of 2048 bits there, 0600, if there is no such file.
 * MI_CONFIG: others may read the file, or it holds no such key. *key may be used from any thread;
 * mi_auth_key_free it. */
MI_MUST int mi_auth_key_open(struct mi_auth_key **key, const char *path, struct mi_err *err);
void mi_auth_key_free(struct mi_auth_key *key); /* harmless on NULL */

/* The public key in PEM, for a client that asks for it. Owned by key. */
struct mi_span mi_auth_key_public(const struct mi_auth_key *key);

/* A secret that stays the same as long as the key does, and says nothing about it. */
void mi_auth_key_secret(const struct mi_auth_key *key, unsigned char secret[MI_SHA256]);

/* Decrypts a password and appends it without its NUL. False: encrypted holds none. */
MI_MUST bool mi_auth_key_decrypt(const struct mi_auth_key *key, struct mi_span encrypted,
                                 struct mi_span nonce, struct mi_buf *password);

/* Reads a server's public key, which the user has put there, into *pem, to be released by the
 * caller also on failure. MI_CONFIG: the file cannot be read, or holds no public RSA key in PEM. */
MI_MUST int mi_auth_public_read(const char *path, struct mi_buf *pem, struct mi_err *err);

/* Appends the password, encrypted with a server's public key (PEM). False: pem is no RSA key, or
 * the key is too short for the password. */
MI_MUST bool mi_auth_encrypt(struct mi_span pem, struct mi_span password, struct mi_span nonce,
                             struct mi_buf *encrypted);

#endif
