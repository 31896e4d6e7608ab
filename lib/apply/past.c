#include "apply/past.h"
#include "apply/begin.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/group.h"
#include "apply/sender.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/savefile.h"
#include "bookkeeping/load.h"
#include "change/bundle.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/link.h"
#include "sql/literal.h"
#include "table/dbmap.h"

#include <stdlib.h>

enum { LONGEST_WHAT = 4000 };

int mi_past_options(struct mi_follower *f, struct mi_err *err)
{
	const struct mi_apply_options *o = f->options;
	const char *at = o->on_ddl_at ? strchr(o->on_ddl_at, '@') + 1 : NULL;

	if (at && mi_gtid_parse(mi_span_str(at), &f->ddl_at, err) != 0)
		return mi_within(err, "--on-ddl-at");
	if (o->past && mi_gtid_parse(mi_span_str(o->past), &f->past.set, err) != 0)
		return mi_within(err, "--past");
	if (f->past.set && mi_gtid_is_empty(f->past.set))
		return mi_fail(err, MI_USAGE, "--past is empty");
	return 0;
}

void mi_past_release(struct mi_follower *f)
{
	mi_gtid_free(f->past.set);
	mi_gtid_free(f->ddl_at);
	mi_buf_release(&f->past.what);
}

/* ---- The list ---- */

/* Adds a line of the list, in which control characters would begin another. */
static void add_line(MYSQL_ROW row, struct mi_buf *text)
{
	size_t start = text->len;

	mi_buf_addf(text, "%s %s %s", row[0], row[1], row[2]);
	for (size_t i = start; i < text->len; i++)
		if ((unsigned char)text->data[i] < ' ')
			text->data[i] = ' ';
	mi_buf_add_char(text, '\n');
}

static int read_list(void *user, struct mi_link *link, struct mi_err *err)
{
	struct mi_follower *f = user;
	struct mi_buf sql = {0}, text = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql,
	            "SELECT DATE_FORMAT(passed_at,'%%Y-%%m-%%dT%%H:%%i:%%sZ'),gtid,what FROM %s "
	            "WHERE flow=",
	            f->state.past);
	mi_sql_string(&sql, f->state.flow);
	mi_buf_add_str(&sql, " ORDER BY n");
	ret = mi_conn_query(&link->conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		add_line(row, &text);
	mysql_free_result(result);
	ret = mi_save_file(f->options->passed, mi_buf_span(&text), 0644, err);
	mi_buf_release(&text);
	return ret;
}

/* The transaction has been passed: writes the list's file. */
static int done(struct mi_follower *f, struct mi_err *err)
{
	mi_gtid_free(f->past.set);
	f->past.set = NULL;
	mi_buf_reset(&f->past.what);
	return f->options->passed ? mi_link_run(&f->link, read_list, f, err) : 0;
}

/* ---- The transaction ---- */

struct look {
	struct mi_follower *f;
	uint64_t found; /* rows of _mi_past with the transaction */
};

static int look_for_record(void *user, struct mi_link *link, struct mi_err *err)
{
	struct look *look = user;
	struct mi_follower *f = look->f;
	struct mi_buf sql = {0}, gtid = {0};
	int ret = mi_state_create(&f->state, &link->conn, err);

	mi_gtid_print(f->past.set, &gtid);
	mi_buf_addf(&sql, "SELECT COUNT(*) FROM %s WHERE flow=", f->state.past);
	mi_sql_string(&sql, f->state.flow);
	mi_buf_add_str(&sql, " AND gtid=");
	mi_sql_string_span(&sql, mi_buf_span(&gtid));
	if (ret == 0)
		ret = mi_conn_number(&link->conn, err, mi_buf_cstr(&sql), &look->found);
	mi_buf_release(&sql);
	mi_buf_release(&gtid);
	return ret;
}

int mi_past_begin(struct mi_follower *f, struct mi_err *err)
{
	struct look look = {.f = f};

	if (!f->past.set)
		return 0;
	if (mi_link_run(&f->link, look_for_record, &look, err) != 0)
		return -1;
	if (look.found > 0)
		return done(f, err);
	if (mi_gtid_contains(f->position.set, f->past.set))
		return mi_fail(err, MI_DATA, "--past=%s: it has been applied", f->options->past);
	return 0;
}

