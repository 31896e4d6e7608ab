#include "route/auth/verifier.h"
#include "base/buf.h"
#include "base/hex.h"
#include "password/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum {
	ROUNDS_UNIT = 1000,
	CRYPT_PREFIX = 7,
	CRYPT_TEXT = CRYPT_PREFIX + MI_CRYPT_SALT + MI_CRYPT_HASH
};

/* Ends the program when OpenSSL makes no digest: it has no memory, or no SHA. */
static void need(bool ok)
{
	if (!ok)
		abort();
}

/* ---- Unix crypt using SHA-256 ---- */

struct sum {
	EVP_MD_CTX *ctx;
};

static void sum_begin(struct sum *sum)
{
	need(EVP_DigestInit_ex(sum->ctx, EVP_sha256(), NULL) == 1);
}

static void sum_add(struct sum *sum, const void *data, size_t len)
{
	need(EVP_DigestUpdate(sum->ctx, data, len) == 1);
}

static void sum_end(struct sum *sum, unsigned char out[MI_SHA256])
{
	need(EVP_DigestFinal_ex(sum->ctx, out, NULL) == 1);
}

/* Adds len bytes: a digest, repeated as often as needed. */
static void sum_add_cycle(struct sum *sum, const unsigned char bytes[MI_SHA256], size_t len)
{
	for (; len > MI_SHA256; len -= MI_SHA256)
		sum_add(sum, bytes, MI_SHA256);
	sum_add(sum, bytes, len);
}

/* Steps 1 to 12: the digest that the rounds begin with. */
static void first_digest(struct sum *sum, struct mi_span password, struct mi_span salt,
                         unsigned char out[MI_SHA256])
{
	unsigned char other[MI_SHA256];

	sum_begin(sum);
	sum_add(sum, password.data, password.len);
	sum_add(sum, salt.data, salt.len);
	sum_add(sum, password.data, password.len);
	sum_end(sum, other);
	sum_begin(sum);
	sum_add(sum, password.data, password.len);
	sum_add(sum, salt.data, salt.len);
	sum_add_cycle(sum, other, password.len);
	for (size_t bits = password.len; bits > 0; bits >>= 1)
		if (bits & 1)
			sum_add(sum, other, sizeof other);
		else
			sum_add(sum, password.data, password.len);
	sum_end(sum, out);
	OPENSSL_cleanse(other, sizeof other);
}

/* Step 21: what is added in each round. A long password's sequence is its digest in a cycle. */
static void add_turn(struct sum *sum, unsigned round, const unsigned char now[MI_SHA256],
                     const unsigned char *passwords, size_t password_len,
                     const unsigned char *salts, size_t salt_len)
{
	if (round & 1)
		sum_add_cycle(sum, passwords, password_len);
	else
		sum_add(sum, now, MI_SHA256);
	if (round % 3)
		sum_add_cycle(sum, salts, salt_len);
	if (round % 7)
		sum_add_cycle(sum, passwords, password_len);
	if (round & 1)
		sum_add(sum, now, MI_SHA256);
	else
		sum_add_cycle(sum, passwords, password_len);
}

/* Step 22: three bytes as four letters, the bytes in an order of their own. */
static void print_digest(const unsigned char in[MI_SHA256], char out[MI_CRYPT_HASH])
{
	static const char letters[] =
	    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned a = 0, b = 10, c = 20;

	for (int group = 0; group < 10; group++) {
		uint32_t bits = (uint32_t)in[a] << 16 | (uint32_t)in[b] << 8 | in[c];
		unsigned first = a;

		for (int i = 0; i < 4; i++, bits >>= 6)
			*out++ = letters[bits & 63];
		a = c + 1;
		c = b + 1;
		b = first + 1;
	}
	for (uint32_t i = 0, bits = (uint32_t)in[31] << 8 | in[30]; i < 3; i++, bits >>= 6)
		*out++ = letters[bits & 63];
}

static void slow_hash(struct mi_span password, struct mi_span salt, unsigned rounds,
                      char out[MI_CRYPT_HASH])
{
	unsigned char now[MI_SHA256], passwords[MI_SHA256], salts[MI_SHA256];
	struct sum sum = {EVP_MD_CTX_new()};

	need(sum.ctx != NULL);
	first_digest(&sum, password, salt, now);
	sum_begin(&sum);
	for (size_t i = 0; i < password.len; i++)
		sum_add(&sum, password.data, password.len);
	sum_end(&sum, passwords);
	sum_begin(&sum);
	for (unsigned i = 0; i < 16U + now[0]; i++)
		sum_add(&sum, salt.data, salt.len);
	sum_end(&sum, salts);
	for (unsigned round = 0; round < rounds; round++) {
		sum_begin(&sum);
		add_turn(&sum, round, now, passwords, password.len, salts, salt.len);
		sum_end(&sum, now);
	}
	print_digest(now, out);
	OPENSSL_cleanse(now, sizeof now);
	OPENSSL_cleanse(passwords, sizeof passwords);
	EVP_MD_CTX_free(sum.ctx);
}

