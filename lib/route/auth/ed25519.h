/* Ed25519 signatures as MariaDB's ed25519 plugin wants them: RFC 8032's, but the secret is the
 * password itself, of any length, where the RFC has a seed of 32 bytes (which is all that OpenSSL,
 * and libsodium's own signing, take). With a password of 32 bytes the signature is the RFC's. The
 * arithmetic is libsodium's, whose work with secrets takes the same time whatever they are.
 *
 * Source: RFC 8032, section 5.1; MariaDB's "Authentication Plugin - ed25519". */
#ifndef MI_ROUTE_AUTH_ED25519_H
#define MI_ROUTE_AUTH_ED25519_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum { MI_ED25519_SIGNATURE = 64, MI_ED25519_PUBLIC = 32 };

/* False: this program was built without libsodium, and the functions below always fail. */
extern const bool mi_ed25519_is_built;

/* Writes the signature of message, or the public key that belongs to a password. False when
 * libsodium does not start. */
MI_MUST bool mi_ed25519_sign(unsigned char signature[MI_ED25519_SIGNATURE], struct mi_span password,
                             struct mi_span message);
MI_MUST bool mi_ed25519_public(unsigned char key[MI_ED25519_PUBLIC], struct mi_span password);

#endif
