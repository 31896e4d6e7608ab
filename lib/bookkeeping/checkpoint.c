#include "bookkeeping/checkpoint.h"
#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "sql/literal.h"

#include <ctype.h>
#include <stdlib.h>

/* Bytes of text before the first c; all of text when c is not in it. */
static size_t until(struct mi_span text, char c)
{
	const char *at = memchr(text.data, c, text.len);

	return at ? (size_t)(at - text.data) : text.len;
}

/* What follows the first len bytes of text and the separator behind them. */
static struct mi_span after(struct mi_span text, size_t len)
{
	return len < text.len ? mi_span(text.data + len + 1, text.len - len - 1)
	                      : mi_span(text.data + text.len, 0);
}

/* One of the set's comma-separated elements: "uuid:1-5:7", "uuid:tag:1-3" or "0-1-100". */
static void split_element(struct mi_span element, mi_checkpoint_row *row, void *user)
{
	size_t len = until(element, ':');
	struct mi_span rest = after(element, len);

	if (len == element.len) {
		len = until(element, '-');
		row(user, mi_span(element.data, len), after(element, len));
		return;
	}
	if (rest.len > 0 && !isdigit((unsigned char)rest.data[0])) {
		len += 1 + until(rest, ':');
		rest = after(element, len);
	}
	row(user, mi_span(element.data, len), rest);
}

void mi_checkpoint_split(struct mi_span set, mi_checkpoint_row *row, void *user)
{
	while (set.len > 0) {
		size_t len = until(set, ',');

		split_element(mi_span(set.data, len), row, user);
		set = after(set, len);
	}
}

/* *seq: of the head row; 0 when there is none. suffix is added to the SELECT. */
static int head_seq(const struct mi_state *state, struct mi_conn *conn, const char *suffix,
                    uint64_t *seq, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	*seq = 0;
	mi_buf_addf(&sql, "SELECT seq FROM %s WHERE flow=", state->checkpoint);
	mi_sql_string(&sql, state->flow);
	mi_buf_addf(&sql, " AND sid=''%s", suffix);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	if (ret == 0) {
		if ((row = mysql_fetch_row(result)) && row[0])
			*seq = strtoull(row[0], NULL, 10);
		mysql_free_result(result);
	}
	mi_buf_release(&sql);
	return ret;
}

static int refuse(const struct mi_state *state, uint64_t seq, struct mi_err *err)
{
	if (seq == 0)
		return 0;
	(void)mi_fail(err, MI_CONFIG,
	              "%s is being followed already (its checkpoint has advanced %llu times)",
	              state->flow, (unsigned long long)seq);
	return mi_hint(err,
	               "rows of a new snapshot would overwrite newer ones; to begin anew, "
	               "drop the tables and delete the flow's rows from %s and %s",
	               state->checkpoint, state->load);
}

int mi_checkpoint_refuse_advanced(const struct mi_state *state, struct mi_conn *conn,
                                  struct mi_err *err)
{
	uint64_t seq;

	if (head_seq(state, conn, "", &seq, err) != 0)
		return -1;
	return refuse(state, seq, err);
}

struct rows {
	const struct mi_state *state;
	struct mi_buf *sql;
};

static void add_row(void *user, struct mi_span sid, struct mi_span intervals)
{
	const struct rows *rows = user;

	mi_buf_add_str(rows->sql, ",(");
	mi_sql_string(rows->sql, rows->state->flow);
	mi_buf_add_char(rows->sql, ',');
	mi_sql_string_span(rows->sql, sid);
	mi_buf_add_char(rows->sql, ',');
	mi_sql_string_span(rows->sql, intervals);
	mi_buf_add_str(rows->sql, ",NULL,NULL,NULL,NULL,NULL)");
}

