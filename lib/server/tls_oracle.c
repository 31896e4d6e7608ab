/* server/tls.h for Oracle's libmysqlclient. That library keeps all five modes by itself, but can
 * verify only the host's name. For ssl-server-name the library is set to VERIFY_CA, and the name to
 * verify is put into OpenSSL's table of verification parameters, which every client's handshake in
 * the process reads. A libmysqlclient that was built with an OpenSSL of its own would not see that
 * table: a connection made for the purpose (try_table) finds that out first. */
#include "base/err.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/log_in.h"
#include "server/options.h"
#include "server/tls.h"
#include "server/tls_files.h"
#include "server/tls_probe.h"

#ifndef MARIADB_PACKAGE_VERSION_ID

#include <errmsg.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Held for reading by every login; for writing by one that needs a name in OpenSSL's table. */
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static bool table_works; /* the library reads the table; changed under table_lock */

/* Puts name into the table's entry "ssl_server" as the name that certificates must have; NULL:
 * any. */
static int expect_name(const char *name, struct mi_err *err)
{
	X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();
	const X509_VERIFY_PARAM *known = X509_VERIFY_PARAM_lookup("default");
	int ok = param && known && X509_VERIFY_PARAM_set1(param, known) == 1 &&
	         X509_VERIFY_PARAM_set1_name(param, "ssl_server") == 1 &&
	         X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) == 1 &&
	         X509_VERIFY_PARAM_set_trust(param, X509_TRUST_SSL_SERVER) == 1;

	if (ok && name) {
		X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		ok = mi_tls_is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
		                             : X509_VERIFY_PARAM_set1_host(param, name, 0);
	}
	if (ok == 1)
		ok = X509_VERIFY_PARAM_add0_table(param); /* owns param now; frees the old entry */
	else
		X509_VERIFY_PARAM_free(param);
	if (ok != 1)
		return mi_fail(err, MI_CONFIG, "'%s' cannot be a server's name", name ? name : "");
	return 0;
}

int mi_tls_init(struct mi_err *err)
{
	(void)err;
	return 0;
}

static int set(struct mi_conn *conn, struct mi_err *err, enum mysql_option option,
               const void *value)
{
	if (value && mysql_options(conn->mysql, option, value) != 0)
		return mi_fail(err, MI_BUG, "the client library refuses option %d", (int)option);
	return 0;
}

/* NULL when it cannot be read. */
static const char *existing(const char *variable, const char *path)
{
	path = mi_tls_authorities_at(variable, path);
	return access(path, R_OK) == 0 ? path : NULL;
}

/* Authorities to trust: those named, else the system's. The library verifies whenever it is given
 * an authority, so the modes below VERIFY_CA give none. */
static int set_authorities(struct mi_conn *conn, enum mi_tls mode, struct mi_err *err)
{
	const char *file = conn->options->ssl_ca, *dir = conn->options->ssl_capath;

	if (mode < MI_TLS_VERIFY_CA)
		return 0;
	if (!file && !dir) {
		file = existing(X509_get_default_cert_file_env(), X509_get_default_cert_file());
		dir = existing(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
	}
	if (set(conn, err, MYSQL_OPT_SSL_CA, file) != 0)
		return -1;
	return set(conn, err, MYSQL_OPT_SSL_CAPATH, dir);
}

static int set_server_name(struct mi_conn *conn, struct mi_err *err)
{
	const char *name = conn->options->ssl_server_name;

	if (!name || mi_tls_is_address(name))
		return 0;
#if MYSQL_VERSION_ID >= 80100
	return set(conn, err, MYSQL_OPT_TLS_SNI_SERVERNAME, name);
#else
	return mi_fail(err, MI_CONFIG,
	               "ssl-server-name=%s: this libmysqlclient cannot send it (8.1 and later can)",
	               name);
#endif
}

static int set_mode(struct mi_conn *conn, enum mi_tls mode, struct mi_err *err)
{
	static const unsigned modes[] = {
	    [MI_TLS_DISABLED] = SSL_MODE_DISABLED,
	    [MI_TLS_PREFERRED] = SSL_MODE_PREFERRED,
	    [MI_TLS_REQUIRED] = SSL_MODE_REQUIRED,
	    [MI_TLS_VERIFY_CA] = SSL_MODE_VERIFY_CA,
	    [MI_TLS_VERIFY_IDENTITY] = SSL_MODE_VERIFY_IDENTITY,
	};

	if (set(conn, err, MYSQL_OPT_SSL_MODE, &modes[mode]) != 0)
		return -1;
	if (mode == MI_TLS_DISABLED)
		return 0;
	if (set(conn, err, MYSQL_OPT_SSL_CERT, conn->options->ssl_cert) != 0 ||
	    set(conn, err, MYSQL_OPT_SSL_KEY, conn->options->ssl_key) != 0)
		return -1;
	return set_authorities(conn, mode, err);
}

/* How many SSL objects this thread has made in the OpenSSL that this program is linked to: the
 * library's handshake counts only if that OpenSSL is the library's, too. */
static _Thread_local unsigned objects_made;

static void on_object(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                      void *argp)
{
	(void)parent;
	(void)ptr;
	(void)data;
	(void)index;
	(void)argl;
	(void)argp;
	objects_made++;
}

static void count_objects(void)
{
	(void)CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, NULL, on_object, NULL, NULL);
}

