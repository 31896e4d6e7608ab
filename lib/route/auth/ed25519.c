#include "route/auth/ed25519.h"
#include "base/buf.h"

#ifdef MI_HAVE_SODIUM

#include <sodium.h>

enum { SCALAR = crypto_core_ed25519_SCALARBYTES, DIGEST = crypto_hash_sha512_BYTES };

const bool mi_ed25519_is_built = true;

static void sha512(unsigned char digest[DIGEST], const struct mi_span *parts, size_t count)
{
	crypto_hash_sha512_state state;

	(void)crypto_hash_sha512_init(&state);
	for (size_t i = 0; i < count; i++)
		(void)crypto_hash_sha512_update(&state, (const unsigned char *)parts[i].data,
		                                parts[i].len);
	(void)crypto_hash_sha512_final(&state, digest);
	sodium_memzero(&state, sizeof state);
}

/* The first half of the password's digest is the secret scalar, the second makes nonces. */
static bool secrets(unsigned char secret[DIGEST], struct mi_span password)
{
	if (sodium_init() < 0)
		return false;
	sha512(secret, &password, 1);
	secret[0] &= 0xf8;
	secret[SCALAR - 1] = (secret[SCALAR - 1] & 0x7f) | 0x40;
	return true;
}

bool mi_ed25519_public(unsigned char key[MI_ED25519_PUBLIC], struct mi_span password)
{
	unsigned char secret[DIGEST];
	bool ok =
	    secrets(secret, password) && crypto_scalarmult_ed25519_base_noclamp(key, secret) == 0;

	sodium_memzero(secret, sizeof secret);
	return ok;
}

bool mi_ed25519_sign(unsigned char signature[MI_ED25519_SIGNATURE], struct mi_span password,
                     struct mi_span message)
{
	unsigned char secret[DIGEST], public[MI_ED25519_PUBLIC], digest[DIGEST];
	unsigned char nonce[SCALAR], factor[SCALAR];
	struct mi_span for_nonce[] = {mi_span(secret + SCALAR, DIGEST - SCALAR), message};
	struct mi_span for_factor[] = {mi_span(signature, MI_ED25519_PUBLIC),
	                               mi_span(public, MI_ED25519_PUBLIC), message};
	bool ok = false;

	if (!secrets(secret, password))
		return false;
	sha512(digest, for_nonce, 2);
	crypto_core_ed25519_scalar_reduce(nonce, digest);
	if (crypto_scalarmult_ed25519_base_noclamp(public, secret) == 0 &&
	    crypto_scalarmult_ed25519_base_noclamp(signature, nonce) == 0) {
		sha512(digest, for_factor, 3);
		crypto_core_ed25519_scalar_reduce(factor, digest);
		crypto_core_ed25519_scalar_mul(factor, factor, secret);
		crypto_core_ed25519_scalar_add(signature + MI_ED25519_PUBLIC, factor, nonce);
		ok = true;
	}
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(nonce, sizeof nonce);
	sodium_memzero(factor, sizeof factor);
	sodium_memzero(digest, sizeof digest);
	return ok;
}

#else

const bool mi_ed25519_is_built = false;

bool mi_ed25519_public(unsigned char key[MI_ED25519_PUBLIC], struct mi_span password)
{
	(void)key;
	(void)password;
	return false;
}

bool mi_ed25519_sign(unsigned char signature[MI_ED25519_SIGNATURE], struct mi_span password,
                     struct mi_span message)
{
	(void)signature;
	(void)password;
	(void)message;
	return false;
}

#endif