/* Adds a table's name or a statement to what is known of the transaction. */
static void add_what(struct mi_follower *f, const char *text)
{
	struct mi_buf *what = &f->past.what, all = {0}, one = {0};

	mi_buf_addf(&one, "; %.300s;", text);
	mi_buf_addf(&all, "; %s;", mi_buf_cstr(what));
	if (what->len < LONGEST_WHAT && !strstr(mi_buf_cstr(&all), mi_buf_cstr(&one)))
		mi_buf_addf(what, "%s%.300s", what->len ? "; " : "", text);
	mi_buf_release(&all);
	mi_buf_release(&one);
}

static void collect(struct mi_follower *f, const struct mi_trx *trx)
{
	const struct mi_table *last = NULL;
	struct mi_buf name = {0};

	for (const struct mi_op *op = trx->ops; op; op = op->next) {
		if (op->table == last)
			continue;
		last = op->table;
		mi_buf_reset(&name);
		mi_buf_addf(&name, "%s.%s", mi_map_db(&f->options->map, last->db), last->name);
		add_what(f, mi_buf_cstr(&name));
	}
	for (const struct mi_op_statement *s = trx->statements; s; s = s->next)
		add_what(f, s->ddl.text);
	if (trx->what)
		add_what(f, trx->what);
	mi_buf_release(&name);
}

static int write_record(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};
	struct mi_buf *sql = mi_sender_text(&f->sender), gtid = {0};

	(void)user;
	mi_gtid_print(f->past.set, &gtid);
	mi_buf_addf(sql, "INSERT INTO %s (flow,gtid,what) VALUES (", f->state.past);
	mi_sql_string(sql, f->state.flow);
	mi_buf_add_char(sql, ',');
	mi_sql_string_span(sql, mi_buf_span(&gtid));
	mi_buf_add_char(sql, ',');
	mi_sql_string_span(sql, mi_buf_span(&f->past.what));
	mi_buf_add_char(sql, ')');
	mi_buf_release(&gtid);
	return mi_sender_end(&f->sender, &nothing, err);
}

static int pass(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	const struct mi_work work = {.body = write_record, .touched = trx->gtids, .intent = ""};

	if (f->past.what.len == 0)
		add_what(f, "no table of the import");
	if (mi_follower_commit(f, &work, err) != 0)
		return -1;
	mi_follower_count(f, 1, 0, trx->commit_us);
	mi_warn("transaction %s is passed, and not applied: %s; compare what it changed on both "
	        "sides",
	        trx->gtid, mi_buf_cstr(&f->past.what));
	return done(f, err);
}

static int take_piece(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	if (trx->kind == MI_TRX_ABORT) {
		f->past.dropping = false;
		mi_buf_reset(&f->past.what);
		return 0;
	}
	collect(f, trx);
	f->past.dropping = trx->kind == MI_TRX_PIECE;
	return f->past.dropping ? 0 : pass(f, trx, err);
}

int mi_past_take(struct mi_follower *f, const struct mi_trx *trx, bool *taken, struct mi_err *err)
{
	bool others = trx->continued || trx->kind == MI_TRX_ABORT;

	*taken = true;
	if (f->past.dropping)
		return take_piece(f, trx, err);
	if (!others && mi_gtid_contains(f->position.set, trx->gtids) && trx->kind == MI_TRX_PAST)
		return 0;
	*taken = false;
	if (others || mi_gtid_contains(f->position.set, trx->gtids))
		return 0;
	if (!f->past.set && trx->kind == MI_TRX_PAST) {
		(void)mi_fail(err, MI_DATA,
		              "transaction %s: the stream has passed it undecoded, and --past does "
		              "not say so",
		              trx->gtid);
		return mi_hint(err, "make the stream anew, without mi-binlog's --past");
	}
	if (!f->past.set)
		return 0;
	if (!mi_gtid_equal(trx->gtids, f->past.set)) {
		(void)mi_fail(err, MI_DATA, "transaction %s comes next, and not --past=%s",
		              trx->gtid, f->options->past);
		return mi_hint(err, "only the transaction at which the flow has stopped can be "
		                    "passed");
	}
	*taken = true;
	return mi_group_commit(f, err) == 0 ? take_piece(f, trx, err) : -1;
}

void mi_past_end(const struct mi_follower *f)
{
	if (f->past.set)
		mi_warn("the stream ended before transaction %s came", f->options->past);
}
