#include "route/auth/ed25519.h"
#include "base/buf.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

/* ---- The field of integers modulo 2^255 - 19, in five limbs of 51 bits ---- */

enum { LIMBS = 5, LIMB_BITS = 51, BYTES = 32 };

#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)

__extension__ typedef unsigned __int128 wide;

typedef struct {
	uint64_t limb[LIMBS];
} element;

/* Afterwards each limb has 51 bits and a little. */
static element carried(const wide in[LIMBS])
{
	element out;
	wide carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += in[i];
		out.limb[i] = (uint64_t)carry & LIMB_MASK;
		carry >>= LIMB_BITS;
	}
	carry = carry * 19 + out.limb[0];
	out.limb[0] = (uint64_t)carry & LIMB_MASK;
	out.limb[1] += (uint64_t)(carry >> LIMB_BITS);
	return out;
}

static element add(element a, element b)
{
	wide sum[LIMBS];

	for (int i = 0; i < LIMBS; i++)
		sum[i] = (wide)a.limb[i] + b.limb[i];
	return carried(sum);
}

/* a + 4p - b, so that no limb is negative. */
static element subtract(element a, element b)
{
	wide difference[LIMBS];

	for (int i = 0; i < LIMBS; i++)
		difference[i] =
		    (wide)a.limb[i] + 4 * (i == 0 ? LIMB_MASK - 18 : LIMB_MASK) - b.limb[i];
	return carried(difference);
}

/* 2^255 is 19: what passes the fifth limb comes back times 19. */
static element multiply(element a, element b)
{
	wide product[LIMBS] = {0};

	for (int i = 0; i < LIMBS; i++)
		for (int j = 0; j < LIMBS; j++) {
			uint64_t factor = i + j < LIMBS ? b.limb[j] : b.limb[j] * 19;

			product[(i + j) % LIMBS] += (wide)a.limb[i] * factor;
		}
	return carried(product);
}

/* a^(p - 2). The exponent, 2^255 - 21, is no secret. */
static element inverse(element a)
{
	element result = {{1}};

	for (int bit = 254; bit >= 0; bit--) {
		result = multiply(result, result);
		if (bit != 2 && bit != 4)
			result = multiply(result, a);
	}
	return result;
}

static element from_bytes(const unsigned char bytes[BYTES])
{
	element out = {{0}};

	for (int bit = 0; bit < 255; bit++)
		out.limb[bit / LIMB_BITS] |= (uint64_t)(bytes[bit / 8] >> bit % 8 & 1)
		                             << bit % LIMB_BITS;
	return out;
}

/* The one representative below p. */
static void to_bytes(unsigned char bytes[BYTES], element a)
{
	wide limbs[LIMBS];
	uint64_t carry = 19;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < LIMBS; i++)
			limbs[i] = a.limb[i];
		a = carried(limbs);
	}
	/* a + 19 has bit 255 exactly if a is p or more; then a + 19 without that bit is a - p */
	for (int i = 0; i < LIMBS; i++)
		carry = (a.limb[i] + carry) >> LIMB_BITS;
	carry *= 19;
	for (int i = 0; i < LIMBS; i++) {
		carry += a.limb[i];
		a.limb[i] = carry & LIMB_MASK;
		carry >>= LIMB_BITS;
	}
	memset(bytes, 0, BYTES);
	for (int bit = 0; bit < 255; bit++)
		bytes[bit / 8] |=
		    (unsigned char)((a.limb[bit / LIMB_BITS] >> bit % LIMB_BITS & 1) << bit % 8);
}

/* ---- The curve, in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z ---- */

typedef struct {
	element x, y, z, t;
} point;

/* RFC 8032, section 5.1, table 1; little-endian. */
static const unsigned char base_x[BYTES] = {
    0x1a, 0xd5, 0x25, 0x8f, 0x60, 0x2d, 0x56, 0xc9, 0xb2, 0xa7, 0x25, 0x95, 0x60, 0xc7, 0x2c, 0x69,
    0x5c, 0xdc, 0xd6, 0xfd, 0x31, 0xe2, 0xa4, 0xc0, 0xfe, 0x53, 0x6e, 0xcd, 0xd3, 0x36, 0x69, 0x21};
