#include "server/conn.h"
#include "server/errors.h"
#include "server/options.h"
#include "server/flavour.h"
#include "server/settings.h"
#include "server/tls.h"

#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef MARIADB_PACKAGE_VERSION_ID
#define CONNECTOR_C 1
#else
#define CONNECTOR_C 0
#endif

enum { CONNECT_SECONDS = 20 };

int mi_conn_init(struct mi_err *err)
{
	if (mysql_library_init(0, NULL, NULL) != 0)
		return mi_fail(err, MI_BUG, "cannot initialise the client library");
	return 0;
}

static int set_option(struct mi_conn *conn, struct mi_err *err, enum mysql_option option,
                      const void *value)
{
	if (mysql_options(conn->mysql, option, value) != 0)
		return mi_fail(err, MI_BUG, "the client library refuses option %d", (int)option);
	return 0;
}

/* A server may ask for any file of ours by LOAD DATA LOCAL: none is given until the loader puts a
 * handler of its own in this one's place. */
static int refuse_infile(void **handle, const char *name, void *arg)
{
	(void)name;
	(void)arg;
	*handle = NULL;
	return 1;
}

static int refuse_read(void *handle, char *into, unsigned len)
{
	(void)handle;
	(void)into;
	(void)len;
	return -1;
}

static void refuse_end(void *handle)
{
	(void)handle;
}

static int refuse_error(void *handle, char *text, unsigned len)
{
	(void)handle;
	(void)snprintf(text, len, "no file was offered to the server");
	return CR_UNKNOWN_ERROR;
}