static void insert_rows(const struct mi_state *state, const char *position, const char *high,
                        const char *source, struct mi_buf *sql)
{
	struct rows rows = {state, sql};

	mi_buf_addf(sql, "INSERT INTO %s (flow,sid,intervals,epoch,state,seq,source,high) VALUES (",
	            state->checkpoint);
	mi_sql_string(sql, state->flow);
	mi_buf_add_str(sql, ",'',NULL,1,'open',0,");
	mi_sql_string(sql, source);
	mi_buf_add_char(sql, ',');
	mi_sql_string(sql, high);
	mi_buf_add_char(sql, ')');
	mi_checkpoint_split(mi_span_str(position), add_row, &rows);
}

int mi_checkpoint_write(const struct mi_state *state, struct mi_conn *conn, const char *position,
                        const char *high, const char *source, struct mi_err *err)
{
	struct mi_buf remove = {0}, insert = {0};
	uint64_t seq;
	int ret = -1;

	mi_buf_addf(&remove, "DELETE FROM %s WHERE flow=", state->checkpoint);
	mi_sql_string(&remove, state->flow);
	insert_rows(state, position, high, source, &insert);
	if (mi_conn_exec(conn, err, "START TRANSACTION") == 0 &&
	    head_seq(state, conn, " FOR UPDATE", &seq, err) == 0 && refuse(state, seq, err) == 0 &&
	    mi_conn_exec_span(conn, err, mi_buf_span(&remove)) == 0 &&
	    mi_conn_exec_span(conn, err, mi_buf_span(&insert)) == 0 &&
	    mi_conn_exec(conn, err, "COMMIT") == 0)
		ret = 0;
	mi_buf_release(&remove);
	mi_buf_release(&insert);
	return ret == 0 ? 0 : mi_within(err, "the checkpoint of %s", state->flow);
}

/* The position in GTID text, and the head row's high. */
static int read_rows(const struct mi_state *state, struct mi_conn *conn, struct mi_buf *position,
                     struct mi_buf *high, bool *found, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	*found = false;
	mi_buf_addf(&sql, "SELECT sid,intervals,high FROM %s WHERE flow=", state->checkpoint);
	mi_sql_string(&sql, state->flow);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	while (ret == 0 && (row = mysql_fetch_row(result))) {
		if (!*row[0]) {
			*found = true;
			mi_buf_add_str(high, row[2] ? row[2] : "");
			continue;
		}
		mi_buf_addf(position, "%s%s%c%s", position->len ? "," : "", row[0],
		            strlen(row[0]) >= 36 ? ':' : '-', row[1] ? row[1] : "");
	}
	if (ret == 0)
		mysql_free_result(result);
	mi_buf_release(&sql);
	return ret;
}

/* The position and high as sets, which the caller frees also after a failure. */
static int read_sets(const struct mi_state *state, struct mi_conn *conn,
                     struct mi_gtid_set **position, struct mi_gtid_set **high, struct mi_err *err)
{
	struct mi_buf position_text = {0}, high_text = {0};
	bool found;
	int ret = read_rows(state, conn, &position_text, &high_text, &found, err);

	if (ret == 0 && !found)
		ret = mi_fail(err, MI_CONFIG, "%s has no checkpoint: its rows were not loaded",
		              state->flow);
	else if (ret == 0 && (mi_gtid_parse(mi_buf_span(&position_text), position, err) != 0 ||
	                      mi_gtid_parse(mi_buf_span(&high_text), high, err) != 0)) {
		err->code = MI_CONFIG;
		ret = mi_within(err, "the checkpoint of %s", state->flow);
	}
	mi_buf_release(&position_text);
	mi_buf_release(&high_text);
	return ret;
}

int mi_checkpoint_passed_high(const struct mi_state *state, struct mi_conn *conn, bool *passed,
                              struct mi_err *err)
{
	struct mi_gtid_set *position = NULL, *high = NULL;
	int ret = read_sets(state, conn, &position, &high, err);

	if (ret == 0)
		*passed = mi_gtid_contains(position, high);
	mi_gtid_free(position);
	mi_gtid_free(high);
	return ret;
}
