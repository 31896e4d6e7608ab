#include "server/flavour.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* "10.11.14-MariaDB-0+deb12u2" → 101114; 0 when text does not begin with three numbers. */
static unsigned version_number(const char *text)
{
	unsigned number = 0;

	for (int part = 0; part < 3; part++) {
		char *end;
		unsigned long value;

		if (!isdigit((unsigned char)*text))
			return 0;
		value = strtoul(text, &end, 10);
		if (value > 99 || (part < 2 && *end != '.'))
			return 0;
		number = number * 100 + (unsigned)value;
		text = end + 1;
	}
	return number;
}

static bool mentions(const char *version, const char *comment, const char *word)
{
	return strcasestr(version, word) || strcasestr(comment, word);
}

/* From the values of @@version and @@version_comment. */
static int read_version(const char *version, const char *comment, enum mi_flavour *flavour,
                        unsigned *number, struct mi_err *err)
{
	/* MariaDB before 11 puts 5.5.5- before its version, for clients that know nothing newer. */
	if (strncmp(version, "5.5.5-", 6) == 0)
		version += 6;
	*number = version_number(version);
	if (mentions(version, comment, "vitess") || mentions(version, comment, "planetscale"))
		*flavour = MI_FLAVOUR_VITESS;
	else if (mentions(version, comment, "mariadb"))
		*flavour = MI_FLAVOUR_MARIADB;
	else
		*flavour = MI_FLAVOUR_MYSQL;
	if (*number == 0)
		return mi_fail(err, MI_CONFIG, "cannot read the server's version '%s'", version);
	if ((*flavour == MI_FLAVOUR_MARIADB && *number < 100500) || *number < 50700)
		return mi_fail(err, MI_CONFIG,
		               "%s %s is too old: MySQL 5.7 and MariaDB 10.5 are the oldest known",
		               mi_flavour_name(*flavour), version);
	return 0;
}

static int read_identity(struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf id = {0};
	int ret = 0;

	if (conn->flavour == MI_FLAVOUR_VITESS)
		return 0; /* a gateway to many servers has no identity of its own */
	ret = mi_conn_value(conn, err,
	                    conn->flavour == MI_FLAVOUR_MYSQL ? "SELECT @@GLOBAL.server_uuid"
	                                                      : "SELECT @@GLOBAL.server_id",
	                    &id, NULL);
	if (ret == 0)
		(void)snprintf(conn->server_id, sizeof conn->server_id, "%s", mi_buf_cstr(&id));
	mi_buf_release(&id);
	return ret;
}

int mi_server_detect(struct mi_conn *conn, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	if (mi_conn_query(conn, err, "SELECT @@version, @@version_comment", &result) != 0)
		return -1;
	row = mysql_fetch_row(result);
	if (!row || !row[0]) {
		(void)mi_fail(err, MI_PROTOCOL, "the server does not say its version");
		goto out;
	}
	(void)snprintf(conn->version_text, sizeof conn->version_text, "%s", row[0]);
	if (read_version(row[0], row[1] ? row[1] : "", &conn->flavour, &conn->version, err) != 0)
		goto out;
	ret = read_identity(conn, err);
out:
	mysql_free_result(result);
	return ret;
}
