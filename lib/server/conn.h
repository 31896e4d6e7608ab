/* Connections to servers. The only header of the project, with source/log_request.c, behind which
 * the two client libraries (Oracle's libmysqlclient and MariaDB Connector/C) differ. */
#ifndef MI_SERVER_CONN_H
#define MI_SERVER_CONN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum mi_tls {
	MI_TLS_DISABLED,
	MI_TLS_PREFERRED,
	MI_TLS_REQUIRED,
	MI_TLS_VERIFY_CA,
	MI_TLS_VERIFY_IDENTITY
};

/* Where and how to connect: the option file's [client] and [client_NAME], then the command line. */
struct mi_conn_options {
	const char *config; /* -c, --config; NULL: ~/.my.cnf when it exists */
	const char *server; /* -s, --server: NAME of [client_NAME] */
	const char *host, *port, *socket, *user,
	    *database; /* NULL: from the file, or the default */
	const char *ssl_mode, *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_server_name;
	char *password; /* from the file only; wiped by mi_conn_options_release */
	char *owned;    /* storage behind values read from the file */
};

/* A text, and no default of its row: what the option file says comes before it. */
#define MI_DEFAULT_PORT "3306"

/* Rows for a tool's option table. */
/* clang-format off */
#define MI_CONN_OPT_ROWS(o) \
	MI_HEADING("Connection"), \
	MI_TEXT('c', "config", "FILE", &(o)->config, "option file to read (default ~/.my.cnf)"), \
	MI_TEXT('s', "server", "NAME", &(o)->server, \
	        "read [client] and [client_NAME] of the option file"), \
	MI_TEXT(0, "host", "HOST", &(o)->host, "server's host name"), \
	MI_TEXT(0, "port", "PORT", &(o)->port, "server's TCP port (default " MI_DEFAULT_PORT ")"), \
	MI_TEXT(0, "socket", "PATH", &(o)->socket, "server's Unix socket"), \
	MI_TEXT(0, "user", "NAME", &(o)->user, "account to log in with"), \
	MI_REFUSED("password", "everybody on the machine can read a command line; put it into the " \
	           "option file"), \
	MI_TEXT(0, "database", "NAME", &(o)->database, "default database"), \
	MI_TEXT(0, "ssl-mode", "MODE", &(o)->ssl_mode, \
	        "DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY"), \
	MI_TEXT(0, "ssl-ca", "FILE", &(o)->ssl_ca, "certificate authorities to trust"), \
	MI_TEXT(0, "ssl-capath", "DIR", &(o)->ssl_capath, "directory of certificate authorities"), \
	MI_TEXT(0, "ssl-cert", "FILE", &(o)->ssl_cert, "client certificate"), \
	MI_TEXT(0, "ssl-key", "FILE", &(o)->ssl_key, "its private key"), \
	MI_TEXT(0, "ssl-server-name", "NAME", &(o)->ssl_server_name, \
	        "name to send as SNI and to verify instead of host")
/* clang-format on */

enum mi_flavour { MI_FLAVOUR_MYSQL, MI_FLAVOUR_MARIADB, MI_FLAVOUR_VITESS };

/* What a session is for: decides isolation, see server/settings.c. */
enum mi_role {
	MI_ROLE_READER, /* snapshots: REPEATABLE READ */
	MI_ROLE_WRITER, /* load and apply: READ COMMITTED, foreign_key_checks = 0 */
	MI_ROLE_PLAIN,  /* questions: the same session settings, default isolation */
};

struct mi_conn {
	MYSQL *mysql;
	enum mi_flavour flavour;
	unsigned version; /* 100 * (100 * major + minor) + patch, e.g. 80036, 101106 */
	char version_text[96];
	char server_id[64]; /* server_uuid, or MariaDB's server_id: the header's `server` */
	enum mi_role role;
	const struct mi_conn_options *options; /* for reconnects and messages; the caller's */
};

/* Process-wide set-up of the client library; call once in main, before threads. */
MI_MUST int mi_conn_init(struct mi_err *err);

void mi_conn_close(struct mi_conn *conn); /* harmless on {0} */

/* Runs a statement that returns no rows. */
MI_MUST int mi_conn_exec(struct mi_conn *conn, struct mi_err *err, const char *sql);
MI_MUST int mi_conn_exec_span(struct mi_conn *conn, struct mi_err *err, struct mi_span sql);
MI_MUST int mi_conn_execf(struct mi_conn *conn, struct mi_err *err, const char *fmt, ...)
    MI_PRINTF(3, 4);

/* Runs a query and buffers its result. Free with mysql_free_result. */
MI_MUST int mi_conn_query(struct mi_conn *conn, struct mi_err *err, const char *sql,
                          MYSQL_RES **result);

/* The one value of a query's first row, appended to out ("" and *is_null for NULL; no row:
 * MI_DATA). is_null may be NULL. */
MI_MUST int mi_conn_value(struct mi_conn *conn, struct mi_err *err, const char *sql,
                          struct mi_buf *out, bool *is_null);
MI_MUST int mi_conn_number(struct mi_conn *conn, struct mi_err *err, const char *sql,
                           uint64_t *number);

#endif
