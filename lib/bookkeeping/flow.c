#include "bookkeeping/flow.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "sql/literal.h"

#include <stdio.h>
#include <stdlib.h>

enum { POLL_US = 1000 };

static void add_where(const struct mi_state *state, struct mi_buf *sql)
{
	mi_buf_add_str(sql, " WHERE flow=");
	mi_sql_string(sql, state->flow);
}

/* ---- Reading ---- */

static uint64_t number_of(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

static void take_head(struct mi_flow *flow, MYSQL_ROW row, struct mi_buf *high)
{
	flow->exists = true;
	flow->epoch = number_of(row[2]);
	flow->open = row[3] && strcmp(row[3], "open") == 0;
	flow->seq = number_of(row[4]);
	(void)snprintf(flow->source, sizeof flow->source, "%s", row[5] ? row[5] : "");
	mi_buf_add_str(high, row[6] ? row[6] : "");
}

static int take_sets(struct mi_flow *flow, const struct mi_buf *position, const struct mi_buf *high,
                     struct mi_err *err)
{
	struct mi_gtid_set *mark = NULL;

	if (mi_gtid_parse(mi_buf_span(position), &flow->position, err) != 0 ||
	    mi_gtid_parse(mi_buf_span(high), &mark, err) != 0) {
		err->code = MI_CONFIG;
		return -1;
	}
	flow->passed_high = mi_gtid_contains(flow->position, mark);
	mi_gtid_free(mark);
	return 0;
}

static int read_rows(const struct mi_state *state, struct mi_conn *conn, const char *suffix,
                     struct mi_flow *flow, struct mi_err *err)
{
	struct mi_buf sql = {0}, set = {0}, high = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	*flow = (struct mi_flow){0};
	mi_buf_addf(&sql, "SELECT sid,intervals,epoch,state,seq,source,high FROM %s",
	            state->checkpoint);
	add_where(state, &sql);
	mi_buf_add_str(&sql, suffix);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	if (ret == 0) {
		while ((row = mysql_fetch_row(result))) {
			if (*row[0])
				mi_gtid_join_row(&set, mi_span_str(row[0]),
				                 mi_span_str(row[1] ? row[1] : ""));
			else
				take_head(flow, row, &high);
		}
		mysql_free_result(result);
		ret = take_sets(flow, &set, &high, err);
	}
	mi_buf_release(&sql);
	mi_buf_release(&set);
	mi_buf_release(&high);
	return ret == 0 ? 0 : mi_within(err, "the checkpoint of %s", state->flow);
}

/* Ends the call's transaction: left open it would show the next call the past (autocommit=0). */
static int end_transaction(struct mi_conn *conn, int ret, struct mi_err *err)
{
	struct mi_err ignored = {0};

	if (ret == 0)
		return mi_conn_exec(conn, err, "COMMIT");
	(void)!mi_conn_exec(conn, &ignored, "ROLLBACK");
	return -1;
}

int mi_flow_read(const struct mi_state *state, struct mi_conn *conn, struct mi_flow *flow,
                 struct mi_err *err)
{
	int ret = read_rows(state, conn, "", flow, err);

	return end_transaction(conn, ret, err);
}

void mi_flow_release(struct mi_flow *flow)
{
	mi_gtid_free(flow->position);
	*flow = (struct mi_flow){0};
}

static int fail_state(const struct mi_state *state, const struct mi_flow *flow, struct mi_err *err)
{
	if (!flow->exists)
		return mi_fail(err, MI_AGAIN, "there is no checkpoint of %s", state->flow);
	return mi_fail(err, MI_AGAIN, "the checkpoint of %s is %s in epoch %llu", state->flow,
	               flow->open ? "open" : "sealed", (unsigned long long)flow->epoch);
}

/* ---- Waiting ---- */

static int fail_behind(const struct mi_state *state, const struct mi_gtid_set *set,
                       const struct mi_flow *flow, unsigned ms, struct mi_err *err)
{
	struct mi_gtid_set *missing = mi_gtid_copy(set);
	struct mi_err ignored = {0};
	uint64_t count;

	(void)mi_fail(err, MI_AGAIN, "%s has not caught up within %u ms", state->flow, ms);
	if (mi_gtid_subtract(missing, flow->position, &ignored) == 0 &&
	    mi_gtid_count(missing, &count, &ignored) == 0)
		(void)mi_hint(err, "%llu transactions are missing", (unsigned long long)count);
	mi_gtid_free(missing);
	return -1;
}

int mi_flow_wait(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                 const struct mi_gtid_set *set, unsigned ms, struct mi_err *err)
{
	uint64_t end = mi_now_us() + (uint64_t)ms * 1000;
	const struct timespec pause = {0, POLL_US * 1000};
	struct mi_flow flow;
	int done = 0;

	while (done == 0) {
		done = mi_flow_read(state, conn, &flow, err);
		if (done == 0 && (!flow.open || flow.epoch != epoch))
			done = fail_state(state, &flow, err);
		else if (done == 0 && mi_gtid_contains(flow.position, set))
			done = 1;
		else if (done == 0 && mi_now_us() >= end)
			done = fail_behind(state, set, &flow, ms, err);
		mi_flow_release(&flow);
		if (done == 0)
			(void)nanosleep(&pause, NULL);
	}
	return done > 0 ? 0 : -1;
}

/* ---- Sealing ---- */

/* MI_AGAIN when _mi_xa has rows of the flow. */
static int no_prepared(const struct mi_state *state, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t count;
	int ret;

	mi_buf_addf(&sql, "SELECT COUNT(*) FROM %s", state->xa);
	add_where(state, &sql);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &count);
	mi_buf_release(&sql);
	if (ret != 0 || count == 0)
		return ret;
	return mi_fail(err, MI_AGAIN, "%s has rows of a prepared XA transaction in %s", state->flow,
	               state->xa);
}