static const unsigned char base_y[BYTES] = {
    0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
static const unsigned char curve_d[BYTES] = {
    0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
    0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52};
/* The order of the base point, 2^252 + 27742317777372353535851937790883648493; big-endian. */
static const unsigned char order[BYTES] = {
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed};

/* RFC 8032, section 5.1.4: good for any two points, also for doubling. */
static point sum(const point *p, const point *q, element d2)
{
	element a = multiply(subtract(p->y, p->x), subtract(q->y, q->x));
	element b = multiply(add(p->y, p->x), add(q->y, q->x));
	element c = multiply(multiply(p->t, d2), q->t);
	element d = multiply(add(p->z, p->z), q->z);
	element e = subtract(b, a), f = subtract(d, c), g = add(d, c), h = add(b, a);

	return (point){multiply(e, f), multiply(g, h), multiply(f, g), multiply(e, h)};
}

/* Takes q for p if bit is 1, in the same time either way. */
static void choose(point *p, const point *q, unsigned bit)
{
	uint64_t mask = (uint64_t)0 - bit;
	uint64_t *to = p->x.limb;
	const uint64_t *from = q->x.limb;

	for (size_t i = 0; i < sizeof *p / sizeof *to; i++)
		to[i] ^= mask & (to[i] ^ from[i]);
}

/* Writes scalar times the base point as RFC 8032 encodes points. */
static void times_base(unsigned char encoded[BYTES], const unsigned char scalar[BYTES])
{
	element one = {{1}}, zero = {{0}}, d = from_bytes(curve_d), inverted;
	point base = {from_bytes(base_x), from_bytes(base_y), one, zero};
	point result = {zero, one, one, zero}, more;
	unsigned char x[BYTES];

	d = add(d, d);
	base.t = multiply(base.x, base.y);
	for (int bit = 255; bit >= 0; bit--) {
		result = sum(&result, &result, d);
		more = sum(&result, &base, d);
		choose(&result, &more, scalar[bit / 8] >> bit % 8 & 1);
	}
	inverted = inverse(result.z);
	to_bytes(encoded, multiply(result.y, inverted));
	to_bytes(x, multiply(result.x, inverted));
	encoded[BYTES - 1] |= (unsigned char)((x[0] & 1) << 7);
	OPENSSL_cleanse(&result, sizeof result);
	OPENSSL_cleanse(&more, sizeof more);
}

/* ---- Signing ---- */

static bool sha512(unsigned char digest[64], const struct mi_span *parts, size_t count)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1;

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* The first half of the password's digest is the secret scalar, the second makes nonces. */
static bool secrets(unsigned char secret[64], struct mi_span password)
{
	if (!sha512(secret, &password, 1))
		return false;
	secret[0] &= 0xf8;
	secret[31] = (secret[31] & 0x7f) | 0x40;
	return true;
}

/* out = (r + k * a) modulo the order; k NULL: r modulo the order. r and k have 64 bytes, a 32. */
static bool reduce(unsigned char out[BYTES], const unsigned char *r, const unsigned char *k,
                   const unsigned char *a)
{
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *n = BN_bin2bn(order, BYTES, NULL), *result = BN_lebin2bn(r, 64, NULL);
	BIGNUM *factor = BN_lebin2bn(k ? k : r, 64, NULL), *secret = BN_lebin2bn(a, BYTES, NULL);
	bool ok = ctx && n && result && factor && secret;

	if (ok)
		BN_set_flags(result, BN_FLG_CONSTTIME);
	if (ok && k)
		ok = BN_mod_mul(factor, factor, secret, n, ctx) == 1 &&
		     BN_mod_add(result, result, factor, n, ctx) == 1;
	else if (ok)
		ok = BN_nnmod(result, result, n, ctx) == 1;
	ok = ok && BN_bn2lebinpad(result, out, BYTES) == BYTES;
	BN_clear_free(secret);
	BN_clear_free(factor);
	BN_clear_free(result);
	BN_free(n);
	BN_CTX_free(ctx);
	return ok;
}

bool mi_ed25519_public(unsigned char key[MI_ED25519_PUBLIC], struct mi_span password)
{
	unsigned char secret[64];
	bool ok = secrets(secret, password);

	if (ok)
		times_base(key, secret);
	OPENSSL_cleanse(secret, sizeof secret);
	return ok;
}

bool mi_ed25519_sign(unsigned char signature[MI_ED25519_SIGNATURE], struct mi_span password,
                     struct mi_span message)
{
	unsigned char secret[64], public[BYTES], nonce[64], scalar[BYTES], digest[64];
	struct mi_span for_nonce[] = {mi_span(secret + 32, 32), message};
	struct mi_span for_digest[] = {mi_span(signature, BYTES), mi_span(public, BYTES), message};
	bool ok = false;

	if (!secrets(secret, password) || !sha512(nonce, for_nonce, 2) ||
	    !reduce(scalar, nonce, NULL, secret))
		goto out;
	times_base(public, secret);
	times_base(signature, scalar);
	ok = sha512(digest, for_digest, 3) && reduce(signature + BYTES, nonce, digest, secret);
out:
	OPENSSL_cleanse(secret, sizeof secret);
	OPENSSL_cleanse(nonce, sizeof nonce);
	OPENSSL_cleanse(scalar, sizeof scalar);
	return ok;
}
