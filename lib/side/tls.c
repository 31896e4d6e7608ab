#include "side/tls.h"
#include "side/conn_error.h"
#include "side/tls_probe.h"

#ifdef MARIADB_PACKAGE_VERSION_ID

/* Connector/C tells a SHA-256 pin from a SHA-1 pin by its length since 3.4; before, it knows SHA-1
 * alone. To get past that, one would need a second certificate of the same digest as a given one,
 * which nobody can make; pairs of one's own making do not help. */
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

/* Connector/C falls back to plain even with TLS enforced, verifies chains only together with names,
 * and only of the host's name. But it does hold a connection to one certificate, before it logs in:
 * so the certificate is verified beforehand, by OpenSSL, and pinned. */
static int pin(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
               struct mi_err *err)
{
	struct mi_tls_seen seen;

	if (mi_tls_probe(conn->options, place, mode, &seen, err) != 0)
		return -1;
	return set_text(conn, err, MARIADB_OPT_TLS_PEER_FP, pin_of(&seen));
}

int mi_tls_prepare(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
                   struct mi_err *err)
{
	/* On a Unix socket nobody listens: TLS only where it was asked for. */
	my_bool use = mode >= MI_TLS_REQUIRED || (mode == MI_TLS_PREFERRED && !place->socket);
	my_bool verify = 0;

	if (mysql_optionsv(conn->mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify) != 0 ||
	    mysql_optionsv(conn->mysql, MYSQL_OPT_SSL_ENFORCE, &use) != 0)
		return mi_fail(err, MI_BUG, "this client library was built without TLS");
	if (!use)
		return 0;
	if (set_text(conn, err, MYSQL_OPT_SSL_CERT, conn->options->ssl_cert) != 0 ||
	    set_text(conn, err, MYSQL_OPT_SSL_KEY, conn->options->ssl_key) != 0)
		return -1;
	return mode >= MI_TLS_REQUIRED ? pin(conn, mode, place, err) : 0;
}

#else

int mi_tls_prepare(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
                   struct mi_err *err)
{
	static const unsigned modes[] = {SSL_MODE_DISABLED, SSL_MODE_PREFERRED, SSL_MODE_REQUIRED,
	                                 SSL_MODE_VERIFY_CA, SSL_MODE_VERIFY_IDENTITY};
	const struct mi_conn_options *o = conn->options;

	(void)place;
	if (o->ssl_server_name)
		return mi_fail(err, MI_CONFIG, "this build cannot use ssl-server-name");
	mysql_options(conn->mysql, MYSQL_OPT_SSL_MODE, &modes[mode]);
	mysql_options(conn->mysql, MYSQL_OPT_SSL_CA, o->ssl_ca);
	mysql_options(conn->mysql, MYSQL_OPT_SSL_CAPATH, o->ssl_capath);
	mysql_options(conn->mysql, MYSQL_OPT_SSL_CERT, o->ssl_cert);
	mysql_options(conn->mysql, MYSQL_OPT_SSL_KEY, o->ssl_key);
	return 0;
}

#endif
