#include "fence/fence.h"
#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/flow.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "schema/list.h"
#include "server/conn.h"
#include "server/link.h"
#include "server/name.h"
#include "source/databases.h"
#include "source/lock.h"
#include "source/position.h"
#include "source/tables.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>

static char *flow_name(const char *import, const char *direction)
{
	struct mi_buf name = {0};
	char *text;

	mi_buf_addf(&name, "%s/%s", import, direction);
	text = mi_strdup(mi_buf_cstr(&name));
	mi_buf_release(&name);
	return text;
}

static void name_flow(struct mi_state *state, const struct mi_fence *fence, const char *direction)
{
	const char *db = fence->options->state_db ? fence->options->state_db : fence->dbs[0];
	char *flow = flow_name(fence->options->import, direction);

	mi_state_init_flow(state, db, flow);
	free(flow);
}

int mi_fence_open(struct mi_fence *fence, const struct mi_fence_options *options,
                  struct mi_err *err)
{
	*fence = (struct mi_fence){.options = options,
	                           .link_options = {.conn = options->conn, .retry_seconds = 0}};
	fence->link.options = &fence->link_options;
	if (mi_state_check_import(options->import, err) != 0 ||
	    mi_link_open(&fence->link, err) != 0 ||
	    mi_src_position_require(&fence->link.conn, err) != 0 ||
	    mi_src_databases(&fence->link.conn, options->filter, &fence->dbs, &fence->db_count,
	                     err) != 0 ||
	    mi_src_tables(&fence->link.conn, options->filter, &fence->tables, err) != 0)
		return -1;
	if (fence->tables.count == 0)
		return mi_fail(err, MI_CONFIG, "%s has none of the import's tables",
		               mi_conn_name(&fence->link.conn));
	fence->counters = mi_alloc(fence->tables.count * sizeof *fence->counters);
	name_flow(&fence->forward, fence, "forward");
	name_flow(&fence->reverse, fence, "reverse");
	if (mi_src_lock_new(&fence->lock, options->conn, fence->link.conn.server_id, err) != 0)
		return -1;
	/* DDL waits for readers of the table; one second at most, as clients may be waiting */
	return mi_conn_exec(&fence->link.conn, err,
	                    "SET SESSION autocommit=0, lock_wait_timeout=1");
}

void mi_fence_close(struct mi_fence *fence)
{
	mi_src_lock_free(fence->lock);
	mi_link_close(&fence->link);
	mi_tables_release(&fence->tables);
	mi_src_databases_free(fence->dbs, fence->db_count);
	mi_state_release(&fence->forward);
	mi_state_release(&fence->reverse);
	mi_ddl_list_release(&fence->programs);
	free(fence->counters);
	*fence = (struct mi_fence){0};
}

struct mi_conn *mi_fence_books(struct mi_fence *fence)
{
	return fence->locked ? mi_src_lock_conn(fence->lock) : &fence->link.conn;
}

/* ---- Bookkeeping tables ---- */

/* Opens and forgets a flow "IMPORT/test". */
static int test_write(struct mi_fence *fence, struct mi_err *err)
{
	struct mi_gtid_set *nothing = mi_gtid_new();
	struct mi_conn *conn = &fence->link.conn;
	struct mi_state test = {0};
	int ret = -1;

	name_flow(&test, fence, "test");
	if (mi_state_create(&test, conn, err) == 0 &&
	    mi_flow_open(&test, conn, 1, conn->server_id, nothing, err) == 0 &&
	    mi_flow_forget(&test, conn, 0, err) == 0)
		ret = 0;
	mi_state_release(&test);
	mi_gtid_free(nothing);
	return ret == 0 ? 0 : mi_within(err, "the test write");
}

/* On MariaDB a prepared transaction can commit although its tables are locked. */
static int no_prepared(struct mi_conn *conn, struct mi_err *err)
{
	MYSQL_RES *result;
	uint64_t count;

	if (mi_conn_query(conn, err, "XA RECOVER", &result) != 0)
		return err->code == MI_DENIED ? mi_hint(err, "grant XA_RECOVER_ADMIN") : -1;
	count = mysql_num_rows(result);
	mysql_free_result(result);
	if (count == 0)
		return 0;
	(void)mi_fail(err, MI_AGAIN, "%s has %llu prepared XA transactions", mi_conn_name(conn),
	              (unsigned long long)count);
	return mi_hint(err, "XA RECOVER lists them: each must be committed or rolled back first");
}

