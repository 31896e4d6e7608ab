#include "route/net/tls.h"
#include "base/err.h"
#include "server/tls_files.h"

#include <openssl/err.h>

static int bad_file(const char *option, const char *path, struct mi_err *err)
{
	return mi_fail(err, MI_CONFIG, "%s=%s cannot be used: %s", option, path, mi_tls_reason());
}

static int load(SSL_CTX *ctx, const char *cert, const char *key, const char *ca, struct mi_err *err)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return bad_file("tls-cert", cert, err);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return bad_file("tls-key", key, err);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return mi_fail(err, MI_CONFIG, "tls-key=%s is not the key of tls-cert=%s", key,
		               cert);
	if (!ca)
		return 0;
	if (SSL_CTX_load_verify_file(ctx, ca) != 1)
		return bad_file("tls-ca", ca, err);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return 0;
}

int mi_route_tls_open(SSL_CTX **ctx, const char *cert, const char *key, const char *ca,
                      struct mi_err *err)
{
	SSL_CTX *new = SSL_CTX_new(TLS_server_method());

	if (!new)
		return mi_fail(err, MI_AGAIN, "cannot start TLS: %s", mi_tls_reason());
	if (load(new, cert, key ? key : cert, ca, err) != 0) {
		SSL_CTX_free(new);
		return -1;
	}
	(void)SSL_CTX_set_min_proto_version(new, TLS1_2_VERSION);
	/* clients of this protocol do not come back with a ticket, and tickets cost memory */
	(void)SSL_CTX_set_num_tickets(new, 0);
	(void)SSL_CTX_set_session_cache_mode(new, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(new, SSL_OP_NO_RENEGOTIATION);
	*ctx = new;
	return 0;
}

SSL *mi_route_tls_accept(SSL_CTX *ctx)
{
	SSL *ssl = SSL_new(ctx);

	if (ssl)
		SSL_set_accept_state(ssl);
	return ssl;
}
