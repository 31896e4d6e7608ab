#include "load/send.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "load/chunk.h"
#include "load/feed.h"
#include "load/odd_rows.h"
#include "load/target.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/mysql_errors.h"
#include "sql/load_text.h"

#include <stdio.h>

enum {
	INSERT_BYTES = 1 << 20,        /* a statement is sent before it would pass this */
	VITESS_INSERT_BYTES = 1 << 18, /* smaller: vtgate ends statements after 20 s */
	VITESS_MAX_BYTES = 16 << 20,   /* vtgate's gRPC message size */
	PACKET_MARGIN = 1024,
	CLIENT_REJECTED_LOCAL =
	    2068, /* CR_LOAD_DATA_LOCAL_INFILE_REJECTED; not in both libraries */
};

/* ---- The handler that stands for the file of LOAD DATA LOCAL ---- */

static int on_open(void **state, const char *name, void *user)
{
	struct mi_feed *feed = user;

	(void)name;
	*state = feed;
	return feed->armed ? 0 : 1; /* a server that asks for a file at any other time gets none */
}

static int on_read(void *state, char *into, unsigned room)
{
	struct mi_feed *feed = state;
	size_t len;

	while (feed->text_at == feed->text.len) {
		mi_buf_reset(&feed->text);
		feed->text_at = 0;
		if (feed->next_frame == feed->job->frame_count)
			return 0;
		if (mi_feed_frame(feed, feed->err) != 0) {
			feed->handler_failed = true;
			return -1;
		}
	}
	len = feed->text.len - feed->text_at;
	if (len > room)
		len = room;
	memcpy(into, feed->text.data + feed->text_at, len);
	feed->text_at += len;
	return (int)len;
}

static void on_close(void *state)
{
	(void)state;
}

static int on_error(void *state, char *text, unsigned room)
{
	const struct mi_feed *feed = state;

	(void)snprintf(text, room, "%s",
	               feed->handler_failed ? feed->err->text : "no file was offered");
	return CLIENT_REJECTED_LOCAL;
}

/* ---- LOAD DATA ---- */

/* Appends the first warnings to err's text. Returns -1. */
static int add_warnings(struct mi_conn *conn, struct mi_err *err)
{
	struct mi_err ignored = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	size_t len = strlen(err->text);

	if (mi_conn_query(conn, &ignored, "SHOW WARNINGS LIMIT 3", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)) && len < sizeof err->text - 1) {
		(void)snprintf(err->text + len, sizeof err->text - len, "; %s %s: %s", row[0],
		               row[1], row[2]);
		len = strlen(err->text);
	}
	mysql_free_result(result);
	return -1;
}

static int check_loaded(struct mi_feed *feed, struct mi_err *err)
{
	struct mi_conn *conn = &feed->link->conn;
	const char *info = mysql_info(conn->mysql);
	unsigned long long records, deleted, skipped, warnings;

	if (!info || sscanf(info, "Records: %llu Deleted: %llu Skipped: %llu Warnings: %llu",
	                    &records, &deleted, &skipped, &warnings) != 4)
		return mi_fail(err, MI_PROTOCOL, "LOAD DATA was answered with '%s'",
		               info ? info : "");
	if (records != feed->sent || skipped || (warnings && !feed->lax)) {
		if (warnings)
			feed->refused = MI_WARN_DATA_TRUNCATED;
		(void)mi_fail(err, MI_DATA,
		              "%llu rows were sent, and LOAD DATA says '%s': rolled back",
		              (unsigned long long)feed->sent, info);
		return add_warnings(conn, err);
	}
	feed->replaced |= deleted > 0;
	if (deleted && !feed->job->stream->torn) {
		feed->collided = true;
		(void)mi_fail(err, MI_DATA,
		              "%llu rows have a key that is in the table already: "
		              "rolled back",
		              deleted);
		return mi_hint(err, "the table was not empty, or was loaded from another dump");
	}
	return 0;
}

static bool is_local_refused(unsigned error)
{
	return error == CLIENT_REJECTED_LOCAL || error == MI_ER_CLIENT_LOCAL_FILES_DISABLED ||
	       error == MI_ER_NOT_ALLOWED_COMMAND;
}

static int load_failed(struct mi_feed *feed, struct mi_err *err)
{
	struct mi_conn *conn = &feed->link->conn;
	struct mi_load_rows *rows = feed->job->rows;

	if (feed->handler_failed)
		return -1; /* err says why */
	if (!is_local_refused(mysql_errno(conn->mysql))) {
		feed->refused = mysql_errno(conn->mysql);
		return mi_conn_fail(conn, err, "LOAD DATA LOCAL");
	}
	if (rows->must_load_data) {
		(void)mi_fail(err, MI_CONFIG, "LOAD DATA LOCAL is refused: %s",
		              mysql_error(conn->mysql));
		return mi_hint(err, "set local_infile=ON on the server, or leave the choice to "
		                    "--method=auto");
	}
	if (atomic_exchange(&rows->load_data, false))
		mi_notice("the server refuses LOAD DATA LOCAL: going on with INSERT");
	feed->never_load = true;
	return mi_fail(err, MI_BUG, "LOAD DATA LOCAL is refused");
}

