#include "check/facts.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "server/conn.h"
#include "source/probe.h"
#include "table/table.h"

#include <stdlib.h>

/* ---- Lists ---- */

int mi_check_list_in(struct mi_conn *conn, const struct mi_check_run *run, bool target,
                     const char *sql, struct mi_check_names *names, struct mi_err *err)
{
	struct mi_buf text = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&text, sql);
	mi_check_in_databases(run, target, &text);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&text), &result);
	mi_buf_release(&text);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		mi_check_names_add(names, row[0] ? row[0] : "", row[1] ? row[1] : "");
	mysql_free_result(result);
	return 0;
}

int mi_check_list_tables(struct mi_check_at *at, const char *sql, struct mi_check_names *names,
                         struct mi_err *err)
{
	struct mi_buf text = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&text, sql);
	mi_check_in_databases(at->run, false, &text);
	ret = mi_conn_query(at->run->source.conn, err, mi_buf_cstr(&text), &result);
	mi_buf_release(&text);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if (!row[0] || !row[1] || !mi_tables_find(&at->run->tables, row[0], row[1]))
			continue;
		else if (mysql_num_fields(result) > 2 && row[2])
			mi_check_names_add_part(names, row[0], row[1], row[2]);
		else
			mi_check_names_add(names, row[0], row[1]);
	mysql_free_result(result);
	return 0;
}

/* ---- Sizes ---- */

struct adding {
	const struct mi_check_run *run;
	const char *db;
	struct mi_check_size *size;
};

static void add_size(void *user, const char *table, uint64_t rows, uint64_t bytes)
{
	const struct adding *adding = user;
	const struct mi_table *found = mi_tables_find(&adding->run->tables, adding->db, table);

	if (!found)
		return;
	adding->size->rows += (double)rows;
	adding->size->bytes += (double)bytes;
	if (!adding->size->largest || (double)bytes > adding->size->largest_bytes) {
		adding->size->largest = found;
		adding->size->largest_bytes = (double)bytes;
	}
}

int mi_check_read_size(const struct mi_check_run *run, struct mi_check_size *size,
                       struct mi_err *err)
{
	*size = (struct mi_check_size){0};
	for (size_t i = 0; i < run->database_count; i++) {
		struct adding adding = {run, run->databases[i], size};

		if (mi_src_sizes(run->source.conn, run->databases[i], add_size, &adding, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- The binary log ---- */

/* When days and seconds are both set, servers go by the seconds. */
double mi_check_kept_seconds(const struct mi_check_server *server)
{
	const char *seconds = mi_check_var(server, "binlog_expire_logs_seconds");
	const char *days = mi_check_var(server, "expire_logs_days");
	const char *purge = mi_check_var(server, "binlog_expire_logs_auto_purge");
	double kept = seconds ? strtod(seconds, NULL) : 0;

	if (purge && strcasecmp(purge, "OFF") == 0)
		return 0;
	if (kept <= 0 && days)
		kept = strtod(days, NULL) * 86400;
	return kept;
}
