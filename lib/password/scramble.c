#include "password/scramble.h"
#include "base/buf.h"
#include "password/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* The digest of two spans, XORed onto out. */
static void mix_digest(const EVP_MD *kind, struct mi_span first, struct mi_span second,
                       unsigned char *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!ctx || EVP_DigestInit_ex(ctx, kind, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, first.data, first.len) != 1 ||
	    EVP_DigestUpdate(ctx, second.data, second.len) != 1 ||
	    EVP_DigestFinal_ex(ctx, digest, &len) != 1)
		abort(); /* no memory, or an OpenSSL without SHA */
	EVP_MD_CTX_free(ctx);
	for (unsigned i = 0; i < len; i++)
		out[i] ^= digest[i];
}

static void digest(const EVP_MD *kind, struct mi_span text, unsigned char *out, size_t len)
{
	memset(out, 0, len);
	mix_digest(kind, text, (struct mi_span){0}, out);
}

void mi_scramble_native(unsigned char out[MI_SHA1], struct mi_span password, struct mi_span nonce)
{
	unsigned char twice[MI_SHA1];

	mi_sha1_twice(twice, password);
	digest(EVP_sha1(), password, out, MI_SHA1);
	mix_digest(EVP_sha1(), nonce, mi_span(twice, sizeof twice), out);
	OPENSSL_cleanse(twice, sizeof twice);
}

void mi_scramble_sha2(unsigned char out[MI_SHA256], struct mi_span password, struct mi_span nonce)
{
	unsigned char twice[MI_SHA256];

	mi_sha256_twice(twice, password);
	digest(EVP_sha256(), password, out, MI_SHA256);
	mix_digest(EVP_sha256(), mi_span(twice, sizeof twice), nonce, out);
	OPENSSL_cleanse(twice, sizeof twice);
}

/* The answer, XORed with the digest of what is known, gives the password's hash: does that hash to
 * twice? first and second: the nonce and twice, in the order of the method. */
static bool is_answer(const EVP_MD *kind, struct mi_span answer, struct mi_span twice,
                      struct mi_span first, struct mi_span second)
{
	unsigned char once[EVP_MAX_MD_SIZE], again[EVP_MAX_MD_SIZE];
	bool ok;

	if (answer.len != twice.len)
		return false;
	memcpy(once, answer.data, answer.len);
	mix_digest(kind, first, second, once);
	digest(kind, mi_span(once, twice.len), again, twice.len);
	ok = CRYPTO_memcmp(again, twice.data, twice.len) == 0;
	OPENSSL_cleanse(once, sizeof once);
	return ok;
}

bool mi_scramble_native_ok(struct mi_span answer, const unsigned char twice[MI_SHA1],
                           struct mi_span nonce)
{
	const struct mi_span hash = mi_span(twice, MI_SHA1);

	return is_answer(EVP_sha1(), answer, hash, nonce, hash);
}

bool mi_scramble_sha2_ok(struct mi_span answer, const unsigned char twice[MI_SHA256],
                         struct mi_span nonce)
{
	const struct mi_span hash = mi_span(twice, MI_SHA256);

	return is_answer(EVP_sha256(), answer, hash, hash, nonce);
}
