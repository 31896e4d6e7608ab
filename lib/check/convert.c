#include "check/convert.h"
#include "check/check.h"
#include "check/run.h"
#include "schema/convert.h"
#include "server/conn.h"

void mi_check_set_convert(const struct mi_check_at *at, struct mi_convert *convert)
{
	const struct mi_check_run *run = at->run;
	enum mi_server_kind kind = mi_check_kind(run);

	convert->from =
	    run->source.conn->flavour == MI_FLAVOUR_MARIADB ? MI_DIALECT_MARIADB : MI_DIALECT_MYSQL;
	convert->to = convert->from;
	convert->version = run->source.conn->version;
	if (kind == MI_SERVER_UNKNOWN)
		return;
	convert->to = kind == MI_SERVER_MARIADB ? MI_DIALECT_MARIADB : MI_DIALECT_MYSQL;
	if (run->target.conn && run->target.conn->flavour != MI_FLAVOUR_VITESS)
		convert->version = run->target.conn->version;
	else if (!mi_convert_target(convert, kind == MI_SERVER_MARIADB ? "mariadb" : "mysql"))
		convert->version = 0;
}