/* The trial connection must have failed in TLS, and in this program's OpenSSL. */
static int judge_knock(struct mi_conn *knock, const struct mi_conn_place *place, struct mi_err *err)
{
	unsigned number = mysql_errno(knock->mysql);

	if (number == CR_SSL_CONNECTION_ERROR && objects_made > 0)
		return 0;
	if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR)
		return mi_conn_explain_number(knock->options, place, number,
		                              mysql_error(knock->mysql), err);
	(void)mi_fail(err, MI_CONFIG,
	              "ssl-server-name: this client library would not verify the name");
	return mi_hint(err, "it has an OpenSSL of its own: build with one that uses the system's");
}

/* Connects once, expecting a name that no server has: the library must refuse the server, by this
 * program's OpenSSL. No user and no password are given to it, so that no login can happen. */
static int try_table(const struct mi_conn *conn, const struct mi_conn_place *place,
                     struct mi_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct mi_conn knock = {.options = conn->options};
	int ret = -1;

	knock.mysql = mysql_init(NULL);
	if (!knock.mysql)
		return mi_fail(err, MI_AGAIN, "out of memory for a connection");
	(void)pthread_once(&once, count_objects);
	objects_made = 0;
	if (set_mode(&knock, MI_TLS_VERIFY_CA, err) == 0 && set_server_name(&knock, err) == 0 &&
	    expect_name("no-server-has-this-name.invalid", err) == 0) {
		(void)mysql_real_connect(knock.mysql, place->host, "", "", NULL, place->port,
		                         place->socket, 0);
		ret = judge_knock(&knock, place, err);
	}
	mysql_close(knock.mysql);
	return ret;
}

static int log_in_by_name(struct mi_conn *conn, const struct mi_conn_place *place,
                          struct mi_err *err)
{
	const char *name = conn->options->ssl_server_name;

	if (!table_works && try_table(conn, place, err) != 0)
		return -1;
	table_works = true;
	return expect_name(name, err) == 0 ? mi_conn_log_in(conn, place, err) : -1;
}

/* The library says only that the certificate was refused. A connection with OpenSSL says why; the
 * refusal stands whatever that one finds. */
static void explain_refusal(const struct mi_conn *conn, const struct mi_conn_place *place,
                            enum mi_tls mode, struct mi_err *err)
{
	struct mi_err seen = {0};
	struct mi_tls_seen certificate;

	if (mode >= MI_TLS_VERIFY_CA && err->code == MI_CONFIG &&
	    mysql_errno(conn->mysql) == CR_SSL_CONNECTION_ERROR &&
	    mi_tls_probe(conn->options, place, mode, &certificate, &seen) != 0 &&
	    seen.code == MI_CONFIG)
		*err = seen;
}

int mi_tls_connect(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
                   struct mi_err *err)
{
	bool by_name = mode == MI_TLS_VERIFY_IDENTITY && conn->options->ssl_server_name;
	struct mi_err reset = {0};
	int ret;

	if (set_mode(conn, by_name ? MI_TLS_VERIFY_CA : mode, err) != 0 ||
	    (mode != MI_TLS_DISABLED && set_server_name(conn, err) != 0))
		return -1;
	if (!by_name) {
		(void)pthread_rwlock_rdlock(&table_lock);
		ret = mi_conn_log_in(conn, place, err);
	} else {
		(void)pthread_rwlock_wrlock(&table_lock);
		ret = log_in_by_name(conn, place, err);
		if (expect_name(NULL, &reset) != 0)
			ret = mi_fail(err, MI_BUG, "%s", reset.text);
	}
	(void)pthread_rwlock_unlock(&table_lock);
	if (ret != 0)
		explain_refusal(conn, place, mode, err);
	return ret;
}

bool mi_tls_beneath(const struct mi_conn *conn, struct ssl_st **ssl)
{
	*ssl = NULL;
	return !mysql_get_ssl_cipher(conn->mysql);
}

#endif