int mi_send_load(struct mi_feed *feed, struct mi_err *err)
{
	MYSQL *mysql = feed->link->conn.mysql;
	struct mi_span sql = mi_buf_span(&feed->job->target->load_sql);
	int failed;

	mysql_set_local_infile_handler(mysql, on_open, on_read, on_close, on_error, feed);
	feed->err = err;
	feed->handler_failed = false;
	feed->armed = true;
	failed = mysql_real_query(mysql, sql.data, (unsigned long)sql.len);
	feed->armed = false;
	if (failed || feed->handler_failed)
		return load_failed(feed, err);
	return check_loaded(feed, err);
}

/* ---- INSERT ---- */

/* Sends the first len bytes of the text as a statement; what is behind them becomes the first row
 * of the next statement. */
static int send_insert(struct mi_feed *feed, size_t len, struct mi_err *err)
{
	struct mi_conn *conn = &feed->link->conn;
	struct mi_span sql = mi_span(feed->text.data, len);
	my_ulonglong affected;
	size_t rest;

	if (mi_conn_exec_span(conn, err, sql) != 0) {
		feed->refused = mysql_errno(conn->mysql);
		feed->collided = feed->refused == MI_ER_DUP_ENTRY;
		return -1;
	}
	affected = mysql_affected_rows(conn->mysql);
	if (mysql_warning_count(conn->mysql) > 0 && !feed->lax) {
		feed->refused = MI_WARN_DATA_TRUNCATED;
		(void)mi_fail(err, MI_DATA, "INSERT gave warnings: rolled back");
		return add_warnings(conn, err);
	}
	if (affected < feed->rows_in_text ||
	    (affected != feed->rows_in_text && !feed->job->stream->torn))
		return mi_fail(err, MI_DATA, "%u rows were sent and %llu inserted: rolled back",
		               feed->rows_in_text, (unsigned long long)affected);
	feed->replaced |= affected > feed->rows_in_text;
	feed->sent += feed->rows_in_text;
	feed->rows_in_text = 0;
	rest = feed->text.len - len;
	feed->text.len = feed->head_len;
	if (rest > 0) { /* ",(...)", without its comma */
		memmove(feed->text.data + feed->head_len, feed->text.data + len + 1, rest - 1);
		feed->text.len += rest - 1;
	}
	return 0;
}

/* The longest statement that the server takes. */
static uint64_t longest_statement(const struct mi_load_rows *rows)
{
	uint64_t longest = rows->max_packet;

	if (rows->is_vitess && longest > VITESS_MAX_BYTES)
		longest = VITESS_MAX_BYTES;
	return longest > 2 * PACKET_MARGIN ? longest - PACKET_MARGIN : longest;
}

static uint64_t wanted_statement(const struct mi_load_rows *rows)
{
	uint64_t longest = longest_statement(rows);
	uint64_t wanted = rows->is_vitess ? VITESS_INSERT_BYTES : INSERT_BYTES;

	return wanted < longest ? wanted : longest;
}

int mi_send_check_length(const struct mi_feed *feed, size_t len, struct mi_err *err)
{
	uint64_t longest = longest_statement(feed->job->rows);

	if (len <= longest)
		return 0;
	(void)mi_fail(err, MI_CONFIG,
	              "a row makes a statement of %zu bytes, and the server takes %llu", len,
	              (unsigned long long)longest);
	return mi_hint(err,
	               feed->job->rows->is_vitess
	                   ? "vtgate's message size is the limit"
	                   : "raise max_allowed_packet on the server, or allow LOAD DATA LOCAL "
	                     "there (local_infile=ON)");
}

int mi_send_insert_row(struct mi_feed *feed, const struct mi_span *values, struct mi_err *err)
{
	const struct mi_target *target = feed->job->target;
	size_t before, none = 0;

	if (mi_loadtext_zero_enum(&target->plan, values, &none)) {
		if (mi_odd_rows_are_full(&feed->odd) && mi_odd_rows_flush(feed, err) != 0)
			return -1;
		return mi_odd_rows_add(feed, values, err);
	}
	if (mi_odd_rows_check(target, values, err) != 0)
		return -1;
	if (feed->head_len == 0) {
		mi_inserttext_head(&feed->text, target->into, &target->shape,
		                   feed->job->stream->torn);
		feed->head_len = feed->text.len;
	}
	before = feed->text.len;
	if (feed->rows_in_text > 0)
		mi_buf_add_char(&feed->text, ',');
	if (!mi_inserttext_row(&target->plan, values, &feed->text))
		return mi_fail(err, MI_DATA, "bad stream: a number's field holds something else");
	if (feed->rows_in_text > 0 && feed->text.len > wanted_statement(feed->job->rows) &&
	    send_insert(feed, before, err) != 0)
		return -1;
	feed->rows_in_text++;
	return mi_send_check_length(feed, feed->text.len, err);
}

int mi_send_insert(struct mi_feed *feed, struct mi_err *err)
{
	while (feed->next_frame < feed->job->frame_count)
		if (mi_feed_frame(feed, err) != 0)
			return -1;
	return feed->rows_in_text > 0 ? send_insert(feed, feed->text.len, err) : 0;
}
