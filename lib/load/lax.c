#include "load/lax.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "table/table.h"

bool mi_lax_may_help(const struct mi_table *table, unsigned refused)
{
	if (refused == MI_ER_CONSTRAINT_FAILED)
		return true;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].generated != MI_NOT_GENERATED)
			return true;
	for (size_t i = 0; i < table->key_count; i++)
		for (size_t k = 0; k < table->keys[i].part_count; k++)
			if (table->keys[i].parts[k].column < 0)
				return true;
	return false;
}

bool mi_lax_is_about_value(unsigned number)
{
	static const unsigned known[] = {MI_WARN_DATA_TRUNCATED,
	                                 MI_ER_WARN_DATA_OUT_OF_RANGE,
	                                 MI_ER_TRUNCATED_WRONG_VALUE,
	                                 MI_ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
	                                 MI_ER_DATA_TOO_LONG,
	                                 MI_ER_WRONG_VALUE_FOR_TYPE,
	                                 MI_ER_BAD_DATA,
	                                 MI_ER_INVALID_JSON_VALUE_FOR_CAST,
	                                 MI_ER_DATA_TRUNCATED_FUNCTIONAL_INDEX,
	                                 MI_ER_DATA_OUT_OF_RANGE_FUNCTIONAL_INDEX,
	                                 MI_ER_FUNCTIONAL_INDEX_DATA_IS_TOO_LONG};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i] == number)
			return true;
	return false;
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
