#include "load/odd_rows.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/feed.h"
#include "load/target.h"
#include "server/conn.h"
#include "server/link.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "sql/value.h"
#include "sql/load_text.h"
#include "table/table.h"

#include <stdlib.h>

enum { MOST_ZERO_ROWS = 64, MOST_BYTES = 1 << 20 };

bool mi_odd_rows_are_full(const struct mi_odd_rows *odd)
{
	return odd->zero_rows >= MOST_ZERO_ROWS || odd->sql.len >= MOST_BYTES;
}

/* Appends "k1=.. AND k2=..": the row's key, which the table must have. */
static void add_key(struct mi_buf *sql, const struct mi_target *target,
                    const struct mi_span *values)
{
	const struct mi_table *table = &target->shape;
	const struct mi_key *key = mi_table_row_key(table);

	for (size_t part = 0; part < key->part_count; part++) {
		int column = key->parts[part].column;

		if (part > 0)
			mi_buf_add_str(sql, " AND ");
		mi_sql_ident(sql, table->columns[column].name);
		mi_buf_add_char(sql, '=');
		mi_sql_predicate_value(sql, &table->columns[column],
		                       values[mi_table_place(table, column)]);
	}
}

/* Appends "(k1=.. AND k2=.. AND e=0)": the row's key, and its ENUMs with the error value. */
static void add_check(struct mi_buf *check, const struct mi_target *target,
                      const struct mi_span *values)
{
	size_t next = 0;
	const char *name;

	mi_buf_add_str(check, check->len ? " OR (" : "(");
	add_key(check, target, values);
	while ((name = mi_loadtext_zero_enum(&target->plan, values, &next))) {
		mi_buf_add_str(check, " AND ");
		mi_sql_ident(check, name);
		mi_buf_add_str(check, "=0");
	}
	mi_buf_add_char(check, ')');
}

int mi_odd_rows_check(const struct mi_target *target, const struct mi_span *values,
                      struct mi_err *err)
{
	struct mi_buf key = {0};

	if (mi_loadtext_check(&target->plan, values, err) == 0)
		return 0;
	if (mi_table_row_key(&target->shape)) {
		add_key(&key, target, values);
		(void)mi_within(err, "row %.300s", mi_buf_cstr(&key));
	}
	mi_buf_release(&key);
	return -1;
}

int mi_odd_rows_add(struct mi_feed *feed, const struct mi_span *values, struct mi_err *err)
{
	struct mi_odd_rows *odd = &feed->odd;
	const struct mi_target *target = feed->job->target;
	unsigned zeros = odd->zeros;
	size_t next = 0;

	if (mi_odd_rows_check(target, values, err) != 0)
		return -1;
	if (odd->rows == 0)
		mi_inserttext_head(&odd->sql, target->into, &target->shape,
		                   feed->job->stream->torn);
	else
		mi_buf_add_char(&odd->sql, ',');
	if (!mi_inserttext_row(&target->plan, values, &odd->sql))
		return mi_fail(err, MI_DATA, "bad stream: a number's field holds something else");
	odd->rows++;
	while (mi_loadtext_zero_enum(&target->plan, values, &next))
		odd->zeros++;
	if (odd->zeros == zeros)
		return 0;
	odd->zero_rows++;
	if (mi_table_row_key(&target->shape))
		add_check(&odd->check, target, values);
	return 0;
}

/* Each error value must have given one warning about a column's value, and no other warning may
 * have come, unless the proof alone decides. */