/* Changes the head row, which the caller has read with FOR UPDATE. */
static int change_head(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                       const char *word, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "UPDATE %s SET seq=seq+1,epoch=%llu,state='%s'", state->checkpoint,
	            (unsigned long long)epoch, word);
	add_where(state, &sql);
	mi_buf_add_str(&sql, " AND sid=''");
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

int mi_flow_seal(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                 struct mi_err *err)
{
	struct mi_flow flow;
	int ret = read_rows(state, conn, " FOR UPDATE", &flow, err);

	if (ret == 0 && (!flow.exists || flow.epoch != epoch))
		ret = fail_state(state, &flow, err);
	if (ret == 0 && flow.open &&
	    (no_prepared(state, conn, err) != 0 ||
	     change_head(state, conn, epoch, "sealed", err) != 0))
		ret = -1;
	mi_flow_release(&flow);
	return end_transaction(conn, ret, err);
}

int mi_flow_unseal(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                   uint64_t into, struct mi_err *err)
{
	struct mi_flow flow;
	int ret = read_rows(state, conn, " FOR UPDATE", &flow, err);
	bool done = ret == 0 && flow.exists && flow.open && flow.epoch == into;

	if (ret == 0 && !done && (!flow.exists || flow.epoch != epoch))
		ret = fail_state(state, &flow, err);
	if (ret == 0 && !done)
		ret = change_head(state, conn, into, "open", err);
	mi_flow_release(&flow);
	return end_transaction(conn, ret, err);
}

/* ---- Beginning anew, and forgetting ---- */

static int delete_rows(const struct mi_state *state, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "DELETE FROM %s", state->checkpoint);
	add_where(state, &sql);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

struct insertion {
	const struct mi_state *state;
	struct mi_buf sql;
};

static int add_source(void *user, struct mi_span sid, struct mi_span intervals, struct mi_err *err)
{
	struct insertion *insertion = user;
	struct mi_buf *sql = &insertion->sql;

	(void)err;
	mi_buf_add_str(sql, ",(");
	mi_sql_string(sql, insertion->state->flow);
	mi_buf_add_char(sql, ',');
	mi_sql_string_span(sql, sid);
	mi_buf_add_char(sql, ',');
	mi_sql_string_span(sql, intervals);
	mi_buf_add_str(sql, ",NULL,NULL,NULL,NULL,NULL)");
	return 0;
}

static int insert_rows(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                       const char *source, const struct mi_gtid_set *position, struct mi_err *err)
{
	struct insertion insertion = {.state = state};
	struct mi_buf *sql = &insertion.sql;
	int ret = -1;

	mi_buf_addf(sql, "INSERT INTO %s (flow,sid,intervals,epoch,state,seq,source,high) VALUES (",
	            state->checkpoint);
	mi_sql_string(sql, state->flow);
	mi_buf_addf(sql, ",'',NULL,%llu,'open',0,", (unsigned long long)epoch);
	mi_sql_string(sql, source);
	mi_buf_add_str(sql, ",'')");
	if (mi_gtid_each(position, add_source, &insertion, err) == 0)
		ret = mi_conn_exec_span(conn, err, mi_buf_span(sql));
	mi_buf_release(sql);
	return ret;
}

int mi_flow_open(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                 const char *source, const struct mi_gtid_set *position, struct mi_err *err)
{
	struct mi_flow flow;
	int ret = read_rows(state, conn, " FOR UPDATE", &flow, err);

	if (ret == 0 && flow.exists &&
	    (flow.epoch > epoch || (flow.epoch == epoch && flow.seq > 0)))
		ret = fail_state(state, &flow, err);
	if (ret == 0 && (delete_rows(state, conn, err) != 0 ||
	                 insert_rows(state, conn, epoch, source, position, err) != 0))
		ret = -1;
	mi_flow_release(&flow);
	return end_transaction(conn, ret, err);
}

int mi_flow_forget(const struct mi_state *state, struct mi_conn *conn, uint64_t epoch,
                   struct mi_err *err)
{
	struct mi_flow flow;
	int ret = read_rows(state, conn, " FOR UPDATE", &flow, err);

	if (ret == 0 && flow.exists && (epoch == 0 || flow.epoch == epoch))
		ret = delete_rows(state, conn, err);
	mi_flow_release(&flow);
	return end_transaction(conn, ret, err);
}
