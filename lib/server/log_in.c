#include "server/log_in.h"
#include "base/buf.h"
#include "base/err.h"
#include "password/open_line.h"
#include "password/rsa_key.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/name.h"
#include "server/open_line.h"
#include "server/options.h"

#include <errmsg.h>

static int connect_to(struct mi_conn *conn, const struct mi_conn_place *place, struct mi_err *err)
{
	const struct mi_conn_options *o = conn->options;

	/* "" and not NULL: for a NULL password the libraries look into the environment. */
	if (mysql_real_connect(conn->mysql, place->host, o->user, o->password ? o->password : "",
	                       o->database, place->port, place->socket, CLIENT_FOUND_ROWS))
		return 0;
	if (!mi_open_line_refused())
		return mi_conn_explain_number(o, place, mysql_errno(conn->mysql),
		                              mysql_error(conn->mysql), err);
	(void)mi_fail(err, MI_CONFIG, "%s: %s", mi_conn_place_text(o), mi_auth_open_line);
	return mi_hint(err, "%s", mi_auth_open_line_hint);
}

int mi_conn_log_in(struct mi_conn *conn, const struct mi_conn_place *place, struct mi_err *err)
{
	const char *path = conn->options->server_public_key_path;
	struct mi_buf key = {0};
	int ret = 0;

	if (path && !place->socket)
		ret = mi_auth_public_read(path, &key, err);
	mi_open_line_begin(mi_buf_span(&key));
	if (ret == 0)
		ret = connect_to(conn, place, err);
	mi_buf_release(&key);
	return ret;
}