static int check_warnings(struct mi_feed *feed, struct mi_err *err)
{
	struct mi_conn *conn = &feed->link->conn;
	MYSQL_RES *result;
	MYSQL_ROW row;
	unsigned listed = 0, right = 0; /* the server lists max_error_count warnings at most */

	if (feed->lax)
		return 0;
	if (mysql_warning_count(conn->mysql) != feed->odd.zeros) {
		feed->refused = MI_WARN_DATA_TRUNCATED;
		return mi_fail(err, MI_DATA,
		               "inserting rows apart, of which %u values are ENUM's error value, "
		               "gave %u warnings: rolled back",
		               feed->odd.zeros, mysql_warning_count(conn->mysql));
	}
	if (feed->odd.zeros == 0)
		return 0;
	if (mi_conn_query(conn, err, "SHOW WARNINGS", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		listed++;
		right += strtoul(row[1], NULL, 10) == MI_WARN_DATA_TRUNCATED;
	}
	mysql_free_result(result);
	if (right != listed || listed == 0)
		return mi_fail(err, MI_DATA,
		               "inserting ENUM error values gave other warnings: rolled back");
	return 0;
}

static int read_back(struct mi_feed *feed, struct mi_err *err)
{
	const struct mi_target *target = feed->job->target;
	struct mi_buf sql = {0};
	uint64_t found;
	int ret;

	if (feed->odd.check.len == 0)
		return 0;
	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM ");
	mi_sql_name(&sql, target->into, target->name);
	mi_buf_add_str(&sql, " WHERE ");
	mi_buf_add_span(&sql, mi_buf_span(&feed->odd.check));
	ret = mi_conn_number(&feed->link->conn, err, mi_buf_cstr(&sql), &found);
	if (ret == 0 && found != feed->odd.zero_rows)
		ret =
		    mi_fail(err, MI_DATA,
		            "of %u rows with ENUM error values %llu were found again: rolled back",
		            feed->odd.zero_rows, (unsigned long long)found);
	mi_buf_release(&sql);
	return ret;
}

/* Takes strict mode from the session, or gives it back. */
static int set_strict(struct mi_conn *conn, bool strict, struct mi_err *err)
{
	if (strict)
		return mi_conn_exec(conn, err, "SET SESSION sql_mode=@mi_sql_mode");
	if (mi_conn_exec(conn, err, "SET @mi_sql_mode=@@SESSION.sql_mode") != 0)
		return -1;
	return mi_conn_exec(conn, err,
	                    "SET SESSION sql_mode="
	                    "REPLACE(@@SESSION.sql_mode,'STRICT_ALL_TABLES','')");
}

/* All rows, and no rows of the same key unless these may be there. */
static int check_affected(struct mi_feed *feed, my_ulonglong affected, struct mi_err *err)
{
	feed->replaced |= affected > feed->odd.rows;
	if (affected >= feed->odd.rows && (affected == feed->odd.rows || feed->job->stream->torn))
		return 0;
	return mi_fail(err, MI_DATA, "%u rows were sent apart and %llu inserted: rolled back",
	               feed->odd.rows, (unsigned long long)affected);
}

static int insert(struct mi_feed *feed, struct mi_err *err)
{
	struct mi_conn *conn = &feed->link->conn;

	if (mi_conn_exec_span(conn, err, mi_buf_span(&feed->odd.sql)) == 0)
		return 0;
	feed->refused = mysql_errno(conn->mysql);
	return -1;
}

static int insert_and_check(struct mi_feed *feed, struct mi_err *err)
{
	struct mi_conn *conn = &feed->link->conn;
	bool lax = feed->odd.zeros > 0;

	if ((lax && set_strict(conn, false, err) != 0) || insert(feed, err) != 0 ||
	    check_affected(feed, mysql_affected_rows(conn->mysql), err) != 0 ||
	    check_warnings(feed, err) != 0 || (lax && set_strict(conn, true, err) != 0))
		return -1;
	return read_back(feed, err);
}

void mi_odd_rows_clear(struct mi_odd_rows *odd)
{
	odd->rows = odd->zero_rows = odd->zeros = 0;
	mi_buf_reset(&odd->sql);
	mi_buf_reset(&odd->check);
}

int mi_odd_rows_flush(struct mi_feed *feed, struct mi_err *err)
{
	if (feed->odd.rows == 0)
		return 0;
	if (insert_and_check(feed, err) != 0) {
		mi_link_close(feed->link); /* its session may have been left without strict mode */
		return -1;
	}
	mi_odd_rows_clear(&feed->odd);
	return 0;
}
