/* server/tls.h for MariaDB Connector/C. That library falls back to plain even with TLS enforced,
 * verifies a chain only together with the host's name, and sends no SNI. But it can be told to
 * accept one certificate alone, before it logs in: so OpenSSL connects to the server first and
 * verifies what the mode asks for, and the library is then pinned to the certificate that OpenSSL
 * saw. */
#include "base/err.h"
#include "server/conn.h"
#include "server/log_in.h"
#include "server/options.h"
#include "server/tls.h"
#include "server/tls_files.h"
#include "server/tls_probe.h"

#ifdef MARIADB_PACKAGE_VERSION_ID

#include <errmsg.h>
#define HAVE_TLS
typedef unsigned char uchar; /* ma_pvio.h uses the type without defining it */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <ma_pvio.h>
#pragma GCC diagnostic pop
#include <openssl/ssl.h>
#include <pthread.h>

/* Behind one address may be several servers with several certificates: when the second connection
 * meets another one than the first, both are made again. */
enum { TRIES = 3 };

/* Connector/C before 3.4 knows SHA-1 pins alone; since then it tells a SHA-256 pin by its length.
 * SHA-1 is enough here: to pass for a server, one needs a second certificate with the digest of
 * that server's, and nobody can make one (the known attacks make pairs of both). */
static const char *pin_of(const struct mi_tls_seen *seen)
{
	return MARIADB_PACKAGE_VERSION_ID >= 30400 ? seen->sha256 : seen->sha1;
}

static int set_text(struct mi_conn *conn, struct mi_err *err, enum mysql_option option,
                    const char *value)
{
	if (value && mysql_optionsv(conn->mysql, option, value) != 0)
		return mi_fail(err, MI_BUG, "the client library refuses option %d", (int)option);
	return 0;
}

/* SNI: the library has no option for the name to send. But between making its SSL object and the
 * handshake it calls is_blocking of its transport (PVIO): so that method is replaced by one that
 * sets the name, for one call. The place to replace it is when the request for TLS is sent, which
 * on_traffic sees. If a later version does this in another order, no name is sent, and a server
 * that chooses its certificate by the name fails the pin. */
static _Thread_local const char *sni;
static _Thread_local PVIO_METHODS with_sni, *without_sni;

static my_bool is_blocking_sets_sni(MARIADB_PVIO *pvio)
{
	pvio->methods = without_sni;
	if (pvio->ctls && pvio->ctls->ssl)
		(void)SSL_set_tlsext_host_name((SSL *)pvio->ctls->ssl, sni);
	return pvio->methods->is_blocking(pvio);
}

static void on_traffic(int is_write, MYSQL *mysql, const uchar *bytes, size_t len)
{
	MARIADB_PVIO *pvio = mysql->net.pvio;

	(void)bytes;
	(void)len;
	if (!sni || !is_write || !pvio || pvio->ctls || pvio->methods == &with_sni)
		return;
	without_sni = pvio->methods;
	with_sni = *without_sni;
	with_sni.is_blocking = is_blocking_sets_sni;
	pvio->methods = &with_sni;
}

/* Exported by the library, declared in none of its installed headers. */
int ma_pvio_register_callback(my_bool add, void (*callback)(int is_write, MYSQL *mysql,
                                                            const uchar *bytes, size_t len));

static void watch_traffic(void)
{
	(void)ma_pvio_register_callback(1, on_traffic);
}

/* The library reads all authorities of the system for each connection, 50 ms of processor time, and
 * uses none of them: what a mode verifies is verified by mi_tls_probe. Told of an authority, it
 * would verify on its own. */
int mi_tls_init(struct mi_err *err)
{
	return mi_tls_hide_authorities(err);
}

static bool library_is_openssl(void)
{
	const char *name = NULL;

	return mariadb_get_infov(NULL, MARIADB_TLS_LIBRARY, &name) == 0 && name &&
	       strncmp(name, "OpenSSL", 7) == 0;
}

static int log_in_with_sni(struct mi_conn *conn, const struct mi_conn_place *place,
                           struct mi_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *name = conn->options->ssl_server_name;
	int ret;

	if (name && !mi_tls_is_address(name) && library_is_openssl()) {
		(void)pthread_once(&once, watch_traffic);
		sni = name;
	}
	ret = mi_conn_log_in(conn, place, err);
	sni = NULL;
	return ret;
}

static int log_in_pinned(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
                         struct mi_err *err)
{
	for (int try = 1;; try++) {
		struct mi_tls_seen seen;

		if (mi_tls_probe(conn->options, place, mode, &seen, err) != 0 ||
		    set_text(conn, err, MARIADB_OPT_TLS_PEER_FP, pin_of(&seen)) != 0)
			return -1;
		if (log_in_with_sni(conn, place, err) == 0)
			return 0;
		if (mysql_errno(conn->mysql) != CR_SSL_CONNECTION_ERROR || try == TRIES)
			return -1;
	}
}

int mi_tls_connect(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
                   struct mi_err *err)
{
	/* Nobody can listen to a Unix socket: no TLS there unless it is required. */
	my_bool use = mode >= MI_TLS_REQUIRED || (mode == MI_TLS_PREFERRED && !place->socket);
	my_bool verify = 0;

	if (mysql_optionsv(conn->mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify) != 0 ||
	    mysql_optionsv(conn->mysql, MYSQL_OPT_SSL_ENFORCE, &use) != 0)
		return mi_fail(err, MI_BUG, "this client library was built without TLS");
	if (use && (set_text(conn, err, MYSQL_OPT_SSL_CERT, conn->options->ssl_cert) != 0 ||
	            set_text(conn, err, MYSQL_OPT_SSL_KEY, conn->options->ssl_key) != 0))
		return -1;
	if (mode >= MI_TLS_REQUIRED)
		return log_in_pinned(conn, mode, place, err);
	return log_in_with_sni(conn, place, err);
}

bool mi_tls_beneath(const struct mi_conn *conn, struct ssl_st **ssl)
{
	const MARIADB_PVIO *pvio = conn->mysql->net.pvio;

	*ssl = NULL;
	if (pvio->ctls && library_is_openssl())
		*ssl = pvio->ctls->ssl;
	return !pvio->ctls || *ssl;
}

#endif
