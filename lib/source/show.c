#include "source/show.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "source/schema.h"
#include "sql/literal.h"

int mi_query_schema(struct mi_conn *conn, const char *db, const char *what, const char *before,
                    const char *after, MYSQL_RES **result, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, before);
	mi_sql_string(&sql, db);
	mi_buf_add_str(&sql, after);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	return ret != 0 ? mi_within(err, "reading %sdatabase %s", what, db) : 0;
}

static int fail_hidden(const struct mi_ddl_reader *reader, const char *what, const char *name,
                       struct mi_err *err)
{
	(void)mi_fail(err, MI_DENIED, "cannot read the definition of %s %s.%s: the server hides it",
	              what, reader->db, name);
	return mi_hint(err, "grant SHOW VIEW and, for routines, SHOW_ROUTINE or SELECT on "
	                    "mysql.proc; leave others out with --exclude");
}

int mi_show_create(struct mi_ddl_reader *reader, const char *what, const char *name, unsigned text,
                   MYSQL_RES **result, MYSQL_ROW *row, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "SHOW CREATE %s ", what);
	mi_sql_name(&sql, reader->db, name);
	ret = mi_conn_query(reader->conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	if (ret != 0)
		return mi_within(err, "reading the definition of %s.%s", reader->db, name);
	*row = mysql_fetch_row(*result);
	if (*row && mysql_num_fields(*result) > text && (*row)[text])
		return 0;
	mysql_free_result(*result);
	return fail_hidden(reader, what, name, err);
}
