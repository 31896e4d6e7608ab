#include "bookkeeping/position.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "bookkeeping/checkpoint.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"

#include <stdlib.h>

enum { LOCK_SECONDS = 2 };

void mi_position_init(struct mi_position *position, const struct mi_state *state)
{
	*position = (struct mi_position){
	    .state = state,
	    .set = mi_gtid_new(),
	    .high = mi_gtid_new(),
	    .source = mi_strdup(""),
	    .intent = mi_strdup(""),
	};
}

void mi_position_release(struct mi_position *position)
{
	mi_gtid_free(position->set);
	mi_gtid_free(position->high);
	free(position->source);
	free(position->intent);
	*position = (struct mi_position){0};
}

/* ---- Finding ---- */

static int has_flow(struct mi_conn *conn, const char *db, const char *flow, bool *has,
                    struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t count;
	int ret;

	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM ");
	mi_sql_name(&sql, db, "_mi_checkpoint");
	mi_buf_add_str(&sql, " WHERE flow=");
	mi_sql_string(&sql, flow);
	mi_buf_add_str(&sql, " AND sid=''");
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &count);
	*has = ret == 0 && count > 0;
	mi_buf_release(&sql);
	return ret;
}

static int choose(struct mi_conn *conn, MYSQL_RES *result, const char *flow, char **db,
                  struct mi_err *err)
{
	MYSQL_ROW row;
	bool has;

	while ((row = mysql_fetch_row(result))) {
		if (has_flow(conn, row[0], flow, &has, err) != 0)
			return -1;
		if (!has)
			continue;
		if (*db) {
			(void)mi_fail(err, MI_CONFIG,
			              "databases %s and %s both have a checkpoint of %s", *db,
			              row[0], flow);
			return mi_hint(err, "say which with --state-db");
		}
		*db = mi_strdup(row[0]);
	}
	return 0;
}

int mi_position_find(struct mi_conn *conn, const char *wanted, const char *flow, char **db,
                     struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	int ret = -1;

	*db = NULL;
	mi_buf_add_str(&sql, "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE "
	                     "TABLE_NAME='_mi_checkpoint'");
	if (wanted) {
		mi_buf_add_str(&sql, " AND TABLE_SCHEMA=");
		mi_sql_string(&sql, wanted);
	}
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) == 0) {
		ret = choose(conn, result, flow, db, err);
		mysql_free_result(result);
	}
	mi_buf_release(&sql);
	if (ret != 0) {
		free(*db);
		*db = NULL;
	}
	return ret;
}

/* ---- Claiming ---- */

/* The flow's rows as the server has them; sets in text. */
struct rows {
	bool found;
	bool open;
	uint64_t epoch, seq, conn_id;
	struct mi_buf set, high, source, intent;
};

static void rows_release(struct rows *rows)
{
	mi_buf_release(&rows->set);
	mi_buf_release(&rows->high);
	mi_buf_release(&rows->source);
	mi_buf_release(&rows->intent);
}

static uint64_t number_of(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

/* The columns of the query in read_rows. */
enum field { SID, INTERVALS, EPOCH, STATE, SEQ, SOURCE, HIGH, CONN_ID, INTENT };

static void take_row(struct rows *rows, MYSQL_ROW row)
{
	if (*row[SID]) {
		mi_buf_addf(&rows->set, "%s%s%c%s", rows->set.len ? "," : "", row[SID],
		            strlen(row[SID]) >= 36 ? ':' : '-',
		            row[INTERVALS] ? row[INTERVALS] : "");
		return;
	}
	rows->found = true;
	rows->open = row[STATE] && strcmp(row[STATE], "open") == 0;
	rows->epoch = number_of(row[EPOCH]);
	rows->seq = number_of(row[SEQ]);
	rows->conn_id = number_of(row[CONN_ID]);
	mi_buf_add_str(&rows->source, row[SOURCE] ? row[SOURCE] : "");
	mi_buf_add_str(&rows->high, row[HIGH] ? row[HIGH] : "");
	mi_buf_add_str(&rows->intent, row[INTENT] ? row[INTENT] : "");
}

static int read_rows(const struct mi_position *position, struct mi_conn *conn, const char *suffix,
                     struct rows *rows, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql,
	            "SELECT sid,intervals,epoch,state,seq,source,high,conn_id,intent FROM %s WHERE "
	            "flow=",
	            position->state->checkpoint);
	mi_sql_string(&sql, position->state->flow);
	mi_buf_add_str(&sql, suffix);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	if (ret == 0) {
		while ((row = mysql_fetch_row(result)))
			take_row(rows, row);
		mysql_free_result(result);
	}
	mi_buf_release(&sql);
	return ret;
}