/* ---- The text forms ---- */

static struct mi_span after(struct mi_span text, size_t len)
{
	return mi_span(text.data + len, text.len - len);
}

static bool begins(struct mi_span text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

static bool parse_crypt(struct mi_verifier *verifier, struct mi_span text)
{
	unsigned rounds = 0;

	if (text.len != CRYPT_TEXT || text.data[CRYPT_PREFIX - 1] != '$')
		return false;
	for (size_t i = 3; i < CRYPT_PREFIX - 1; i++) {
		int digit = mi_hex_digit(text.data[i]);

		if (digit < 0)
			return false;
		rounds = rounds << 4 | (unsigned)digit;
	}
	if (rounds == 0)
		return false;
	verifier->crypt_rounds = rounds * ROUNDS_UNIT;
	memcpy(verifier->crypt_salt, text.data + CRYPT_PREFIX, MI_CRYPT_SALT);
	memcpy(verifier->crypt_hash, text.data + CRYPT_PREFIX + MI_CRYPT_SALT, MI_CRYPT_HASH);
	return verifier->has_crypt = true;
}

bool mi_verifier_parse(struct mi_verifier *verifier, struct mi_span text)
{
	unsigned char raw[CRYPT_TEXT];

	if (begins(text, "*"))
		return verifier->has_native =
		           mi_hex_read(after(text, 1), verifier->native, MI_SHA1);
	if (begins(text, "$SHA256$"))
		return verifier->has_sha2 = mi_hex_read(after(text, 8), verifier->sha2, MI_SHA256);
	if (begins(text, "0x") && mi_hex_read(after(text, 2), raw, sizeof raw))
		text = mi_span(raw, sizeof raw);
	return begins(text, "$A$") && parse_crypt(verifier, text);
}

void mi_verifier_of_password(struct mi_verifier *verifier, struct mi_span password)
{
	mi_sha256_twice(verifier->sha2, password);
	mi_sha1_twice(verifier->native, password);
	verifier->has_sha2 = verifier->has_native = true;
}

bool mi_verifier_matches(const struct mi_verifier *verifier, struct mi_span password)
{
	unsigned char twice[MI_SHA256];
	char slow[MI_CRYPT_HASH];

	if (verifier->has_sha2) {
		mi_sha256_twice(twice, password);
		return CRYPTO_memcmp(twice, verifier->sha2, MI_SHA256) == 0;
	}
	if (verifier->has_native) {
		mi_sha1_twice(twice, password);
		return CRYPTO_memcmp(twice, verifier->native, MI_SHA1) == 0;
	}
	if (!verifier->has_crypt)
		return false;
	slow_hash(password, mi_span(verifier->crypt_salt, MI_CRYPT_SALT), verifier->crypt_rounds,
	          slow);
	return CRYPTO_memcmp(slow, verifier->crypt_hash, MI_CRYPT_HASH) == 0;
}

static void print_crypt(struct mi_buf *out, struct mi_span password)
{
	static const char letters[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzab";
	unsigned char salt[MI_CRYPT_SALT];
	char hash[MI_CRYPT_HASH];

	need(RAND_bytes(salt, sizeof salt) == 1);
	for (size_t i = 0; i < sizeof salt; i++)
		salt[i] = (unsigned char)letters[salt[i] & 63];
	slow_hash(password, mi_span(salt, sizeof salt), 5 * ROUNDS_UNIT, hash);
	mi_buf_add_str(out, "$A$005$");
	mi_buf_add(out, salt, sizeof salt);
	mi_buf_add(out, hash, sizeof hash);
}

void mi_verifier_print(struct mi_buf *out, enum mi_verifier_form form, struct mi_span password)
{
	struct mi_verifier verifier = {0};

	if (form == MI_VERIFIER_CRYPT) {
		print_crypt(out, password);
		return;
	}
	mi_verifier_of_password(&verifier, password);
	if (form == MI_VERIFIER_NATIVE) {
		mi_buf_add_char(out, '*');
		mi_hex_add(out, mi_span(verifier.native, MI_SHA1), mi_hex_upper);
	} else {
		mi_buf_add_str(out, "$SHA256$");
		mi_hex_add(out, mi_span(verifier.sha2, MI_SHA256), mi_hex_lower);
	}
	OPENSSL_cleanse(&verifier, sizeof verifier);
}
