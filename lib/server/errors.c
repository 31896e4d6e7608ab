#include "server/errors.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "server/name.h"
#include "server/options.h"

#include <errmsg.h>
#include <stdio.h>

/* Numbers of the client libraries that one of the two headers lacks. */
enum {
	CR_SERVER_LOST_MORE = 2055, /* CR_SERVER_LOST_EXTENDED */
	AUTH_PLUGIN_CANNOT_LOAD = 2059,
	AUTH_PLUGIN_ERROR = 2061,
};

static bool is_lost(unsigned number)
{
	switch (number) {
	case CR_SERVER_GONE_ERROR:
	case CR_SERVER_LOST:
	case CR_CONNECTION_ERROR:
	case CR_CONN_HOST_ERROR:
	case CR_SERVER_LOST_MORE:
	case CR_SSL_CONNECTION_ERROR: /* in an open session: the connection broke */
	case MI_ER_SERVER_SHUTDOWN:
	case MI_ER_SHUTDOWN_COMPLETE:
	case MI_ER_CONNECTION_KILLED:
	case MI_ER_CLIENT_INTERACTION_TIMEOUT:
		return true;
	default:
		return false;
	}
}

static bool is_full(unsigned number)
{
	return number == MI_ER_CON_COUNT_ERROR || number == MI_ER_TOO_MANY_USER_CONNECTIONS ||
	       number == MI_ER_USER_LIMIT_REACHED;
}

static bool is_denied(unsigned number)
{
	switch (number) {
	case MI_ER_DBACCESS_DENIED_ERROR:
	case MI_ER_ACCESS_DENIED_ERROR:
	case MI_ER_HOST_NOT_PRIVILEGED:
	case MI_ER_TABLEACCESS_DENIED_ERROR:
	case MI_ER_COLUMNACCESS_DENIED_ERROR:
	case MI_ER_SPECIFIC_ACCESS_DENIED_ERROR:
	case MI_ER_PROCACCESS_DENIED_ERROR:
	case MI_ER_MUST_CHANGE_PASSWORD_LOGIN:
	case MI_ER_MUST_CHANGE_PASSWORD:
	case MI_ER_ACCOUNT_HAS_BEEN_LOCKED:
	case MI_ER_ACCOUNT_HAS_BEEN_LOCKED_MARIADB:
		return true;
	default:
		return false;
	}
}

bool mi_conn_is_transient(unsigned number)
{
	return number == MI_ER_LOCK_WAIT_TIMEOUT || number == MI_ER_LOCK_DEADLOCK ||
	       is_lost(number);
}

static int code_of(unsigned number)
{
	if (is_lost(number) || is_full(number))
		return MI_UNAVAILABLE;
	if (number == MI_ER_LOCK_WAIT_TIMEOUT || number == MI_ER_LOCK_DEADLOCK ||
	    number == MI_ER_QUERY_INTERRUPTED || number == MI_ER_QUERY_TIMEOUT ||
	    number == MI_ER_STATEMENT_TIMEOUT)
		return MI_AGAIN;
	if (is_denied(number))
		return MI_DENIED;
	if (number == MI_ER_OPTION_PREVENTS_STATEMENT)
		return MI_CONFIG;
	return MI_DATA;
}

int mi_conn_fail_number(const struct mi_conn *conn, struct mi_err *err, const char *what,
                        unsigned number, const char *text)
{
	return mi_fail(err, code_of(number), "%s: %s: %s (%u)", mi_conn_name(conn), what, text,
	               number);
}

int mi_conn_fail(const struct mi_conn *conn, struct mi_err *err, const char *what)
{
	return mi_conn_fail_number(conn, err, what, mysql_errno(conn->mysql),
	                           mysql_error(conn->mysql));
}

int mi_conn_fail_statement(const struct mi_conn *conn, struct mi_err *err, struct mi_span sql)
{
	char what[136];

	(void)snprintf(what, sizeof what, "%.*s%s", (int)(sql.len < 120 ? sql.len : 120), sql.data,
	               sql.len > 120 ? "..." : "");
	return mi_conn_fail(conn, err, what);
}

static const char *user_of(const struct mi_conn_options *options)
{
	return options->user ? options->user : "(none given)";
}

/* The stock client's command for the same login, without the password. */
static void add_command(const struct mi_conn_options *options, const struct mi_conn_place *place,
                        struct mi_buf *out)
{
	mi_buf_add_str(out, "mysql ");
	if (place->socket)
		mi_buf_addf(out, "--socket=%s", place->socket);
	else
		mi_buf_addf(out, "--host=%s --port=%u", place->host, place->port);
	mi_buf_addf(out, " --user=%s -p", user_of(options));
	if (options->ssl_mode)
		mi_buf_addf(out, " --ssl-mode=%s", options->ssl_mode);
	if (options->ssl_ca)
		mi_buf_addf(out, " --ssl-ca=%s", options->ssl_ca);
	if (options->ssl_cert)
		mi_buf_addf(out, " --ssl-cert=%s", options->ssl_cert);
	if (options->ssl_key)
		mi_buf_addf(out, " --ssl-key=%s", options->ssl_key);
}

