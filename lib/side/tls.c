#include "side/tls.h"

#ifdef MARIADB_PACKAGE_VERSION_ID

int mi_tls_prepare(struct mi_conn *conn, enum mi_tls mode, const struct mi_conn_place *place,
                   struct mi_err *err)
{
	const struct mi_conn_options *o = conn->options;
	my_bool use = mode > MI_TLS_PREFERRED || (mode == MI_TLS_PREFERRED && !place->socket);

	if (mode >= MI_TLS_VERIFY_CA)
		return mi_fail(err, MI_CONFIG, "this build cannot verify certificates");
	mysql_options(conn->mysql, MYSQL_OPT_SSL_ENFORCE, &use);
	mysql_options(conn->mysql, MYSQL_OPT_SSL_CERT, o->ssl_cert);
	mysql_options(conn->mysql, MYSQL_OPT_SSL_KEY, o->ssl_key);
	return 0;
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
