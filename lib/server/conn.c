#include "server/conn.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "server/errors.h"
#include "server/name.h"
#include "server/open_line.h"
#include "server/tls.h"

#include <errmsg.h>
#include <stdlib.h>

int mi_conn_init(struct mi_err *err)
{
	if (mysql_library_init(0, NULL, NULL) != 0)
		return mi_fail(err, MI_BUG, "cannot initialise the client library");
	return mi_open_line_guard(err) == 0 ? mi_tls_init(err) : -1;
}

void mi_conn_close(struct mi_conn *conn)
{
	if (conn->mysql)
		mysql_close(conn->mysql);
	*conn = (struct mi_conn){0};
}

/* Reads a result set, if there is one, and throws it away. */
static int drop_result(struct mi_conn *conn, struct mi_err *err, struct mi_span sql)
{
	MYSQL_RES *result = mysql_store_result(conn->mysql);

	if (result)
		mysql_free_result(result);
	else if (mysql_errno(conn->mysql) != 0)
		return mi_conn_fail_statement(conn, err, sql);
	return 0;
}

int mi_conn_exec_span(struct mi_conn *conn, struct mi_err *err, struct mi_span sql)
{
	if (mysql_real_query(conn->mysql, sql.data, sql.len) != 0)
		return mi_conn_fail_statement(conn, err, sql);
	return drop_result(conn, err, sql);
}

int mi_conn_send(struct mi_conn *conn, struct mi_err *err, const char *sql)
{
	if (mysql_send_query(conn->mysql, sql, strlen(sql)) != 0)
		return mi_conn_fail_statement(conn, err, mi_span_str(sql));
	return 0;
}

int mi_conn_answer(struct mi_conn *conn, struct mi_err *err, const char *sql)
{
	if (mysql_read_query_result(conn->mysql) != 0)
		return mi_conn_fail_statement(conn, err, mi_span_str(sql));
	return drop_result(conn, err, mi_span_str(sql));
}

int mi_conn_exec(struct mi_conn *conn, struct mi_err *err, const char *sql)
{
	return mi_conn_exec_span(conn, err, mi_span_str(sql));
}

int mi_conn_execf(struct mi_conn *conn, struct mi_err *err, const char *fmt, ...)
{
	char *sql;
	va_list args;
	int len, ret;

	va_start(args, fmt);
	len = vasprintf(&sql, fmt, args);
	va_end(args);
	if (len < 0)
		return mi_fail(err, MI_AGAIN, "out of memory for a statement");
	ret = mi_conn_exec_span(conn, err, mi_span(sql, (size_t)len));
	free(sql);
	return ret;
}

int mi_conn_query(struct mi_conn *conn, struct mi_err *err, const char *sql, MYSQL_RES **result)
{
	if (mysql_query(conn->mysql, sql) != 0)
		return mi_conn_fail_statement(conn, err, mi_span_str(sql));
	*result = mysql_store_result(conn->mysql);
	if (*result)
		return 0;
	if (mysql_errno(conn->mysql) != 0)
		return mi_conn_fail_statement(conn, err, mi_span_str(sql));
	return mi_fail(err, MI_BUG, "no result for: %.200s", sql);
}

int mi_conn_value(struct mi_conn *conn, struct mi_err *err, const char *sql, struct mi_buf *out,
                  bool *is_null)
{
	unsigned long *lengths;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	if (mi_conn_query(conn, err, sql, &result) != 0)
		return -1;
	row = mysql_fetch_row(result);
	lengths = row ? mysql_fetch_lengths(result) : NULL;
	if (!lengths) {
		(void)mi_fail(err, MI_DATA, "%s: no row for: %.200s", mi_conn_name(conn), sql);
		goto out;
	}
	if (row[0])
		mi_buf_add(out, row[0], lengths[0]);
	if (is_null)
		*is_null = !row[0];
	ret = 0;
out:
	mysql_free_result(result);
	return ret;
}

int mi_conn_number(struct mi_conn *conn, struct mi_err *err, const char *sql, uint64_t *number)
{
	struct mi_buf text = {0};
	int ret = mi_conn_value(conn, err, sql, &text, NULL);

	if (ret == 0 && !mi_opt_number(mi_buf_cstr(&text), number))
		ret = mi_fail(err, MI_DATA, "%s: '%s' is no number, for: %.200s",
		              mi_conn_name(conn), text.data, sql);
	mi_buf_release(&text);
	return ret;
}
