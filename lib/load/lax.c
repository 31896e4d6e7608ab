#include "load/lax.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "table/table.h"

bool mi_lax_may_help(const struct mi_table *table, unsigned refused)
{
	return refused == MI_ER_CONSTRAINT_FAILED || mi_table_computes(table);
}

int mi_lax_begin(struct mi_conn *conn, struct mi_err *err)
{
	if (conn->flavour == MI_FLAVOUR_MARIADB &&
	    mi_conn_exec(conn, err, "SET SESSION check_constraint_checks=0") != 0)
		return -1;
	return mi_conn_exec(conn, err,
	                    "SET @mi_strict=@@SESSION.sql_mode,SESSION sql_mode="
	                    "REPLACE(@@SESSION.sql_mode,'STRICT_ALL_TABLES','')");
}

int mi_lax_end(struct mi_conn *conn, struct mi_err *err)
{
	if (conn->flavour == MI_FLAVOUR_MARIADB &&
	    mi_conn_exec(conn, err, "SET SESSION check_constraint_checks=1") != 0)
		return -1;
	return mi_conn_exec(conn, err, "SET SESSION sql_mode=@mi_strict");
}
