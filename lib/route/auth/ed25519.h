/* Ed25519 signatures as MariaDB's ed25519 plugin wants them: RFC 8032's, but the secret is the
 * password itself, of any length, where the RFC has a seed of 32 bytes (which is all that OpenSSL
 * signs with). With a password of 32 bytes it is the RFC's signature.
 *
 * Source: RFC 8032, section 5.1; MariaDB's "Authentication Plugin - ed25519". */
#ifndef MI_ROUTE_AUTH_ED25519_H
#define MI_ROUTE_AUTH_ED25519_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum { MI_ED25519_SIGNATURE = 64, MI_ED25519_PUBLIC = 32 };

/* False when OpenSSL fails (out of memory). Works in a time that does not depend on the secret,
 * except for the reduction of numbers by OpenSSL's BIGNUM. */
MI_MUST bool mi_ed25519_sign(unsigned char signature[MI_ED25519_SIGNATURE], struct mi_span password,
                             struct mi_span message);
MI_MUST bool mi_ed25519_public(unsigned char key[MI_ED25519_PUBLIC], struct mi_span password);

#endif