int mi_fence_ready(struct mi_fence *fence, struct mi_err *err)
{
	if (test_write(fence, err) != 0)
		return -1;
	return no_prepared(&fence->link.conn, err);
}

/* *count: not 0 when the bookkeeping tables have rows of other imports. */
static int count_others(struct mi_fence *fence, uint64_t *count, struct mi_err *err)
{
	const char *tables[] = {fence->forward.checkpoint, fence->forward.load};
	struct mi_buf sql = {0};
	int ret = 0;

	*count = 0;
	for (size_t i = 0; i < 2 && ret == 0 && *count == 0; i++) {
		mi_buf_reset(&sql);
		mi_buf_addf(&sql, "SELECT COUNT(*) FROM %s WHERE flow NOT IN (", tables[i]);
		mi_sql_string(&sql, fence->forward.flow);
		mi_buf_add_char(&sql, ',');
		mi_sql_string(&sql, fence->reverse.flow);
		mi_buf_add_char(&sql, ')');
		ret = mi_conn_number(&fence->link.conn, err, mi_buf_cstr(&sql), count);
	}
	mi_buf_release(&sql);
	return ret;
}

static int delete_ours(struct mi_fence *fence, struct mi_err *err)
{
	const char *tables[] = {fence->forward.checkpoint, fence->forward.load, fence->forward.xa,
	                        fence->forward.past};
	struct mi_buf sql = {0};
	int ret = 0;

	for (size_t i = 0; i < 4 && ret == 0; i++) {
		mi_buf_reset(&sql);
		mi_buf_addf(&sql, "DELETE FROM %s WHERE flow IN (", tables[i]);
		mi_sql_string(&sql, fence->forward.flow);
		mi_buf_add_char(&sql, ',');
		mi_sql_string(&sql, fence->reverse.flow);
		mi_buf_add_char(&sql, ')');
		ret = mi_conn_exec_span(&fence->link.conn, err, mi_buf_span(&sql));
	}
	mi_buf_release(&sql);
	return ret == 0 ? mi_conn_exec(&fence->link.conn, err, "COMMIT") : -1;
}

int mi_fence_drop_books(struct mi_fence *fence, struct mi_err *err)
{
	uint64_t others;

	/* missing tables are created first, so that a second call can count and drop, too */
	if (mi_state_create(&fence->forward, &fence->link.conn, err) != 0 ||
	    count_others(fence, &others, err) != 0)
		return -1;
	if (others > 0)
		return delete_ours(fence, err);
	return mi_conn_execf(&fence->link.conn, err, "DROP TABLE IF EXISTS %s,%s,%s,%s",
	                     fence->forward.checkpoint, fence->forward.load, fence->forward.xa,
	                     fence->forward.past);
}

/* ---- The lock ---- */

int mi_fence_lock(struct mi_fence *fence, unsigned ms, struct mi_err *err)
{
	if (fence->locked)
		return mi_fail(err, MI_USAGE, "the tables are locked already");
	if (mi_src_lock_fence(fence->lock, &fence->tables, fence->forward.checkpoint, ms, err) != 0)
		return -1;
	fence->locked = true;
	return no_prepared(mi_src_lock_conn(fence->lock), err);
}

int mi_fence_unlock(struct mi_fence *fence, unsigned *ended, struct mi_err *err)
{
	struct mi_err ignored = {0};

	*ended = 0;
	if (!fence->locked)
		return mi_fail(err, MI_USAGE, "the tables are not locked");
	(void)!mi_src_lock_end_waiters(fence->lock, &fence->tables, ended, &ignored);
	fence->locked = false;
	return mi_src_lock_release(fence->lock, err);
}

int mi_fence_position(struct mi_fence *fence, struct mi_buf *set, struct mi_err *err)
{
	if (mi_src_position(mi_fence_books(fence), set, err) != 0)
		return -1;
	return fence->locked ? mi_src_lock_check(fence->lock, err) : 0;
}
