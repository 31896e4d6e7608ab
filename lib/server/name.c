#include "server/name.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

#include <errmsg.h>
#include <stdio.h>

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

const char *mi_flavour_name(enum mi_flavour flavour)
{
	static const char *const names[] = {[MI_FLAVOUR_MYSQL] = "mysql",
	                                    [MI_FLAVOUR_MARIADB] = "mariadb",
	                                    [MI_FLAVOUR_VITESS] = "vitess"};

	return names[flavour];
}
