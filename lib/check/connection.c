#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "server/conn.h"
#include "server/name.h"
#include "server/options.h"

/* The newest release series that the tools were tested with, or whose release notes were read for
 * them. */
enum { NEWEST_MYSQL = 90799, NEWEST_MARIADB = 129999 };

int mi_check_connect(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_buf user = {0};

	if (mi_conn_value(at->server->conn, err, "SELECT CURRENT_USER()", &user, NULL) != 0) {
		mi_buf_release(&user);
		return -1;
	}
	mi_check_ok(at, "%s, as %s", mi_conn_name(at->server->conn), mi_buf_cstr(&user));
	mi_buf_release(&user);
	return 0;
}

int mi_check_tls(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_conn *conn = at->server->conn;
	const char *cipher = mysql_get_ssl_cipher(conn->mysql);
	struct mi_conn_place place;
	enum mi_tls mode;

	if (mi_conn_options_tls(conn->options, &mode, err) != 0 ||
	    mi_conn_options_place(conn->options, &place, err) != 0)
		return -1;
	if (!cipher || !*cipher) {
		if (place.socket)
			mi_check_ok(at, "no TLS, on a Unix socket that needs none");
		else
			mi_check_warn(at, "ssl-mode=VERIFY_IDENTITY and ssl-ca=FILE",
			              "the connection is not encrypted");
	} else if (mode < MI_TLS_VERIFY_CA) {
		mi_check_warn(at, "ssl-mode=VERIFY_IDENTITY and ssl-ca=FILE",
		              "encrypted (%s), the server's certificate not verified", cipher);
	} else {
		mi_check_ok(at, "encrypted (%s), the server's certificate%s verified", cipher,
		            mode == MI_TLS_VERIFY_IDENTITY ? " and name" : "");
	}
	return 0;
}

static unsigned newest(enum mi_flavour flavour)
{
	return flavour == MI_FLAVOUR_MARIADB ? NEWEST_MARIADB : NEWEST_MYSQL;
}

int mi_check_version(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_conn *conn = at->server->conn;

	(void)err; /* servers that are too old were refused while connecting */
	if (conn->flavour == MI_FLAVOUR_VITESS && at->side == MI_CHECK_SOURCE)
		mi_check_block(at,
		               "take a dump of it (pscale database dump, or mysqldump) and load "
		               "that",
		               "%s is Vitess: its changes cannot be followed by GTID",
		               conn->version_text);
	else if (conn->version > newest(conn->flavour))
		mi_check_warn(at, NULL, "%s %s is newer than what this program was tried with",
		              mi_flavour_name(conn->flavour), conn->version_text);
	else
		mi_check_ok(at, "%s %s", mi_flavour_name(conn->flavour), conn->version_text);
	return 0;
}

static bool equal(const struct mi_check_run *run, const char *name)
{
	const char *a = mi_check_var(&run->source, name), *b = mi_check_var(&run->target, name);

	return a && b && *a && strcmp(a, b) == 0;
}

static bool same_place(const struct mi_check_run *run)
{
	return equal(run, "hostname") && equal(run, "port") && equal(run, "datadir");
}

int mi_check_same_server(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	const struct mi_conn *a = run->source.conn, *b = run->target.conn;

	(void)err;
	if (a->flavour != b->flavour)
		mi_check_ok(at, "they are of two flavours");
	else if (same_place(run) || equal(run, "server_uid"))
		mi_check_block(at, "name another group with -s or -t",
		               "source and target are the same server");
	else if (equal(run, "server_uuid"))
		mi_check_block(at, "remove auto.cnf from the target's datadir and restart it",
		               "both have server_uuid %s: one server, or a clone", a->server_id);
	else if (a->flavour == MI_FLAVOUR_MARIADB && equal(run, "server_id"))
		mi_check_warn(at, "SET GLOBAL server_id = ... on the target",
		              "both have server_id %s: GTIDs do not tell them apart", a->server_id);
	else
		mi_check_ok(at, "they are two servers");
	return 0;
}
