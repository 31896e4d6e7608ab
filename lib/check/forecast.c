/* The checks that forecast the import: how large it is, how long it takes, and which transactions
 * would disturb it. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "check/check.h"
#include "check/facts.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "server/conn.h"
#include "server/errors.h"
#include "source/probe.h"
#include "sql/literal.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- A trial ---- */

enum { TRIAL_ROWS = 20000, TRIAL_US = 500000 };

static double fetch(MYSQL_RES *result, uint64_t until)
{
	unsigned fields = mysql_num_fields(result);
	double bytes = 0;

	while (mysql_fetch_row(result)) {
		unsigned long *lengths = mysql_fetch_lengths(result);

		for (unsigned i = 0; i < fields; i++)
			bytes += (double)lengths[i];
		if (until > 0 && mi_now_us() > until)
			until = 0; /* the rest of a bounded result is read, and not counted */
	}
	return bytes;
}

/* Measures bytes of values per second in the largest table; *rate is 0 when it has too few rows. */
static int read_some(struct mi_check_at *at, const struct mi_check_size *size, double *rate,
                     struct mi_err *err)
{
	struct mi_conn *conn = at->server->conn;
	struct mi_buf sql = {0};
	uint64_t began = mi_now_us();
	double bytes;
	MYSQL_RES *result;

	*rate = 0;
	if (!size->largest)
		return 0;
	mi_buf_add_str(&sql, "SELECT ");
	mi_sql_select_list(&sql, size->largest);
	mi_src_from(size->largest, &sql);
	mi_buf_addf(&sql, " LIMIT %d", TRIAL_ROWS);
	if (mysql_query(conn->mysql, mi_buf_cstr(&sql)) != 0 ||
	    !(result = mysql_use_result(conn->mysql))) {
		mi_buf_release(&sql);
		return mi_conn_fail(conn, err, "a trial read");
	}
	bytes = fetch(result, began + TRIAL_US);
	mysql_free_result(result);
	mi_buf_release(&sql);
	if (bytes > 0)
		*rate = bytes * 1e6 / (double)(mi_now_us() - began + 1);
	return 0;
}

/* Loading takes longer than reading, and each table has its own cost. */
static const double load_factor = 3, seconds_a_table = 0.05;

static void say_forecast(struct mi_check_at *at, const struct mi_check_size *size, double seconds)
{
	double kept = mi_check_kept_seconds(at->server);
	char text[200];

	(void)snprintf(text, sizeof text, "about %.0f rows, %.0f MiB, a copy of about %.0f s",
	               size->rows, size->bytes / (1 << 20), seconds);
	if (kept > 0 && seconds > kept / 2)
		mi_check_warn(
		    at, "SET GLOBAL binlog_expire_logs_seconds = ..., higher",
		    "%s, of %.0f s that binary logs are kept: they may be gone before the "
		    "changes are read",
		    text, kept);
	else
		mi_check_ok(at, "%s", text);
}

int mi_check_forecast(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_size size;
	double rate, seconds = 1;

	if (mi_check_unread(at))
		return 0;
	if (mi_check_read_size(at->run, &size, err) != 0 || read_some(at, &size, &rate, err) != 0) {
		if (err->code != MI_DENIED)
			return -1;
		*err = (struct mi_err){0};
		mi_check_warn(at, NULL, "could not look: a trial read was denied");
		return 0;
	}
	if (rate > 0)
		seconds += load_factor * size.bytes / rate;
	seconds += seconds_a_table * (double)at->run->tables.count;
	say_forecast(at, &size, seconds);
	return 0;
}

/* ---- Transactions that last ---- */

enum { LONG_SECONDS = 10, LONG_HISTORY = 1000000 };

/* trx_started is in the time of the server's operating system, whatever time_zone is. */
static const char oldest[] =
    "SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_started, CONVERT_TZ(NOW(), '+00:00', "
    "'SYSTEM'))), 0) FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> "
    "CONNECTION_ID()";
static const char history[] =
    "SELECT COALESCE(MAX(COUNT), 0) FROM information_schema.INNODB_METRICS WHERE NAME = "
    "'trx_rseg_history_len'";

int mi_check_transactions(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_conn *conn = at->server->conn;
	uint64_t age, length;

	if (mi_conn_number(conn, err, oldest, &age) != 0 ||
	    mi_conn_number(conn, err, history, &length) != 0) {
		if (err->code != MI_DENIED)
			return -1;
		*err = (struct mi_err){0};
		mi_check_warn(at, "GRANT PROCESS ON *.* TO the account",
		              "could not look: other sessions' transactions cannot be seen");
	} else if (age > LONG_SECONDS) {
		mi_check_warn(at, "let it end: SELECT * FROM information_schema.INNODB_TRX",
		              "a transaction is %llu s old: locks may wait for it",
		              (unsigned long long)age);
	} else if (length > LONG_HISTORY) {
		mi_check_warn(at, "wait until purge has caught up",
		              "the history list has %llu entries: reading a snapshot is slow",
		              (unsigned long long)length);
	} else {
		mi_check_ok(at, "no old transactions, history list of %llu",
		            (unsigned long long)length);
	}
	return 0;
}
