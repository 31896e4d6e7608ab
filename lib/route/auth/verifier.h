/* What the router keeps to check a password without keeping the password. Three forms, told apart
 * by how they begin:
 *
 *   *0123...            40 hexadecimal digits: SHA1(SHA1(password)), mysql_native_password's
 *   $A$005$...          MySQL's authentication_string for caching_sha2_password: a salt of 20 bytes
 *                       and a slow hash. It checks a password, not a scramble: after a restart the
 *                       first login of each user sends its password, by TLS, Unix socket or RSA.
 *                       May be written as 0x and hexadecimal digits, for salts that are not text.
 *   $SHA256$0123...     64 hexadecimal digits: SHA256(SHA256(password)), which checks a scramble
 *                       of caching_sha2_password at once. No salt: keep it as the password itself.
 *
 * Source: "Caching_sha2_password information" and "Native Authentication" of MySQL's protocol
 * documentation; the slow hash is U. Drepper's "Unix crypt using SHA-256", 5000 rounds for 005. */
#ifndef MI_ROUTE_AUTH_VERIFIER_H
#define MI_ROUTE_AUTH_VERIFIER_H

#include "base/buf.h"
#include "base/err.h"
#include "password/digest.h"

#include <stdbool.h>

enum { MI_CRYPT_SALT = 20, MI_CRYPT_HASH = 43 };

struct mi_verifier {
	bool has_sha2, has_native, has_crypt;
	unsigned char sha2[MI_SHA256];
	unsigned char native[MI_SHA1];
	unsigned crypt_rounds;
	unsigned char crypt_salt[MI_CRYPT_SALT];
	char crypt_hash[MI_CRYPT_HASH];
};

/* Adds the form that text has to *verifier. False: text has none of the forms. */
MI_MUST bool mi_verifier_parse(struct mi_verifier *verifier, struct mi_span text);

/* Adds the forms sha2 and native of the password. */
void mi_verifier_of_password(struct mi_verifier *verifier, struct mi_span password);

/* Does mi_verifier_matches take milliseconds? */
static inline bool mi_verifier_is_slow(const struct mi_verifier *verifier)
{
	return verifier->has_crypt && !verifier->has_sha2 && !verifier->has_native;
}

/* Is this the password, by any of the forms that verifier has? Compares in constant time. */
bool mi_verifier_matches(const struct mi_verifier *verifier, struct mi_span password);

enum mi_verifier_form { MI_VERIFIER_CRYPT, MI_VERIFIER_SHA256, MI_VERIFIER_NATIVE };

/* Appends a form's text for a password. CRYPT gets a random salt of letters and digits. */
void mi_verifier_print(struct mi_buf *out, enum mi_verifier_form form, struct mi_span password);

#endif