/* Kills the session that the head row names as owner, if it is of this account. Read without a
 * lock, since that session holds the rows. */
static void kill_holder(const struct mi_position *position, struct mi_conn *conn)
{
	struct rows rows = {0};
	struct mi_err ignored = {0};
	uint64_t found = 0;
	struct mi_buf sql = {0};

	if (read_rows(position, conn, "", &rows, &ignored) == 0 && rows.conn_id > 0 &&
	    rows.conn_id != mysql_thread_id(conn->mysql)) {
		mi_buf_addf(&sql,
		            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID=%llu AND "
		            "USER=SUBSTRING_INDEX(CURRENT_USER(),'@',1)",
		            (unsigned long long)rows.conn_id);
		if (mi_conn_number(conn, &ignored, mi_buf_cstr(&sql), &found) == 0 && found > 0 &&
		    mi_conn_execf(conn, &ignored, "KILL %llu", (unsigned long long)rows.conn_id) ==
		        0)
			mi_notice("ended session %llu, which still held the checkpoint",
			          (unsigned long long)rows.conn_id);
	}
	mi_buf_release(&sql);
	rows_release(&rows);
}

/* Locks and reads the rows in a new transaction. Waits LOCK_SECONDS for the lock, not the server's
 * own timeout (50 s by default), to kill its holder soon. */
static int lock_rows(const struct mi_position *position, struct mi_conn *conn, struct rows *rows,
                     struct mi_err *err)
{
	bool can_wait = conn->flavour != MI_FLAVOUR_VITESS;
	int ret;

	if ((can_wait && mi_conn_execf(conn, err,
	                               "SET @mi_wait=@@SESSION.innodb_lock_wait_timeout,"
	                               "SESSION innodb_lock_wait_timeout=%d",
	                               LOCK_SECONDS) != 0) ||
	    mi_conn_exec(conn, err, "START TRANSACTION") != 0)
		return -1;
	ret = read_rows(position, conn, " FOR UPDATE", rows, err);
	if (ret != 0 && mysql_errno(conn->mysql) == MI_ER_LOCK_WAIT_TIMEOUT && can_wait) {
		struct mi_err ignored = {0};

		(void)!mi_conn_exec(conn, &ignored, "ROLLBACK");
		(void)!mi_conn_exec(conn, &ignored,
		                    "SET SESSION innodb_lock_wait_timeout=@mi_wait");
		kill_holder(position, conn);
		return -1; /* MI_AGAIN: the caller's link tries again */
	}
	if (ret == 0 && can_wait)
		ret = mi_conn_exec(conn, err, "SET SESSION innodb_lock_wait_timeout=@mi_wait");
	return ret;
}

/* Are the rows such that this process may go on? *lost and the errors: see mi_position_claim. */
static int check_rows(const struct mi_position *position, const struct rows *rows, bool *lost,
                      struct mi_err *err)
{
	const char *flow = position->state->flow;

	if (!rows->found) {
		*lost = position->claimed_by != 0;
		(void)mi_fail(err, MI_CONFIG, "there is no checkpoint of %s in %s", flow,
		              position->state->checkpoint);
		return mi_hint(err, "mi-load writes it when all rows are there; or say where to "
		                    "begin with --start");
	}
	*lost = true;
	if (position->wanted && rows->epoch != position->wanted) {
		(void)mi_fail(err, MI_AGAIN, "the checkpoint of %s is of epoch %llu, not %llu",
		              flow, (unsigned long long)rows->epoch,
		              (unsigned long long)position->wanted);
		return mi_hint(err, "a switch has turned the import's direction");
	}
	if (!rows->open) {
		(void)mi_fail(err, position->claimed_by || position->wanted ? MI_AGAIN : MI_CONFIG,
		              "the checkpoint of %s is sealed", flow);
		return mi_hint(err, "a switch has turned the import's direction");
	}
	if (position->claimed_by &&
	    (rows->epoch != position->epoch ||
	     (rows->conn_id != position->claimed_by && rows->conn_id != position->asked_by)))
		return mi_fail(err, MI_AGAIN, "another mi-apply has taken over %s", flow);
	*lost = false;
	return 0;
}

static void replace_text(char **text, struct mi_buf *by)
{
	free(*text);
	*text = mi_strdup(mi_buf_cstr(by));
}

