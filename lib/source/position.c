#include "source/position.h"
#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/name.h"
#include "sql/literal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Appends a set that the server printed, in its normal form. */
static int add_normal(struct mi_span text, struct mi_buf *set, struct mi_err *err)
{
	struct mi_gtid_set *parsed;

	if (mi_gtid_parse(text, &parsed, err) != 0) {
		err->code = MI_PROTOCOL;
		return mi_within(err, "the server's GTID set is not understood");
	}
	mi_gtid_print(parsed, set);
	mi_gtid_free(parsed);
	return 0;
}

int mi_src_position_require(struct mi_conn *conn, struct mi_err *err)
{
	bool mysql = conn->flavour != MI_FLAVOUR_MARIADB;
	uint64_t keeps;

	if (mi_conn_number(conn, err,
	                   mysql ? "SELECT @@log_bin = 1 AND @@gtid_mode = 'ON'"
	                         : "SELECT @@log_bin = 1",
	                   &keeps) != 0)
		return -1;
	if (keeps)
		return 0;
	(void)mi_fail(err, MI_CONFIG, "%s keeps no GTIDs: a snapshot would have no position",
	              mi_conn_name(conn));
	return mi_hint(err, mysql ? "set log_bin and gtid_mode=ON" : "set log_bin");
}

int mi_src_position(struct mi_conn *conn, struct mi_buf *set, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret =
	    mi_conn_value(conn, err,
	                  conn->flavour == MI_FLAVOUR_MARIADB ? "SELECT @@global.gtid_binlog_pos"
	                                                      : "SELECT @@global.gtid_executed",
	                  &text, NULL);

	if (ret == 0)
		ret = add_normal(mi_buf_span(&text), set, err);
	mi_buf_release(&text);
	return ret;
}

/* Appends the value of @@gtid_owned ("uuid:5#30:7#31") without the thread numbers: the text of a
 * GTID set. */
static void add_owned(struct mi_span owned, struct mi_buf *set)
{
	bool in_thread = false;

	for (size_t i = 0; i < owned.len; i++) {
		char c = owned.data[i];

		in_thread = c == '#' || (in_thread && isdigit((unsigned char)c));
		if (!in_thread)
			mi_buf_add_char(set, c);
	}
}

int mi_src_position_owned(struct mi_conn *conn, struct mi_buf *owned, struct mi_buf *executed,
                          struct mi_err *err)
{
	struct mi_buf text = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	if (mi_conn_query(conn, err, "SELECT @@global.gtid_owned, @@global.gtid_executed",
	                  &result) != 0)
		return -1;
	row = mysql_fetch_row(result);
	if (!row || !row[0] || !row[1]) {
		(void)mi_fail(err, MI_PROTOCOL, "%s does not tell its GTID sets",
		              mi_conn_name(conn));
		goto out;
	}
	add_owned(mi_span_str(row[0]), &text);
	if (add_normal(mi_buf_span(&text), owned, err) != 0 ||
	    add_normal(mi_span_str(row[1]), executed, err) != 0)
		goto out;
	ret = 0;
out:
	mi_buf_release(&text);
	mysql_free_result(result);
	return ret;
}

/* ---- MariaDB's snapshot offset ---- */

int mi_src_snapshot_offset(struct mi_conn *conn, struct mi_src_offset *at, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	*at = (struct mi_src_offset){{0}, 0};
	if (mi_conn_query(conn, err, "SHOW STATUS LIKE 'binlog_snapshot_%'", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)) != NULL) {
		if (!row[0] || !row[1])
			continue;
		if (strcasecmp(row[0], "binlog_snapshot_file") == 0)
			(void)snprintf(at->file, sizeof at->file, "%s", row[1]);
		else if (strcasecmp(row[0], "binlog_snapshot_position") == 0)
			at->position = strtoull(row[1], NULL, 10);
	}
	mysql_free_result(result);
	if (!at->file[0] || at->position == 0)
		return mi_fail(err, MI_PROTOCOL, "%s does not tell its snapshot's binlog position",
		               mi_conn_name(conn));
	return 0;
}

int mi_src_offset_position(struct mi_conn *conn, const struct mi_src_offset *at, struct mi_buf *set,
                           struct mi_err *err)
{
	struct mi_buf sql = {0}, text = {0};
	bool is_null = false;
	int ret = -1;

	mi_buf_add_str(&sql, "SELECT BINLOG_GTID_POS(");
	mi_sql_string(&sql, at->file);
	mi_buf_addf(&sql, ", %llu)", (unsigned long long)at->position);
	if (mi_conn_value(conn, err, mi_buf_cstr(&sql), &text, &is_null) != 0)
		goto out;
	if (is_null) {
		(void)mi_fail(err, MI_AGAIN, "%s cannot tell the GTID position of %s:%llu",
		              mi_conn_name(conn), at->file, (unsigned long long)at->position);
		goto out;
	}
	ret = add_normal(mi_buf_span(&text), set, err);
out:
	mi_buf_release(&sql);
	mi_buf_release(&text);
	return ret;
}

/* ---- XA ---- */

static int find_prepared(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	xa->xid[0] = '\0';
	if (mi_conn_query(conn, err, "XA RECOVER", &result) != 0) {
		if (err->code == MI_DENIED)
			(void)mi_hint(
			    err, "grant XA_RECOVER_ADMIN: a prepared transaction would be lost "
				 "from the copy");
		return -1;
	}
	row = mysql_fetch_row(result); /* formatID, gtrid_length, bqual_length, data */
	if (row) {
		unsigned long *lengths = mysql_fetch_lengths(result);

		(void)snprintf(xa->xid, sizeof xa->xid, "'%.*s'", (int)lengths[3],
		               row[3] ? row[3] : "");
	}
	mysql_free_result(result);
	return 0;
}

/* The counters move when a statement begins, whatever becomes of it. */
static int count_steps(struct mi_conn *conn, uint64_t *steps, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	*steps = 0;
	if (mi_conn_query(conn, err,
	                  "SHOW GLOBAL STATUS WHERE Variable_name IN "
	                  "('Com_xa_prepare', 'Com_xa_commit', 'Com_xa_rollback')",
	                  &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)) != NULL)
		*steps += row[1] ? strtoull(row[1], NULL, 10) : 0;
	mysql_free_result(result);
	return 0;
}

int mi_src_xa_begin(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err)
{
	if (count_steps(conn, &xa->steps, err) != 0)
		return -1;
	return find_prepared(conn, xa, err);
}

int mi_src_xa_end(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err)
{
	uint64_t steps;

	if (find_prepared(conn, xa, err) != 0 || count_steps(conn, &steps, err) != 0)
		return -1;
	if (!xa->xid[0] && steps != xa->steps)
		(void)snprintf(xa->xid, sizeof xa->xid, "(just finished)");
	return 0;
}
