#include "server/log_in.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/options.h"

#include <errmsg.h>

int mi_conn_log_in(struct mi_conn *conn, const struct mi_conn_place *place, struct mi_err *err)
{
	const struct mi_conn_options *o = conn->options;

	/* "" and not NULL: for a NULL password the libraries look into the environment. */
	if (!mysql_real_connect(conn->mysql, place->host, o->user, o->password ? o->password : "",
	                        o->database, place->port, place->socket, CLIENT_FOUND_ROWS))
		return mi_conn_explain_number(o, place, mysql_errno(conn->mysql),
		                              mysql_error(conn->mysql), err);
	return 0;
}
