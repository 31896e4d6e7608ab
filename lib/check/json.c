/* The check for types inside JSON that a MariaDB target cannot keep. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "server/conn.h"
#include "server/errors.h"
#include "source/probe.h"
#include "sql/json_types.h"
#include "sql/literal.h"
#include "table/table.h"

enum {
	SAMPLE_ROWS = 1000,
	STATEMENT_MS = 5000,
	ALL_MS = 30000,
	JSON_TABLE_SINCE = 80004,
};

struct look {
	struct mi_conn *conn;
	struct mi_check_names found, unseen;
	size_t columns;
	uint64_t until;
};

/* Looks at a column's first rows for DECIMAL, temporal and opaque scalars. */
static int look_at(struct look *look, const struct mi_table *table, const struct mi_column *column,
                   struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t found;
	int ret = -1;

	mi_buf_addf(&sql, "SELECT /*+ MAX_EXECUTION_TIME(%d) */ COUNT(*) FROM (SELECT ",
	            STATEMENT_MS);
	mi_json_types_select(&sql, column->name, look->conn->version < JSON_TABLE_SINCE);
	mi_buf_add_str(&sql, " AS types");
	mi_src_from(table, &sql);
	mi_buf_addf(&sql, " LIMIT %d) AS t WHERE t.types COLLATE utf8mb4_bin REGEXP '[Ddtcso]'",
	            SAMPLE_ROWS);
	if (mi_now_ms() < look->until)
		ret = mi_conn_number(look->conn, err, mi_buf_cstr(&sql), &found);
	if (ret == 0 && found > 0)
		mi_check_names_add_part(&look->found, table->db, table->name, column->name);
	else if (ret != 0)
		mi_check_names_add_part(&look->unseen, table->db, table->name, column->name);
	/* no privilege, no time: it is said, unless the connection is lost */
	if (ret != 0 && mysql_errno(look->conn->mysql) != 0 &&
	    mi_conn_is_transient(mysql_errno(look->conn->mysql)))
		goto out;
	*err = (struct mi_err){0};
	ret = 0;
out:
	mi_buf_release(&sql);
	return ret;
}

static int look_at_all(struct look *look, const struct mi_tables *tables, struct mi_err *err)
{
	for (size_t i = 0; i < tables->count; i++) {
		const struct mi_table *table = tables->items[i];

		for (size_t k = 0; k < table->column_count; k++) {
			const struct mi_column *column = &table->columns[k];

			if (column->type != MI_TYPE_JSON || !column->carried)
				continue;
			look->columns++;
			if (look_at(look, table, column, err) != 0)
				return -1;
		}
	}
	return 0;
}

static void say(struct mi_check_at *at, struct look *look)
{
	if (look->found.count)
		mi_check_warn(at,
		              "a MySQL target, or an application that takes them as numbers "
		              "and strings",
		              "DECIMAL, temporal or binary values within JSON, of which MariaDB "
		              "keeps the text alone: in %s (of each column %d rows were looked at)",
		              mi_check_names_text(&look->found), SAMPLE_ROWS);
	else if (look->unseen.count)
		mi_check_warn(
		    at, NULL,
		    "MariaDB keeps the text alone of DECIMAL, temporal and binary values "
		    "within JSON; for lack of privileges or time nobody looked for them in %s",
		    mi_check_names_text(&look->unseen));
	else if (look->columns)
		mi_check_ok(at,
		            "%d rows of each of %zu JSON columns were looked at, and hold nothing "
		            "that MariaDB does not keep",
		            SAMPLE_ROWS, look->columns);
	else
		mi_check_ok(at, "no columns of JSON whose types could be lost");
}

int mi_check_json_types(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct look look = {.conn = run->source.conn, .until = mi_now_ms() + ALL_MS};
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	if (run->source.conn->flavour == MI_FLAVOUR_MYSQL &&
	    run->target.conn->flavour == MI_FLAVOUR_MARIADB)
		ret = look_at_all(&look, &run->tables, err);
	if (ret == 0)
		say(at, &look);
	mi_check_names_release(&look.found);
	mi_check_names_release(&look.unseen);
	return ret;
}
