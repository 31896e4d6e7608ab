#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/facts.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "server/conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const double two_days = 172800; /* seconds */

static const char *value_of(const struct mi_check_at *at, const char *name)
{
	const char *value = mi_check_var(at->server, name);

	return value ? value : "unknown";
}

int mi_check_log_bin(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	if (mi_check_on(at->server, "log_bin"))
		mi_check_ok(at, "the binary log is on");
	else
		mi_check_block(at, "log_bin in the server's [mysqld] group, and a restart",
		               "the binary log is off");
	return 0;
}

int mi_check_binlog_format(struct mi_check_at *at, struct mi_err *err)
{
	const char *format = value_of(at, "binlog_format");

	(void)err;
	if (strcasecmp(format, "ROW") == 0)
		mi_check_ok(at, "binlog_format is ROW");
	else
		mi_check_block(at,
		               "SET GLOBAL binlog_format = 'ROW'; then reconnect the "
		               "application, whose sessions keep the old one",
		               "binlog_format is %s", format);
	return 0;
}

int mi_check_row_image(struct mi_check_at *at, struct mi_err *err)
{
	const char *image = value_of(at, "binlog_row_image");
	const char *metadata = mi_check_var(at->server, "binlog_row_metadata");

	(void)err;
	if (strcasecmp(image, "FULL") == 0 && metadata && strcasecmp(metadata, "FULL") != 0)
		mi_check_say(at, MI_CHECK_OK,
		             "recommended: SET GLOBAL binlog_row_metadata = 'FULL', with which "
		             "each change names its columns",
		             "binlog_row_image is FULL");
	else if (strcasecmp(image, "FULL") == 0)
		mi_check_ok(at, "binlog_row_image is FULL");
	else
		mi_check_block(at,
		               "SET GLOBAL binlog_row_image = 'FULL'; then reconnect the "
		               "application",
		               "binlog_row_image is %s", image);
	return 0;
}

int mi_check_gtid_mode(struct mi_check_at *at, struct mi_err *err)
{
	const char *mode = value_of(at, "gtid_mode");

	(void)err;
	if (strcasecmp(mode, "ON") == 0)
		mi_check_ok(at, "gtid_mode is ON");
	else
		mi_check_block(at,
		               "SET GLOBAL enforce_gtid_consistency = ON; SET GLOBAL gtid_mode = "
		               "OFF_PERMISSIVE; SET GLOBAL gtid_mode = ON_PERMISSIVE; SET GLOBAL "
		               "gtid_mode = ON",
		               "gtid_mode is %s", mode);
	return 0;
}

int mi_check_gtid_consistency(struct mi_check_at *at, struct mi_err *err)
{
	const char *enforced = value_of(at, "enforce_gtid_consistency");

	(void)err;
	if (strcasecmp(enforced, "ON") == 0)
		mi_check_ok(at, "enforce_gtid_consistency is ON");
	else
		mi_check_block(at, "SET GLOBAL enforce_gtid_consistency = ON",
		               "enforce_gtid_consistency is %s", enforced);
	return 0;
}

int mi_check_gtid_strict(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	if (mi_check_on(at->server, "gtid_strict_mode"))
		mi_check_ok(at, "gtid_strict_mode is ON");
	else
		mi_check_warn(at, "SET GLOBAL gtid_strict_mode = ON",
		              "gtid_strict_mode is OFF: sequence numbers may come out of order");
	return 0;
}

int mi_check_server_id(struct mi_check_at *at, struct mi_err *err)
{
	const char *id = value_of(at, "server_id");

	(void)err;
	if (strcmp(id, "0") == 0)
		mi_check_block(at, "SET GLOBAL server_id = 1 (any number that no other server has)",
		               "server_id is 0: the server sends its binary log to nobody");
	else
		mi_check_ok(at, "server_id is %s", id);
	return 0;
}

static bool is_rds(const struct mi_check_at *at)
{
	return strncmp(value_of(at, "basedir"), "/rdsdbbin", 9) == 0;
}