static int set_options(struct mi_conn *conn, enum mi_tls mode, struct mi_err *err)
{
	unsigned timeout = CONNECT_SECONDS;
	unsigned infile = conn->role == MI_ROLE_WRITER;
	unsigned long packet = 1ul << 30;
	bool yes = true;

	if (set_option(conn, err, MYSQL_OPT_CONNECT_TIMEOUT, &timeout) != 0 ||
	    set_option(conn, err, MYSQL_OPT_LOCAL_INFILE, &infile) != 0 ||
	    set_option(conn, err, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet) != 0 ||
	    set_option(conn, err, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0)
		return -1;
	mysql_set_local_infile_handler(conn->mysql, refuse_infile, refuse_read, refuse_end,
	                               refuse_error, NULL);
#if CONNECTOR_C
	(void)yes;
	(void)mode;
#else
	/* Without TLS caching_sha2_password needs the server's RSA key; Connector/C asks for it by
	 * itself. With TLS required nothing is ever sent outside it. */
	if (mode <= MI_TLS_PREFERRED &&
	    set_option(conn, err, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &yes) != 0)
		return -1;
#endif
	return 0;
}

int mi_conn_log_in(struct mi_conn *conn, const struct mi_conn_place *place, struct mi_err *err)
{
	const struct mi_conn_options *o = conn->options;

	/* "" and not NULL: a NULL password makes the libraries look into the environment. */
	if (!mysql_real_connect(conn->mysql, place->host, o->user, o->password ? o->password : "",
	                        o->database, place->port, place->socket, CLIENT_FOUND_ROWS))
		return mi_conn_explain_number(o, place, mysql_errno(conn->mysql),
		                              mysql_error(conn->mysql), err);
	return 0;
}

static int check_tls(const struct mi_conn *conn, enum mi_tls mode, struct mi_err *err)
{
	const char *cipher = mysql_get_ssl_cipher(conn->mysql);

	if (mode >= MI_TLS_REQUIRED && (!cipher || !*cipher))
		return mi_fail(err, MI_CONFIG, "%s: TLS was required and is not there",
		               mi_conn_place_text(conn->options));
	return 0;
}

static int open_session(struct mi_conn *conn, struct mi_err *err)
{
	struct mi_conn_place place;
	enum mi_tls mode;

	if (mi_conn_options_tls(conn->options, &mode, err) != 0 ||
	    mi_conn_options_place(conn->options, &place, err) != 0 ||
	    (mode != MI_TLS_DISABLED && mi_conn_options_files(conn->options, err) != 0) ||
	    set_options(conn, mode, err) != 0 || mi_tls_connect(conn, mode, &place, err) != 0 ||
	    check_tls(conn, mode, err) != 0)
		return -1;
	if (mi_server_detect(conn, err) != 0 || mi_session_set(conn, err) != 0)
		return mi_within(err, "%s", mi_conn_place_text(conn->options));
	return 0;
}

int mi_conn_open(struct mi_conn *conn, const struct mi_conn_options *options, enum mi_role role,
                 struct mi_err *err)
{
	struct mi_conn opened = {.options = options, .role = role};

	opened.mysql = mysql_init(NULL);
	if (!opened.mysql)
		return mi_fail(err, MI_AGAIN, "out of memory for a connection");
	if (open_session(&opened, err) != 0) {
		mi_conn_close(&opened);
		return -1;
	}
	*conn = opened;
	return 0;
}

void mi_conn_close(struct mi_conn *conn)
{
	if (conn->mysql)
		mysql_close(conn->mysql);
	*conn = (struct mi_conn){0};
}

const char *mi_conn_place_text(const struct mi_conn_options *options)
{
	static _Thread_local char text[320];
	struct mi_conn_place place;
	struct mi_err err = {0};

	if (mi_conn_options_place(options, &place, &err) != 0)
		(void)snprintf(text, sizeof text, "%s", options->host ? options->host : "server");
	else if (place.socket)
		(void)snprintf(text, sizeof text, "%s", place.socket);
	else
		(void)snprintf(text, sizeof text, "%s:%u", place.host, place.port);
	return text;
}

const char *mi_conn_name(const struct mi_conn *conn)
{
	static _Thread_local char text[512];

	if (conn->version)
		(void)snprintf(text, sizeof text, "%s %u.%u.%u at %s",
		               mi_flavour_name(conn->flavour), conn->version / 10000,
		               conn->version / 100 % 100, conn->version % 100,
		               mi_conn_place_text(conn->options));
	else
		(void)snprintf(text, sizeof text, "%s", mi_conn_place_text(conn->options));
	return text;
}

int mi_conn_exec_span(struct mi_conn *conn, struct mi_err *err, struct mi_span sql)
{
	MYSQL_RES *result;

	if (mysql_real_query(conn->mysql, sql.data, sql.len) != 0)
		return mi_conn_fail_statement(conn, err, sql);
	result = mysql_store_result(conn->mysql);
	if (result)
		mysql_free_result(result);
	else if (mysql_errno(conn->mysql) != 0)
		return mi_conn_fail_statement(conn, err, sql);
	return 0;
}

int mi_conn_exec(struct mi_conn *conn, struct mi_err *err, const char *sql)
{
	return mi_conn_exec_span(conn, err, mi_span_str(sql));
}

int mi_conn_execf(struct mi_conn *conn, struct mi_err *err, const char *fmt, ...)
{
	char *sql;
	va_list args;
	int len, ret;

	va_start(args, fmt);
	len = vasprintf(&sql, fmt, args);
	va_end(args);
	if (len < 0)
		return mi_fail(err, MI_AGAIN, "out of memory for a statement");
	ret = mi_conn_exec_span(conn, err, mi_span(sql, (size_t)len));
	free(sql);
	return ret;
}

int mi_conn_query(struct mi_conn *conn, struct mi_err *err, const char *sql, MYSQL_RES **result)
{
	if (mysql_query(conn->mysql, sql) != 0)
		return mi_conn_fail_statement(conn, err, mi_span_str(sql));
	*result = mysql_store_result(conn->mysql);
	if (*result)
		return 0;
	if (mysql_errno(conn->mysql) != 0)
		return mi_conn_fail_statement(conn, err, mi_span_str(sql));
	return mi_fail(err, MI_BUG, "no result for: %.200s", sql);
}

int mi_conn_value(struct mi_conn *conn, struct mi_err *err, const char *sql, struct mi_buf *out,
                  bool *is_null)
{
	unsigned long *lengths;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	if (mi_conn_query(conn, err, sql, &result) != 0)
		return -1;
	row = mysql_fetch_row(result);
	lengths = row ? mysql_fetch_lengths(result) : NULL;
	if (!lengths) {
		(void)mi_fail(err, MI_DATA, "%s: no row for: %.200s", mi_conn_name(conn), sql);
		goto out;
	}
	if (row[0])
		mi_buf_add(out, row[0], lengths[0]);
	if (is_null)
		*is_null = !row[0];
	ret = 0;
out:
	mysql_free_result(result);
	return ret;
}

int mi_conn_number(struct mi_conn *conn, struct mi_err *err, const char *sql, uint64_t *number)
{
	struct mi_buf text = {0};
	int ret = mi_conn_value(conn, err, sql, &text, NULL);

	if (ret == 0 && !mi_opt_number(mi_buf_cstr(&text), number))
		ret = mi_fail(err, MI_DATA, "%s: '%s' is no number, for: %.200s",
		              mi_conn_name(conn), text.data, sql);
	mi_buf_release(&text);
	return ret;
}
