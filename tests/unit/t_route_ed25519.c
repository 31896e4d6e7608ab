/* Against OpenSSL, whose secrets have 32 bytes: then the signatures are the same. */
#include "base/buf.h"
#include "route/auth/ed25519.h"
#include "t.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

static bool openssl_sign(unsigned char *signature, const unsigned char *seed, struct mi_span text)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = MI_ED25519_SIGNATURE;
	bool ok =
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text.data, text.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

static bool openssl_verifies(const unsigned char *public, const unsigned char *signature,
                             struct mi_span text)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	          EVP_DigestVerify(ctx, signature, MI_ED25519_SIGNATURE,
	                           (const unsigned char *)text.data, text.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

static void same_as_openssl(void)
{
	unsigned char seed[32], nonce[32], ours[64], theirs[64];
	unsigned same = 0, rounds = 200;

	for (unsigned i = 0; i < rounds; i++) {
		struct mi_span text = mi_span(nonce, i % 33);

		(void)RAND_bytes(seed, sizeof seed);
		(void)RAND_bytes(nonce, sizeof nonce);
		same += mi_ed25519_sign(ours, mi_span(seed, 32), text) &&
		        openssl_sign(theirs, seed, text) && memcmp(ours, theirs, 64) == 0;
	}
	CHECK(same == rounds, "%u of %u signatures are OpenSSL's", same, rounds);
}

static void any_length(void)
{
	static const char password[] =
	    "a password that is longer than the thirty-two bytes of a seed";
	unsigned char nonce[32] = {7}, public[32], signature[64];
	struct mi_span text = mi_span(nonce, sizeof nonce);

	for (size_t len = 0; len < sizeof password; len += 15) {
		struct mi_span secret = mi_span(password, len);

		CHECK(mi_ed25519_public(public, secret) &&
		          mi_ed25519_sign(signature, secret, text) &&
		          openssl_verifies(public, signature, text),
		      "a password of %zu bytes", len);
		signature[40] ^= 1;
		CHECK(!openssl_verifies(public, signature, text), "a damaged one is refused");
	}
}

/* MariaDB's documentation: what ed25519_password('secret') returns. */
static void documented(void)
{
	unsigned char public[32];
	char text[64];

	CHECK(mi_ed25519_public(public, mi_span_str("secret")), "a public key");
	(void)EVP_EncodeBlock((unsigned char *)text, public, sizeof public);
	text[43] = '\0';
	CHECK_STR(text, "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY", "the documented key");
}

int main(void)
{
	if (!mi_ed25519_is_built) {
		printf("1..0 # SKIP built without libsodium\n");
		return 0;
	}
	same_as_openssl();
	any_length();
	documented();
	DONE();
}