/* Calls the procedure with which RDS shows its settings, in rows of name, value, description. */
static int call_rds(struct mi_conn *conn, struct mi_buf *hours, bool *is_null, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(conn, err, "CALL mysql.rds_show_configuration", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if (row[0] && row[1] && strcmp(row[0], "binlog retention hours") == 0) {
			*is_null = false;
			mi_buf_reset(hours);
			mi_buf_add_str(hours, row[1]);
		}
	mysql_free_result(result);
	while (mysql_next_result(conn->mysql) == 0) {
		result = mysql_store_result(conn->mysql);
		if (result)
			mysql_free_result(result);
	}
	return 0;
}

/* RDS purges binary logs by a setting of its own; while that is NULL, as soon as it can. */
static int check_rds_retention(struct mi_check_at *at, struct mi_err *err)
{
	static const char fix[] = "CALL mysql.rds_set_configuration('binlog retention hours', 168)";
	struct mi_buf hours = {0};
	bool is_null = true;
	int ret = call_rds(at->server->conn, &hours, &is_null, err);

	if (ret != 0) {
		if (err->code != MI_UNAVAILABLE) {
			*err = (struct mi_err){0};
			mi_check_warn(at,
			              "GRANT EXECUTE ON PROCEDURE mysql.rds_show_configuration TO "
			              "the account",
			              "could not look: 'binlog retention hours' cannot be seen");
			ret = 0;
		}
		goto out;
	}
	if (is_null)
		mi_check_block(at, fix,
		               "'binlog retention hours' is not set: binary logs are "
		               "removed at once");
	else if (strtod(mi_buf_cstr(&hours), NULL) * 3600 <= two_days)
		mi_check_block(at, fix, "binary logs are kept for %s hours", hours.data);
	else
		mi_check_ok(at, "binary logs are kept for %s hours", hours.data);
out:
	mi_buf_release(&hours);
	return ret;
}

int mi_check_retention(struct mi_check_at *at, struct mi_err *err)
{
	double kept = mi_check_kept_seconds(at->server);
	bool in_seconds = mi_check_var(at->server, "binlog_expire_logs_seconds");

	if (is_rds(at))
		return check_rds_retention(at, err);
	if (kept <= 0)
		mi_check_ok(at, "binary logs are never removed by age");
	else if (kept > two_days)
		mi_check_ok(at, "binary logs are kept for %.1f days", kept / 86400);
	else
		mi_check_block(at,
		               in_seconds ? "SET GLOBAL binlog_expire_logs_seconds = 604800"
		                          : "SET GLOBAL expire_logs_days = 7",
		               "binary logs are kept for %.1f hours", kept / 3600);
	return 0;
}

static const char *status_statement(const struct mi_conn *conn)
{
	return conn->flavour == MI_FLAVOUR_MYSQL && conn->version >= 80200
	           ? "SHOW BINARY LOG STATUS"
	           : "SHOW MASTER STATUS";
}

static void judge_filters(struct mi_check_at *at, MYSQL_ROW row)
{
	const char *only = row && row[2] ? row[2] : "", *without = row && row[3] ? row[3] : "";

	if (!*only && !*without)
		mi_check_ok(at, "the binary log has every database");
	else
		mi_check_block(at,
		               "take binlog_do_db and binlog_ignore_db out of the server's "
		               "[mysqld] group, and restart",
		               "the binary log is filtered: binlog_do_db '%s', binlog_ignore_db "
		               "'%s'",
		               only, without);
}

int mi_check_binlog_filters(struct mi_check_at *at, struct mi_err *err)
{
	MYSQL_RES *result;

	if (mi_conn_query(at->server->conn, err, status_statement(at->server->conn), &result) !=
	    0) {
		if (err->code != MI_DENIED)
			return -1;
		*err = (struct mi_err){0};
		mi_check_warn(at,
		              "GRANT REPLICATION CLIENT (MariaDB: BINLOG MONITOR) ON *.* TO ...",
		              "could not look: the account may not see the binary log's status");
		return 0;
	}
	judge_filters(at, mysql_num_fields(result) > 3 ? mysql_fetch_row(result) : NULL);
	mysql_free_result(result);
	return 0;
}

int mi_check_durability(struct mi_check_at *at, struct mi_err *err)
{
	const char *binlog = value_of(at, "sync_binlog");
	const char *engine = value_of(at, "innodb_flush_log_at_trx_commit");

	(void)err;
	if (strcmp(binlog, "1") == 0 && strcmp(engine, "1") == 0)
		mi_check_ok(at, "commits are on disk when they are acknowledged");
	else
		mi_check_warn(
		    at,
		    "SET GLOBAL sync_binlog = 1, GLOBAL innodb_flush_log_at_trx_commit "
		    "= 1",
		    "sync_binlog is %s, innodb_flush_log_at_trx_commit is %s: a crash may "
		    "take back what was already read from here",
		    binlog, engine);
	return 0;
}
