/* The double hashes of passwords that the authentication methods of MySQL's protocol are built on.
 */
#ifndef MI_PASSWORD_DIGEST_H
#define MI_PASSWORD_DIGEST_H

#include "base/buf.h"

enum { MI_SHA1 = 20, MI_SHA256 = 32 };

/* SHA256(SHA256(password)), SHA1(SHA1(password)). */
void mi_sha256_twice(unsigned char digest[MI_SHA256], struct mi_span password);
void mi_sha1_twice(unsigned char digest[MI_SHA1], struct mi_span password);

#endif
