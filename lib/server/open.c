#include "server/open.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/flavour.h"
#include "server/name.h"
#include "server/options.h"
#include "server/settings.h"
#include "server/tls.h"

#include <errmsg.h>
#include <stdio.h>

enum { CONNECT_SECONDS = 20 };

static int set_option(struct mi_conn *conn, struct mi_err *err, enum mysql_option option,
                      const void *value)
{
	if (mysql_options(conn->mysql, option, value) != 0)
		return mi_fail(err, MI_BUG, "the client library refuses option %d", (int)option);
	return 0;
}

/* LOAD DATA LOCAL lets a server ask for any file of this machine. This handler gives none;
 * load/send.c replaces it by one that gives rows. */
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

static int set_options(struct mi_conn *conn, struct mi_err *err)
{
	unsigned timeout = CONNECT_SECONDS;
	unsigned infile = conn->role == MI_ROLE_WRITER;
	unsigned long packet = 1ul << 30;

	if (set_option(conn, err, MYSQL_OPT_CONNECT_TIMEOUT, &timeout) != 0 ||
	    set_option(conn, err, MYSQL_OPT_LOCAL_INFILE, &infile) != 0 ||
	    set_option(conn, err, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet) != 0 ||
	    set_option(conn, err, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0)
		return -1;
	mysql_set_local_infile_handler(conn->mysql, refuse_infile, refuse_read, refuse_end,
	                               refuse_error, NULL);
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
	    set_options(conn, err) != 0 || mi_tls_connect(conn, mode, &place, err) != 0 ||
	    check_tls(conn, mode, err) != 0)
		return -1;
	if (mi_server_detect(conn, err) != 0 || mi_settings_apply(conn, err) != 0)
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

int mi_conn_same_server(const struct mi_conn *conn, const char *identity, struct mi_err *err)
{
	if (strcmp(conn->server_id, identity) == 0)
		return 0;
	(void)mi_fail(err, MI_AGAIN, "another server answers at %s than before",
	              mi_conn_name(conn));
	return mi_hint(err, "name one server by an address that stays its own, or run this again "
	                    "when all connections lead to the same");
}
