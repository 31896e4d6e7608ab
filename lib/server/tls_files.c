#include "server/tls_files.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

bool mi_tls_is_address(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

const char *mi_tls_reason(void)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code))
	                     : code                 ? ERR_reason_error_string(code)
	                                            : NULL;

	ERR_clear_error();
	return reason ? reason : "the connection was closed";
}

static int bad_file(const char *option, const char *path, struct mi_err *err)
{
	return mi_fail(err, MI_CONFIG, "%s=%s cannot be used: %s", option, path, mi_tls_reason());
}

/* Where the system's authorities are, once they are hidden. */
static char *system_file, *system_dir;

const char *mi_tls_authorities_at(const char *variable, const char *path)
{
	const char *named = getenv(variable);

	return named && *named ? named : path;
}

int mi_tls_hide_authorities(struct mi_err *err)
{
	const char *file = X509_get_default_cert_file_env();
	const char *dir = X509_get_default_cert_dir_env();

	if (!system_file) {
		system_file = strdup(mi_tls_authorities_at(file, X509_get_default_cert_file()));
		system_dir = strdup(mi_tls_authorities_at(dir, X509_get_default_cert_dir()));
	}
	if (!system_file || !system_dir || setenv(file, "/dev/null", 1) != 0 ||
	    setenv(dir, "/dev/null", 1) != 0)
		return mi_fail(err, MI_AGAIN, "out of memory");
	return 0;
}

/* Files that cannot be read are no authorities; then nothing is trusted. */
static void load_system_authorities(SSL_CTX *ctx)
{
	if (!system_file) {
		(void)SSL_CTX_set_default_verify_paths(ctx);
		return;
	}
	(void)SSL_CTX_load_verify_file(ctx, system_file);
	(void)SSL_CTX_load_verify_dir(ctx, system_dir);
	ERR_clear_error();
}

static int load_files(SSL_CTX *ctx, const struct mi_conn_options *o, enum mi_tls mode,
                      struct mi_err *err)
{
	const char *key = o->ssl_key ? o->ssl_key : o->ssl_cert;

	ERR_clear_error();
	if (o->ssl_ca && SSL_CTX_load_verify_file(ctx, o->ssl_ca) != 1)
		return bad_file("ssl-ca", o->ssl_ca, err);
	if (o->ssl_capath && SSL_CTX_load_verify_dir(ctx, o->ssl_capath) != 1)
		return bad_file("ssl-capath", o->ssl_capath, err);
	if (!o->ssl_ca && !o->ssl_capath && mode >= MI_TLS_VERIFY_CA)
		load_system_authorities(ctx);
	if (o->ssl_cert && SSL_CTX_use_certificate_chain_file(ctx, o->ssl_cert) != 1)
		return bad_file("ssl-cert", o->ssl_cert, err);
	if (key && o->ssl_cert && SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return bad_file("ssl-key", key, err);
	return 0;
}

int mi_tls_files_ctx(const struct mi_conn_options *options, enum mi_tls mode, SSL_CTX **ctx,
                     struct mi_err *err)
{
	SSL_CTX *new = SSL_CTX_new(TLS_client_method());

	if (!new)
		return mi_fail(err, MI_AGAIN, "cannot start TLS: %s", mi_tls_reason());
	/* the servers' first choice comes first, so that they need not ask for it */
	(void)SSL_CTX_set1_groups_list(new, "P-256:X25519:P-384:P-521");
	if (load_files(new, options, mode, err) != 0) {
		SSL_CTX_free(new);
		return -1;
	}
	if (mode >= MI_TLS_VERIFY_CA)
		SSL_CTX_set_verify(new, SSL_VERIFY_PEER, NULL);
	*ctx = new;
	return 0;
}

static int expect_name(SSL *ssl, const char *name, struct mi_err *err)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	int ok;

	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	ok = mi_tls_is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
	                             : X509_VERIFY_PARAM_set1_host(param, name, 0);
	return ok == 1 ? 0 : mi_fail(err, MI_CONFIG, "'%s' cannot be a server's name", name);
}

int mi_tls_files_ssl(SSL_CTX *ctx, const struct mi_conn_options *options,
                     const struct mi_conn_place *place, enum mi_tls mode, SSL **ssl,
                     struct mi_err *err)
{
	const char *name = options->ssl_server_name;
	SSL *new = SSL_new(ctx);

	if (!new)
		return mi_fail(err, MI_AGAIN, "cannot start TLS: %s", mi_tls_reason());
	if (name && !mi_tls_is_address(name) && SSL_set_tlsext_host_name(new, name) != 1) {
		(void)mi_fail(err, MI_CONFIG, "ssl-server-name=%s cannot be sent", name);
	} else if (mode != MI_TLS_VERIFY_IDENTITY ||
	           expect_name(new, name ? name : place->host, err) == 0) {
		SSL_set_connect_state(new);
		*ssl = new;
		return 0;
	}
	SSL_free(new);
	return -1;
}