static int hint_denied(const struct mi_conn_options *options, const struct mi_conn_place *place,
                       struct mi_err *err)
{
	struct mi_buf command = {0};

	add_command(options, place, &command);
	(void)mi_hint(err,
	              "check user, password, the account's host part, its plugin, and whether it "
	              "REQUIREs TLS or a certificate (SHOW CREATE USER '%s'@...); to try: %s",
	              user_of(options), mi_buf_cstr(&command));
	mi_buf_release(&command);
	return -1;
}

static int explain_refused(const struct mi_conn_options *options, const struct mi_conn_place *place,
                           unsigned number, const char *text, struct mi_err *err)
{
	const char *at = mi_conn_place_text(options);

	switch (number) {
	case MI_ER_BAD_DB_ERROR:
		(void)mi_fail(err, MI_CONFIG, "%s: database '%s' does not exist", at,
		              options->database ? options->database : "");
		return mi_hint(err, "create it, or correct database= in the option file");
	case MI_ER_SECURE_TRANSPORT_REQUIRED:
		(void)mi_fail(err, MI_CONFIG, "%s: the server accepts TLS connections only", at);
		return mi_hint(err, "set ssl-mode=REQUIRED or stricter");
	case MI_ER_HOST_IS_BLOCKED:
		(void)mi_fail(err, MI_UNAVAILABLE, "%s: %s", at, text);
		return mi_hint(err, "FLUSH HOSTS on the server, or raise max_connect_errors");
	case MI_ER_MUST_CHANGE_PASSWORD_LOGIN:
	case MI_ER_MUST_CHANGE_PASSWORD:
		(void)mi_fail(err, MI_DENIED, "%s: the password of '%s' has expired", at,
		              user_of(options));
		return mi_hint(err, "ALTER USER ... IDENTIFIED BY ... with the stock client");
	case MI_ER_HOST_NOT_PRIVILEGED:
		(void)mi_fail(err, MI_DENIED, "%s: %s", at, text);
		return mi_hint(err, "no account's host part matches this machine");
	default:
		break;
	}
	if (is_full(number)) {
		(void)mi_fail(err, MI_UNAVAILABLE, "%s: %s", at, text);
		return mi_hint(
		    err, "end idle sessions, or raise max_connections or the account's limit");
	}
	if (is_denied(number)) {
		(void)mi_fail(err, MI_DENIED, "%s: login refused: %s (%u)", at, text, number);
		return hint_denied(options, place, err);
	}
	return mi_fail(err, number < 2000 || number > 2999 ? MI_CONFIG : MI_UNAVAILABLE,
	               "%s: cannot log in: %s (%u)", at, text, number);
}

int mi_conn_explain_number(const struct mi_conn_options *options, const struct mi_conn_place *place,
                           unsigned number, const char *text, struct mi_err *err)
{
	const char *at = mi_conn_place_text(options);

	switch (number) {
	case CR_CONNECTION_ERROR:
	case CR_CONN_HOST_ERROR:
	case CR_SERVER_LOST:
	case CR_SERVER_LOST_MORE:
	case CR_SERVER_GONE_ERROR:
		(void)mi_fail(err, MI_UNAVAILABLE, "%s: cannot connect: %s (%u)", at, text, number);
		return mi_hint(err,
		               "is the server running, is %s right, and does a firewall let this "
		               "machine in?",
		               place->socket ? "the socket's path" : "host and port");
	case CR_UNKNOWN_HOST:
		(void)mi_fail(err, MI_UNAVAILABLE, "%s: unknown host: %s", at, text);
		return mi_hint(err,
		               "check host=, and that its name resolves here (getent hosts %s)",
		               place->host);
	case CR_SSL_CONNECTION_ERROR:
		if (strstr(text, "unexpected eof") || strstr(text, "reset by peer"))
			return mi_fail(err, MI_UNAVAILABLE, "%s: the server went away: %s", at,
			               text);
		(void)mi_fail(err, MI_CONFIG, "%s: TLS failed: %s", at, text);
		return mi_hint(err, "check ssl-mode, ssl-ca, ssl-cert and ssl-key, and that the "
		                    "server offers TLS");
	case AUTH_PLUGIN_CANNOT_LOAD:
	case AUTH_PLUGIN_ERROR:
		(void)mi_fail(err, MI_CONFIG, "%s: cannot log in: %s (%u)", at, text, number);
		return mi_hint(err, "the account's authentication plugin is unknown to the client "
		                    "library, or wants TLS (ssl-mode=REQUIRED)");
	default:
		return explain_refused(options, place, number, text, err);
	}
}
