
#include "fence/counters.h"
#include "base/buf.h"
#include "base/err.h"
#include "fence/fence.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>

enum { HEADROOM = 10000, SHARE = 100 }; /* numbers; the column's range divided by this */

static const struct mi_column *counting_column(const struct mi_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].auto_increment)
			return &table->columns[i];
	return NULL;
}

/* The greatest value of the column. FLOAT and DOUBLE may have AUTO_INCREMENT, too: a DOUBLE holds
 * every integer up to 2^53. */
static uint64_t greatest(const struct mi_column *column)
{
	unsigned bits = 8 * column->bytes;

	if (column->type != MI_TYPE_INT || bits == 0 || bits > 64)
		return UINT64_C(1) << 53;
	return UINT64_MAX >> (64 - bits + !column->is_unsigned);
}

static uint64_t with_headroom(uint64_t counter, const struct mi_column *column)
{
	uint64_t most = greatest(column);
	uint64_t room = most / SHARE < HEADROOM ? most / SHARE : HEADROOM;

	return counter > most - room ? most : counter + room;
}

static int tell_one(struct mi_fence *fence, const char *db, const char *name, uint64_t counter,
                    mi_fence_counter *tell, void *user, struct mi_err *err)
{
	for (size_t i = 0; i < fence->tables.count; i++) {
		const struct mi_table *table = fence->tables.items[i];
		const struct mi_column *column = counting_column(table);

		if (!column || strcmp(table->db, db) != 0 || strcmp(table->name, name) != 0)
			continue;
		if (counter <= fence->counters[i])
			return 0;
		fence->counters[i] = with_headroom(counter, column);
		return tell(user, table, fence->counters[i], err);
	}
	return 0;
}

/* Queries the counters of the imported databases, or of one table (only): with one statement, as
 * clients may be waiting. */
static int query_counters(struct mi_fence *fence, const struct mi_table *only, MYSQL_RES **result,
                          struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SELECT TABLE_SCHEMA,TABLE_NAME,AUTO_INCREMENT FROM "
	                     "information_schema.TABLES WHERE AUTO_INCREMENT IS NOT NULL AND "
	                     "TABLE_SCHEMA IN (");
	for (size_t i = 0; i < (only ? 1 : fence->db_count); i++) {
		if (i)
			mi_buf_add_char(&sql, ',');
		mi_sql_string(&sql, only ? only->db : fence->dbs[i]);
	}
	mi_buf_add_char(&sql, ')');
	if (only) {
		mi_buf_add_str(&sql, " AND TABLE_NAME=");
		mi_sql_string(&sql, only->name);
	}
	ret = mi_conn_query(&fence->link.conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	return ret;
}

int mi_fence_counters(struct mi_fence *fence, mi_fence_counter *tell, void *user,
                      struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	if (query_counters(fence, NULL, &result, err) != 0)
		return -1;
	ret = 0;
	while (ret == 0 && (row = mysql_fetch_row(result)))
		ret = tell_one(fence, row[0], row[1], strtoull(row[2], NULL, 10), tell, user, err);
	mysql_free_result(result);
	return ret;
}

static int counter_of(struct mi_fence *fence, const struct mi_table *table, uint64_t *counter,
                      struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	*counter = 0;
	if (query_counters(fence, table, &result, err) != 0)
		return -1;
	if ((row = mysql_fetch_row(result)))
		*counter = strtoull(row[2], NULL, 10);
	mysql_free_result(result);
	return 0;
}

int mi_fence_raise(struct mi_fence *fence, const char *db, const char *table, uint64_t value,
                   struct mi_err *err)
{
	const struct mi_table *found = mi_tables_find(&fence->tables, db, table);
	struct mi_buf sql = {0};
	uint64_t counter;
	int ret;

	if (!found)
		return mi_fail(err, MI_CONFIG, "%s.%s is not among the tables here", db, table);
	if (counter_of(fence, found, &counter, err) != 0)
		return -1;
	if (counter >= value)
		return 0;
	mi_buf_add_str(&sql, "ALTER TABLE ");
	mi_sql_name(&sql, db, table);
	mi_buf_addf(&sql, " AUTO_INCREMENT=%llu", (unsigned long long)value);
	ret = mi_conn_exec_span(&fence->link.conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret == 0 ? 0 : mi_within(err, "the counter of %s.%s", db, table);
}
