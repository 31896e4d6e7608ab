#include "password/digest.h"
#include "base/buf.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* Ends the program when OpenSSL makes no digest: it has no memory, or no SHA. */
static void digest(const EVP_MD *kind, struct mi_span text, unsigned char *out)
{
	if (EVP_Digest(text.data, text.len, out, NULL, kind, NULL) != 1)
		abort();
}

void mi_sha256_twice(unsigned char out[MI_SHA256], struct mi_span password)
{
	unsigned char once[MI_SHA256];

	digest(EVP_sha256(), password, once);
	digest(EVP_sha256(), mi_span(once, sizeof once), out);
	OPENSSL_cleanse(once, sizeof once);
}

void mi_sha1_twice(unsigned char out[MI_SHA1], struct mi_span password)
{
	unsigned char once[MI_SHA1];

	digest(EVP_sha1(), password, once);
	digest(EVP_sha1(), mi_span(once, sizeof once), out);
	OPENSSL_cleanse(once, sizeof once);
}