/* Makes the rows' contents those of position. */
static int take_over(struct mi_position *position, struct rows *rows, struct mi_err *err)
{
	struct mi_gtid_set *set = NULL, *high = NULL;

	if (mi_gtid_parse(mi_buf_span(&rows->set), &set, err) != 0 ||
	    mi_gtid_parse(mi_buf_span(&rows->high), &high, err) != 0) {
		mi_gtid_free(set);
		err->code = MI_CONFIG;
		return mi_within(err, "the checkpoint of %s", position->state->flow);
	}
	mi_gtid_free(position->set);
	mi_gtid_free(position->high);
	position->set = set;
	position->high = high;
	position->epoch = rows->epoch;
	position->seq = rows->seq;
	replace_text(&position->source, &rows->source);
	replace_text(&position->intent, &rows->intent);
	return 0;
}

static int write_claim(struct mi_position *position, struct mi_conn *conn, struct mi_err *err)
{
	unsigned long id = mysql_thread_id(conn->mysql);
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql,
	            "UPDATE %s SET seq=seq+1,conn_id=%lu WHERE flow=", position->state->checkpoint,
	            id);
	mi_sql_string(&sql, position->state->flow);
	mi_buf_addf(&sql, " AND sid='' AND epoch=%llu AND seq=%llu",
	            (unsigned long long)position->epoch, (unsigned long long)position->seq);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	if (ret == 0 && mysql_affected_rows(conn->mysql) != 1)
		ret = mi_fail(err, MI_BUG, "the checkpoint changed under its lock");
	position->asked_by = id;
	if (ret != 0 || mi_conn_exec(conn, err, "COMMIT") != 0)
		return -1;
	position->seq++;
	position->claimed_by = id;
	return 0;
}

int mi_position_claim(struct mi_position *position, struct mi_conn *conn, bool *lost,
                      struct mi_err *err)
{
	struct rows rows = {0};
	int ret = -1;

	*lost = false;
	if (lock_rows(position, conn, &rows, err) == 0 &&
	    check_rows(position, &rows, lost, err) == 0 && take_over(position, &rows, err) == 0)
		ret = write_claim(position, conn, err);
	rows_release(&rows);
	return ret;
}

/* ---- Writing ---- */

void mi_position_fence(const struct mi_position *position, const char *intent, struct mi_buf *sql)
{
	mi_buf_addf(sql, "UPDATE %s SET seq=seq+1", position->state->checkpoint);
	if (intent) {
		mi_buf_add_str(sql, ",intent=");
		if (*intent)
			mi_sql_string(sql, intent);
		else
			mi_buf_add_str(sql, "NULL");
	}
	mi_buf_add_str(sql, " WHERE flow=");
	mi_sql_string(sql, position->state->flow);
	mi_buf_addf(sql, " AND sid='' AND epoch=%llu AND seq=%llu AND state='open'",
	            (unsigned long long)position->epoch, (unsigned long long)position->seq);
}

struct advance {
	const struct mi_position *position;
	struct mi_buf *sql;
	struct mi_span sid; /* the source id whose intervals are being looked for in set */
	bool first;
	struct mi_span set; /* the whole new position in text */
};

static void add_wanted(void *user, struct mi_span sid, struct mi_span intervals)
{
	struct advance *advance = user;

	if (!mi_span_eq(sid, advance->sid))
		return;
	mi_buf_add_str(advance->sql, advance->first ? "(" : ",(");
	advance->first = false;
	mi_sql_string(advance->sql, advance->position->state->flow);
	mi_buf_add_char(advance->sql, ',');
	mi_sql_string_span(advance->sql, sid);
	mi_buf_add_char(advance->sql, ',');
	mi_sql_string_span(advance->sql, intervals);
	mi_buf_add_char(advance->sql, ')');
}

static void add_touched(void *user, struct mi_span sid, struct mi_span intervals)
{
	struct advance *advance = user;

	(void)intervals;
	advance->sid = sid;
	mi_checkpoint_split(advance->set, add_wanted, advance);
}

void mi_position_advance(const struct mi_position *position, const struct mi_gtid_set *touched,
                         const struct mi_gtid_set *set, struct mi_buf *sql)
{
	struct mi_buf set_text = {0}, touched_text = {0};
	struct advance advance = {.position = position, .sql = sql, .first = true};

	mi_gtid_print(set, &set_text);
	mi_gtid_print(touched, &touched_text);
	advance.set = mi_buf_span(&set_text);
	mi_buf_addf(sql, "REPLACE INTO %s (flow,sid,intervals) VALUES ",
	            position->state->checkpoint);
	mi_checkpoint_split(mi_buf_span(&touched_text), add_touched, &advance);
	mi_buf_release(&set_text);
	mi_buf_release(&touched_text);
}

void mi_position_committed(struct mi_position *position, struct mi_gtid_set *set,
                           const char *intent)
{
	position->seq++;
	if (set) {
		mi_gtid_free(position->set);
		position->set = set;
	}
	if (intent) {
		free(position->intent);
		position->intent = mi_strdup(intent);
	}
}
