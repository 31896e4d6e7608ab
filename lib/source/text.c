#include "source/text.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "table/table.h"

enum { TABLES_AT_ONCE = 100, VERBOSITY_SINCE = 50722 };

int mi_src_text_session(struct mi_conn *conn, struct mi_err *err)
{
	bool verbose = conn->flavour == MI_FLAVOUR_MYSQL && conn->version >= VERBOSITY_SINCE;

	return mi_conn_exec(conn, err,
	                    verbose ? "SET SESSION sql_quote_show_create = 1, "
	                              "show_create_table_verbosity = 0"
	                            : "SET SESSION sql_quote_show_create = 1");
}

/* Takes the next result of a batch, that of the table. */
static int take(struct mi_conn *conn, struct mi_table *table, struct mi_err *err)
{
	MYSQL_RES *result = mysql_store_result(conn->mysql);
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	int ret = 0;

	if (row && mysql_num_fields(result) > 1 && row[1])
		mi_table_set_text(table, mi_span(row[1], mysql_fetch_lengths(result)[1]));
	else if (result)
		ret = mi_fail(err, MI_DENIED, "%s.%s: the server hides its definition", table->db,
		              table->name);
	else
		ret = mi_conn_fail(conn, err, "SHOW CREATE TABLE");
	mysql_free_result(result);
	return ret;
}

static int fail_batch(struct mi_conn *conn, const struct mi_table *table, struct mi_err *err)
{
	(void)mi_conn_fail(conn, err, "SHOW CREATE TABLE");
	if (mysql_errno(conn->mysql) == MI_ER_NO_SUCH_TABLE) {
		err->code = MI_DATA;
		(void)mi_hint(err,
		              "it has been dropped or renamed meanwhile; run it again, and let "
		              "no DDL run");
	}
	return mi_within(err, "%s.%s", table->db, table->name);
}

static int read_batch(struct mi_conn *conn, struct mi_table **tables, size_t count,
                      struct mi_err *err)
{
	struct mi_buf sql = {0};
	int failed;

	for (size_t i = 0; i < count; i++) {
		mi_buf_add_str(&sql, i ? ";SHOW CREATE TABLE " : "SHOW CREATE TABLE ");
		mi_sql_name(&sql, tables[i]->db, tables[i]->name);
	}
	failed = mysql_real_query(conn->mysql, sql.data, (unsigned long)sql.len);
	mi_buf_release(&sql);
	for (size_t i = 0; i < count; i++) {
		if (failed || (i > 0 && mysql_next_result(conn->mysql) != 0))
			return fail_batch(conn, tables[i], err);
		if (take(conn, tables[i], err) != 0)
			return -1;
	}
	return 0;
}

int mi_src_texts(struct mi_conn *conn, struct mi_tables *tables, struct mi_err *err)
{
	int ret = mi_src_text_session(conn, err);

	if (ret == 0 && mysql_set_server_option(conn->mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0)
		ret = mi_conn_fail(conn, err, "several statements at once");
	for (size_t i = 0; ret == 0 && i < tables->count; i += TABLES_AT_ONCE) {
		size_t left = tables->count - i;

		ret = read_batch(conn, tables->items + i,
		                 left < TABLES_AT_ONCE ? left : TABLES_AT_ONCE, err);
	}
	if (ret == 0 &&
	    mysql_set_server_option(conn->mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF) != 0)
		ret = mi_conn_fail(conn, err, "one statement at once");
	return ret == 0 ? 0 : mi_within(err, "reading the definitions");
}
