#include "password/rsa_key.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_BITS = 2048, MAX_KEY = 16 << 10, MAX_PASSWORD = 1024 };

struct mi_auth_key {
	EVP_PKEY *pair;
	struct mi_buf public;
};

static int openssl_failed(struct mi_err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return mi_fail(err, MI_CONFIG, "%s: %s", what, reason ? reason : "OpenSSL failed");
}

/* Appends what a memory BIO holds. */
static void take_bio(BIO *bio, struct mi_buf *out)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		mi_buf_add(out, data, (size_t)len);
}

static int make(struct mi_auth_key *key, const char *path, struct mi_err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	struct mi_buf text = {0};
	int ret = -1;

	key->pair = EVP_RSA_gen(KEY_BITS);
	mi_buf_reserve(&text, MAX_KEY);
	if (!bio || !key->pair ||
	    PEM_write_bio_PrivateKey(bio, key->pair, NULL, NULL, 0, NULL, NULL) != 1) {
		(void)openssl_failed(err, "cannot make an RSA key");
		goto out;
	}
	take_bio(bio, &text);
	ret = mi_save_file(path, mi_buf_span(&text), 0600, err);
out:
	OPENSSL_cleanse(text.data, text.len);
	mi_buf_release(&text);
	BIO_free(bio);
	return ret;
}

static int load(struct mi_auth_key *key, int fd, const char *path, struct mi_err *err)
{
	struct stat st;
	FILE *file;

	if (fstat(fd, &st) != 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode) || st.st_mode & 077) {
		(void)mi_fail(err, MI_CONFIG, "%s: others may read or write it", path);
		return mi_hint(err, "chmod 600 %s", path);
	}
	file = fdopen(dup(fd), "r");
	if (!file)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot read %s", path);
	key->pair = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	(void)fclose(file); /* it was only read */
	if (!key->pair)
		return openssl_failed(err, path);
	if (!EVP_PKEY_is_a(key->pair, "RSA"))
		return mi_fail(err, MI_CONFIG, "%s: not an RSA key", path);
	return 0;
}

static int print_public(struct mi_auth_key *key, struct mi_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int ret = -1;

	if (bio && PEM_write_bio_PUBKEY(bio, key->pair) == 1) {
		take_bio(bio, &key->public);
		ret = 0;
	} else {
		(void)openssl_failed(err, "cannot print a public key");
	}
	BIO_free(bio);
	return ret;
}

int mi_auth_key_open(struct mi_auth_key **out, const char *path, struct mi_err *err)
{
	struct mi_auth_key *key = mi_alloc(sizeof *key);
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd >= 0)
		ret = load(key, fd, path, err);
	else if (errno == ENOENT)
		ret = make(key, path, err);
	else
		ret = mi_fail_errno(err, MI_CONFIG, errno, "cannot open %s", path);
	if (fd >= 0)
		(void)close(fd);
	if (ret == 0)
		ret = print_public(key, err);
	if (ret == 0)
		*out = key;
	else
		mi_auth_key_free(key);
	return ret;
}

void mi_auth_key_free(struct mi_auth_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pair);
	mi_buf_release(&key->public);
	free(key);
}

struct mi_span mi_auth_key_public(const struct mi_auth_key *key)
{
	return mi_buf_span(&key->public);
}

void mi_auth_key_secret(const struct mi_auth_key *key, unsigned char secret[MI_SHA256])
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(key->pair, &der);

	if (len < 0)
		abort(); /* no memory */
	mi_sha256_twice(secret, mi_span(der, (size_t)len));
	OPENSSL_clear_free(der, (size_t)len);
}

/* A context for OAEP, which uses SHA-1 by default. */
static EVP_PKEY_CTX *oaep(EVP_PKEY *key, bool encrypting)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	if (ctx && (encrypting ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx)) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static void mix(unsigned char *text, size_t len, struct mi_span nonce)
{
	for (size_t i = 0; i < len; i++)
		text[i] ^= (unsigned char)nonce.data[i % nonce.len];
}

bool mi_auth_key_decrypt(const struct mi_auth_key *key, struct mi_span encrypted,
                         struct mi_span nonce, struct mi_buf *password)
{
	unsigned char clear[MAX_PASSWORD];
	size_t len = sizeof clear;
	EVP_PKEY_CTX *ctx;
	bool ok;

	if ((size_t)EVP_PKEY_get_size(key->pair) > sizeof clear)
		return false;
	ctx = oaep(key->pair, false);
	ok = ctx && EVP_PKEY_decrypt(ctx, clear, &len, (const unsigned char *)encrypted.data,
	                             encrypted.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	if (ok) {
		mix(clear, len, nonce);
		ok = len > 0 && clear[len - 1] == '\0';
	}
	if (ok)
		mi_buf_add(password, clear, len - 1);
	OPENSSL_cleanse(clear, sizeof clear);
	return ok;
}

static EVP_PKEY *read_public(struct mi_span pem)
{
	BIO *bio = pem.len <= MAX_KEY ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (key && EVP_PKEY_is_a(key, "RSA"))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

int mi_auth_public_read(const char *path, struct mi_buf *pem, struct mi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;
	EVP_PKEY *key = NULL;

	if (fd < 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "server-public-key-path=%s", path);
	mi_buf_reserve(pem, MAX_KEY);
	ret = mi_read_full(fd, pem->data, MAX_KEY, &pem->len, err);
	(void)close(fd); /* it was only read */
	if (ret != 0)
		return mi_within(err, "server-public-key-path=%s", path);
	key = read_public(mi_buf_span(pem));
	ERR_clear_error();
	if (!key) {
		(void)mi_fail(err, MI_CONFIG, "server-public-key-path=%s: no public RSA key", path);
		return mi_hint(err, "it is the public_key.pem of the server's data directory");
	}
	EVP_PKEY_free(key);
	return 0;
}

bool mi_auth_encrypt(struct mi_span pem, struct mi_span password, struct mi_span nonce,
                     struct mi_buf *encrypted)
{
	EVP_PKEY *key = read_public(pem);
	EVP_PKEY_CTX *ctx = key ? oaep(key, true) : NULL;
	unsigned char clear[MAX_PASSWORD];
	size_t len = key ? (size_t)EVP_PKEY_get_size(key) : 0;
	bool ok = false;

	if (!ctx || password.len >= sizeof clear || nonce.len == 0)
		goto out;
	if (password.len)
		memcpy(clear, password.data, password.len);
	clear[password.len] = '\0';
	mix(clear, password.len + 1, nonce);
	mi_buf_reserve(encrypted, len);
	ok = EVP_PKEY_encrypt(ctx, (unsigned char *)encrypted->data + encrypted->len, &len, clear,
	                      password.len + 1) == 1;
	if (ok)
		encrypted->len += len;
	OPENSSL_cleanse(clear, sizeof clear);
out:
	ERR_clear_error();
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}
