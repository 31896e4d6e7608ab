#include "source/count.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "chunk/cut.h"
#include "chunk/range.h"
#include "server/conn.h"
#include "server/errors.h"
#include "source/chunks.h"
#include "source/probe.h"
#include "source/where.h"
#include "sql/literal.h"
#include "table/table.h"

#include <poll.h>
#include <stdlib.h>

enum { LOOK_MS = 1000 }; /* between looks at the plan */

/* Waits for the server's answer, but not when there is nobody who wants it. */
static int wait_answer(struct mi_conn *reader, const struct mi_plan *plan, struct mi_err *err)
{
	struct pollfd fds[] = {{.fd = (int)reader->mysql->net.fd, .events = POLLIN},
	                       {.fd = mi_stop_fd(), .events = POLLIN}};

	while (poll(fds, 2, LOOK_MS) <= 0 || !fds[0].revents) {
		if (mi_stop_asked())
			return mi_stop_fail(err);
		if (!mi_plan_is_well(plan))
			return mi_fail(err, MI_AGAIN, "stopped because another reader failed");
	}
	return 0;
}

/* A count may take minutes: it is sent, and waited for without being deaf meanwhile. */
static int ask(struct mi_conn *reader, const struct mi_table *table, const struct mi_buf *sql,
               const struct mi_plan *plan, uint64_t *number, struct mi_err *err)
{
	MYSQL_RES *result = NULL;
	MYSQL_ROW row;

	if (mysql_send_query(reader->mysql, sql->data, (unsigned long)sql->len) != 0)
		return mi_src_read_failed(reader, table, "cannot count rows", err);
	if (wait_answer(reader, plan, err) != 0)
		return mi_within(err, "%s.%s", table->db, table->name);
	if (mysql_read_query_result(reader->mysql) != 0 ||
	    !(result = mysql_store_result(reader->mysql)))
		return mi_src_read_failed(reader, table, "cannot count rows", err);
	row = mysql_fetch_row(result);
	*number = row && row[0] ? strtoull(row[0], NULL, 10) : 0;
	mysql_free_result(result);
	return 0;
}

/* All rows, by whatever index the server likes best. */
static int count_all(struct mi_conn *reader, const struct mi_table *table,
                     const struct mi_wheres *where, const struct mi_plan *plan, uint64_t *rows,
                     struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM ");
	mi_sql_name(&sql, table->db, table->name);
	mi_buf_add_str(&sql, " WHERE 1");
	if (where)
		mi_wheres_add(where, table, &sql);
	ret = ask(reader, table, &sql, plan, rows, err);
	mi_buf_release(&sql);
	return ret;
}

/* Rows in ranges, asked for as a reader asks for them. */
static int count_ranges(struct mi_conn *reader, const struct mi_table *table,
                        const struct mi_keyranges *ranges, const struct mi_wheres *where,
                        const struct mi_plan *plan, uint64_t *rows, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < ranges->count; i++) {
		uint64_t found = 0;

		mi_buf_reset(&sql);
		mi_buf_add_str(&sql, "SELECT COUNT(*)");
		mi_src_from(table, &sql);
		mi_buf_add_str(&sql, " WHERE ");
		if (mi_key_predicate(table, ranges->items[i].lo, ranges->items[i].hi, &sql, err) !=
		    0)
			ret = mi_within(err, "%s.%s", table->db, table->name);
		if (ret == 0 && where)
			mi_wheres_add(where, table, &sql);
		if (ret == 0)
			ret = ask(reader, table, &sql, plan, &found, err);
		*rows += found;
	}
	mi_buf_release(&sql);
	return ret;
}

int mi_src_count(struct mi_conn *reader, const struct mi_range *range,
                 const struct mi_wheres *where, const struct mi_plan *plan,
                 struct mi_table_count *count, struct mi_err *err)
{
	const struct mi_table *table = range->table;

	*count = (struct mi_table_count){0};
	if (count_all(reader, table, where, plan, &count->all, err) == 0 &&
	    (!range->runs ||
	     count_ranges(reader, table, range->runs, where, plan, &count->ranges, err) == 0) &&
	    (!range->seen ||
	     count_ranges(reader, table, range->seen, where, plan, &count->ranges, err) == 0))
		return 0;
	return -1;
}
