/* The checks for room on the target: tables that are there already, disk, connections. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/facts.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- Tables that are there already ---- */

enum { TABLES_AT_ONCE = 50 };

/* Collects the target's tables that have the name of an imported one and are not empty. */
struct taken {
	struct mi_conn *conn;
	struct mi_buf sql;
	size_t asked;
	struct mi_check_names names;
};

static int ask_for_rows(struct taken *taken, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (!taken->asked)
		return 0;
	if (mi_conn_query(taken->conn, err, mi_buf_cstr(&taken->sql), &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if (row[0])
			mi_check_names_add(&taken->names, row[0], "");
	mysql_free_result(result);
	mi_buf_reset(&taken->sql);
	taken->asked = 0;
	return 0;
}

static int add_question(struct taken *taken, const char *db, const char *name, struct mi_err *err)
{
	struct mi_buf full = {0};

	mi_buf_addf(&full, "%s.%s", db, name);
	mi_buf_add_str(&taken->sql, taken->asked ? " UNION ALL (SELECT " : "(SELECT ");
	mi_sql_string(&taken->sql, mi_buf_cstr(&full));
	mi_buf_add_str(&taken->sql, " FROM ");
	mi_sql_name(&taken->sql, db, name);
	mi_buf_add_str(&taken->sql, " LIMIT 1)");
	mi_buf_release(&full);
	return ++taken->asked < TABLES_AT_ONCE ? 0 : ask_for_rows(taken, err);
}

/* The source's database that is imported as db; NULL: none is. */
static const char *source_database(const struct mi_check_run *run, const char *db)
{
	for (size_t i = 0; i < run->database_count; i++)
		if (strcmp(mi_map_db(&run->map, run->databases[i]), db) == 0)
			return run->databases[i];
	return NULL;
}

static int find_taken(const struct mi_check_run *run, struct taken *taken, bool *ours,
                      struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE "
	                     "TABLE_TYPE LIKE '%TABLE' AND TABLE_SCHEMA");
	mi_check_in_databases(run, true, &sql);
	ret = mi_conn_query(taken->conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while (ret == 0 && (row = mysql_fetch_row(result))) {
		const char *db = row[0] ? source_database(run, row[0]) : NULL;

		if (row[1] && strcmp(row[1], "_mi_load") == 0)
			*ours = true;
		else if (db && mi_tables_find(&run->tables, db, row[1]))
			ret = add_question(taken, row[0], row[1], err);
	}
	mysql_free_result(result);
	return ret == 0 ? ask_for_rows(taken, err) : -1;
}

int mi_check_target_empty(struct mi_check_at *at, struct mi_err *err)
{
	struct taken taken = {.conn = at->run->target.conn};
	bool ours = false;
	int ret = -1;

	if (mi_check_unread(at))
		return 0;
	if (find_taken(at->run, &taken, &ours, err) != 0)
		goto out;
	if (!taken.names.count)
		mi_check_ok(at, "nothing on the target is in the way");
	else if (ours)
		mi_check_ok(at, "the target has rows, and the bookkeeping of an import");
	else
		mi_check_block(at, "DROP these tables on the target, or import with --map-db",
		               "tables with rows that no import has put there: %s",
		               mi_check_names_text(&taken.names));
	ret = 0;
out:
	mi_buf_release(&taken.sql);
	mi_check_names_release(&taken.names);
	return ret;
}

/* ---- Disk ---- */

/* A server does not tell how much disk is free; when it runs on this machine, the file system does.
 */
static bool find_free(const struct mi_check_run *run, double *bytes)
{
	const char *host = mi_check_var(&run->target, "hostname");
	const char *dir = mi_check_var(&run->target, "datadir");
	struct statvfs fs;
	char name[256] = "";

	if (run->target_free) {
		*bytes = (double)run->target_free;
		return true;
	}
	if (!host || !dir || gethostname(name, sizeof name - 1) != 0 || strcmp(host, name) != 0 ||
	    statvfs(dir, &fs) != 0)
		return false;
	*bytes = (double)fs.f_bavail * (double)fs.f_frsize;
	return true;
}

static const double mib = 1 << 20;

int mi_check_space(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_size size;
	double free_bytes, needed;

	if (mi_check_unread(at))
		return 0;
	if (mi_check_read_size(at->run, &size, err) != 0)
		return -1;
	/* twice: the rows are also in the binary log, and keys are built beside the rows */
	needed = 2 * size.bytes;
	if (!find_free(at->run, &free_bytes))
		mi_check_warn(at, "look there (df), and say it: --target-free=SIZE",
		              "the target does not tell its free space; it needs about %.0f MiB",
		              needed / mib);
	else if (free_bytes < needed)
		mi_check_block(at, "a larger disk for the target",
		               "the target has %.0f MiB free, and needs about %.0f",
		               free_bytes / mib, needed / mib);
	else
		mi_check_ok(at, "the target has %.0f MiB free, and needs about %.0f",
		            free_bytes / mib, needed / mib);
	return 0;
}

/* ---- Connections ---- */

static int read_status(struct mi_conn *conn, const char *name, double *value, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql, "SHOW GLOBAL STATUS LIKE '%s'", name);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	row = mysql_fetch_row(result);
	*value = row && row[1] ? strtod(row[1], NULL) : 0;
	mysql_free_result(result);
	return 0;
}

/* readers or loaders, the connections that watch them, and the followers */
enum { CONNECTIONS_NEEDED = 10 };

int mi_check_connections(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_conn *conn = at->server->conn;
	double most = mi_check_number(at->server, "max_connections"), now;
	uint64_t own;

	/* @@SESSION has the account's own limit if there is one, else the global one */
	if (read_status(conn, "Threads_connected", &now, err) != 0 ||
	    mi_conn_number(conn, err, "SELECT @@SESSION.max_user_connections", &own) != 0)
		return -1;
	if (most - now < CONNECTIONS_NEEDED)
		mi_check_block(at, "SET GLOBAL max_connections = ... , higher",
		               "%.0f of %.0f connections are in use, and the import wants %d", now,
		               most, CONNECTIONS_NEEDED);
	else if (own > 0 && own < CONNECTIONS_NEEDED)
		mi_check_block(at,
		               "ALTER USER ... WITH MAX_USER_CONNECTIONS 0; SET GLOBAL "
		               "max_user_connections = 0",
		               "the account may have %llu connections, and the import wants %d",
		               (unsigned long long)own, CONNECTIONS_NEEDED);
	else
		mi_check_ok(at, "%.0f of %.0f connections are in use", now, most);
	return 0;
}

int mi_check_peak(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	double peak, most = mi_check_number(&run->target, "max_connections");
	struct mi_buf fix = {0};

	if (read_status(run->source.conn, "Max_used_connections", &peak, err) != 0)
		return -1;
	mi_buf_addf(&fix, "SET GLOBAL max_connections = %.0f on the target", peak * 1.1 + 1);
	if (most < 0)
		mi_check_warn(at, NULL, "the target does not tell its max_connections");
	else if (most < peak * 1.1)
		mi_check_warn(at, mi_buf_cstr(&fix),
		              "the source has served %.0f connections at once, the target takes "
		              "%.0f",
		              peak, most);
	else
		mi_check_ok(at, "the target takes %.0f connections; the source has served %.0f",
		            most, peak);
	mi_buf_release(&fix);
	return 0;
}

int mi_check_statements(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	double open, most = mi_check_number(&run->target, "max_prepared_stmt_count");
	double source = mi_check_number(&run->source, "max_prepared_stmt_count");

	if (read_status(run->source.conn, "Prepared_stmt_count", &open, err) != 0)
		return -1;
	if (most < 0)
		mi_check_warn(at, NULL, "the target does not tell its max_prepared_stmt_count");
	else if (most < open * 1.1 || most < source)
		mi_check_warn(
		    at, "SET GLOBAL max_prepared_stmt_count on the target, as on the source",
		    "the target takes %.0f prepared statements, the source %.0f, of which "
		    "%.0f are open",
		    most, source, open);
	else
		mi_check_ok(at, "the target takes %.0f prepared statements", most);
	return 0;
}
