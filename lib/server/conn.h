/* Connections to servers: the options that say where, the open connection, and statements on it. It
 * hides which client library (Oracle's libmysqlclient or MariaDB Connector/C) is linked; tls.h,
 * options.h and follow/request.c do the rest of that. */
#ifndef MI_SERVER_CONN_H
#define MI_SERVER_CONN_H

#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"

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
	const char *config; /* -c, --config; NULL: ~/.my.cnf if there is one */
	const char *server; /* -s, --server: NAME of [client_NAME] */
	/* The rest. NULL: not given; mi_conn_options_load then takes what the file says. */
	const char *host, *port, *socket, *user, *database;
	const char *ssl_mode, *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_server_name;
	const char *server_public_key_path;
	char *password; /* from the file only; wiped by mi_conn_options_release */
	char *owned;    /* storage behind values read from the file */
};

/* A text, and no default of its row: what the option file says comes before it. */
#define MI_DEFAULT_PORT "3306"

/* Rows for a tool's option table; o is a struct mi_conn_options *. */
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
	        "name to send as SNI and to verify instead of host"), \
	MI_TEXT(0, "server-public-key-path", "FILE", &(o)->server_public_key_path, \
	        "the server's RSA key, to log in by without TLS")
/* clang-format on */

enum mi_flavour { MI_FLAVOUR_MYSQL, MI_FLAVOUR_MARIADB, MI_FLAVOUR_VITESS };

/* What a session is for. It decides which session variables are set, see server/settings.c. */
enum mi_role {
	MI_ROLE_READER, /* snapshots: REPEATABLE READ */
	MI_ROLE_WRITER, /* load and apply: READ COMMITTED, foreign_key_checks = 0 */
	MI_ROLE_PLAIN,  /* questions: the server's default isolation */
};

struct mi_conn {
	MYSQL *mysql;
	enum mi_flavour flavour;
	unsigned version; /* 100 * (100 * major + minor) + patch, e.g. 80036, 101106 */
	char version_text[96];
	char server_id[64]; /* server_uuid, or MariaDB's server_id; "" for Vitess */
	enum mi_role role;
	const struct mi_conn_options *options; /* the caller's; outlives the connection */
};

/* Sets up the client library for the process, and keeps it from showing passwords on an open line
 * (server/open_line.h); call once in main, before threads. Failure: MI_BUG or MI_AGAIN. */
MI_MUST int mi_conn_init(struct mi_err *err);

/* Closes the connection and leaves *conn {0}. Harmless on {0}. */
void mi_conn_close(struct mi_conn *conn);

/* A connection is used by one thread at a time. What the server or the client library refuses is
 * reported by mi_conn_fail (server/errors.h says with which codes), with the beginning of the
 * statement.
 *
 * Runs a statement, given as text, as a span or by a format. A result set, if there is one, is read
 * and thrown away. */
MI_MUST int mi_conn_exec(struct mi_conn *conn, struct mi_err *err, const char *sql);
MI_MUST int mi_conn_exec_span(struct mi_conn *conn, struct mi_err *err, struct mi_span sql);
MI_MUST int mi_conn_execf(struct mi_conn *conn, struct mi_err *err, const char *fmt, ...)
    MI_PRINTF(3, 4);

/* The two halves of mi_conn_exec, so that several connections work at the same time: _send returns
 * when the statement is sent, and _answer, which must follow on the same connection, when it is
 * done. */
MI_MUST int mi_conn_send(struct mi_conn *conn, struct mi_err *err, const char *sql);
MI_MUST int mi_conn_answer(struct mi_conn *conn, struct mi_err *err, const char *sql);

/* Runs a query and buffers its result, to be freed with mysql_free_result. A statement that returns
 * no result set is MI_BUG. */
MI_MUST int mi_conn_query(struct mi_conn *conn, struct mi_err *err, const char *sql,
                          MYSQL_RES **result);

/* Appends the first value of a query's first row to out. NULL appends nothing and sets *is_null
 * (is_null itself may be NULL). No row is MI_DATA. */
MI_MUST int mi_conn_value(struct mi_conn *conn, struct mi_err *err, const char *sql,
                          struct mi_buf *out, bool *is_null);
/* The first value of a query's first row as a decimal number. Anything else, NULL included, is
 * MI_DATA. */
MI_MUST int mi_conn_number(struct mi_conn *conn, struct mi_err *err, const char *sql,
                           uint64_t *number);

#endif
