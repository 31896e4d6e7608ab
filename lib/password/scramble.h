/* The answers to a server's nonce, and how a server checks them.
 *
 * Source: "Native Authentication" and "Caching_sha2_password information" of MySQL's protocol
 * documentation. */
#ifndef MI_PASSWORD_SCRAMBLE_H
#define MI_PASSWORD_SCRAMBLE_H

#include "base/buf.h"
#include "password/digest.h"

#include <stdbool.h>

/* SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password))) */
void mi_scramble_native(unsigned char out[MI_SHA1], struct mi_span password, struct mi_span nonce);
/* SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce) */
void mi_scramble_sha2(unsigned char out[MI_SHA256], struct mi_span password, struct mi_span nonce);

/* Is answer that of a client who knows the password whose double hash is twice? */
bool mi_scramble_native_ok(struct mi_span answer, const unsigned char twice[MI_SHA1],
                           struct mi_span nonce);
bool mi_scramble_sha2_ok(struct mi_span answer, const unsigned char twice[MI_SHA256],
                         struct mi_span nonce);

#endif
