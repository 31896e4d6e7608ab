
#include "apply/begin.h"
#include "apply/apply.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/notify.h"
#include "apply/past.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "base/savefile.h"
#include "bookkeeping/checkpoint.h"
#include "bookkeeping/load.h"
#include "bookkeeping/position.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "gtid/gtid.h"
#include "server/link.h"
#include "server/name.h"
#include "sql/literal.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { LONGEST_SET = 16 << 20, SAVE_MS = 100, SAVE_SHARE = 10 };

int mi_follower_set_option(const char *what, const char *text, struct mi_gtid_set **set,
                           struct mi_err *err)
{
	struct mi_buf file = {0};
	int ret = 0;

	if (*text == '@')
		ret = mi_read_file(text + 1, LONGEST_SET, &file, err);
	else
		mi_buf_add_str(&file, text);
	if (ret == 0)
		ret = mi_gtid_parse(mi_buf_span(&file), set, err);
	mi_buf_release(&file);
	return ret == 0 ? 0 : mi_within(err, "--%s", what);
}

/* ---- The checkpoint file ---- */

int mi_follower_save(struct mi_follower *f, bool now, struct mi_err *err)
{
	uint64_t start = mi_now_ms();
	struct mi_buf text = {0};
	int ret;

	if (!f->options->checkpoint || !f->file_is_old)
		return 0;
	if (!now &&
	    (start - f->saved_ms < SAVE_MS || start - f->saved_ms < SAVE_SHARE * f->save_cost_ms))
		return 0;
	mi_gtid_print(f->position.set, &text);
	mi_buf_add_char(&text, '\n');
	ret = mi_save_file(f->options->checkpoint, mi_buf_span(&text), 0644, err);
	mi_buf_release(&text);
	f->saved_ms = mi_now_ms();
	f->save_cost_ms = f->saved_ms - start;
	f->file_is_old = ret != 0;
	return ret == 0 ? 0 : mi_within(err, "the checkpoint file");
}

/* A checkpoint row that is missing while its file exists was lost in a restore or a failover: a
 * person must decide where to go on. */
static int refuse_lost_row(const struct mi_follower *f, struct mi_err *err)
{
	struct stat st;

	if (!f->options->checkpoint || stat(f->options->checkpoint, &st) != 0 || st.st_size == 0)
		return 0;
	(void)mi_fail(err, MI_CONFIG, "there is no checkpoint of %s on the target, but a file %s",
	              f->state.flow, f->options->checkpoint);
	return mi_hint(err,
	               "the target has lost the row: was it restored, or is it another server? "
	               "Copy again, or remove the file to begin with --start");
}

/* ---- The checkpoint row ---- */

static int make_row(struct mi_follower *f, const struct mi_bundle *header, struct mi_err *err)
{
	struct mi_gtid_set *start;
	struct mi_buf text = {0};
	int ret = -1;

	if (refuse_lost_row(f, err) != 0 ||
	    mi_follower_set_option("start", f->options->start, &start, err) != 0)
		return -1;
	mi_gtid_print(start, &text);
	mi_gtid_free(start);
	if (mi_state_create(&f->state, &f->link.conn, err) == 0 &&
	    mi_checkpoint_write(&f->state, &f->link.conn, mi_buf_cstr(&text), "", header->server,
	                        err) == 0) {
		mi_notice("%s begins at '%s'", f->state.flow, mi_buf_cstr(&text));
		ret = 0;
	}
	mi_buf_release(&text);
	return ret;
}

struct beginning {
	struct mi_follower *f;
	const struct mi_bundle *header;
	const char *flow;
};

/* Finds the flow's row, or makes it where --start says so. */
static int find_state(void *user, struct mi_link *link, struct mi_err *err)
{
	struct beginning *b = user;
	const struct mi_apply_options *o = b->f->options;
	char *db = NULL;

	mi_state_release(&b->f->state);
	if (mi_position_find(&link->conn, o->state_db, b->flow, &db, err) != 0)
		return -1;
	if (db) {
		mi_state_init_flow(&b->f->state, db, b->flow);
		free(db);
		return 0;
	}
	if (o->start) {
		const char *make = o->state_db ? o->state_db : o->conn->database;

		if (!make)
			return mi_fail(err, MI_USAGE,
			               "--start makes a checkpoint: say in which database with "
			               "--state-db");
		mi_state_init_flow(&b->f->state, make, b->flow);
		b->f->state.no_binlog = o->no_binlog;
		return make_row(b->f, b->header, err);
	}
	(void)mi_fail(err, MI_CONFIG, "%s has no checkpoint of %s", mi_conn_name(&link->conn),
	              b->flow);
	return mi_hint(err,
	               "mi-load writes it when all rows are there (is --import right?); or say "
	               "where to begin with --start");
}

static int check_source(struct mi_follower *f, const struct mi_bundle *header, struct mi_err *err)
{
	struct mi_position *position = &f->position;

	if (strcmp(position->source, header->server) == 0 || !*position->source)
		return 0;
	if (f->options->accept_source) {
		mi_notice("the source is %s from now on, and was %s", header->server,
		          position->source);
		return 0;
	}
	(void)mi_fail(err, MI_CONFIG,
	              "the checkpoint of %s belongs to source %s, and the stream comes from %s",
	              f->state.flow, position->source, header->server);
	return mi_hint(err, "a promoted replica that has all of the old source's transactions can "
	                    "be accepted with --accept-source");
}

/* The stream must begin where the row ends, or before; else transactions would be missing. */
static int check_since(struct mi_follower *f, const char *text, struct mi_err *err)
{
	struct mi_gtid_set *since;
	bool good;

	if (mi_gtid_parse(mi_span_str(text), &since, err) != 0) {
		err->code = MI_DATA;
		return mi_within(err, "bad stream: its since-set");
	}
	good = mi_gtid_contains(f->position.set, since);
	if (good) {
		mi_gtid_free(f->seen);
		f->seen = since;
		return 0;
	}
	mi_gtid_free(since);
	f->file_is_old = true;
	if (mi_follower_save(f, true, err) != 0)
		return -1;
	(void)mi_fail(err, MI_AGAIN, "the stream begins after transactions that %s has not had",
	              f->state.flow);
	return mi_hint(err, f->options->checkpoint
	                        ? "the checkpoint file has been written anew from the target: run "
	                          "the pipe again"
	                        : "begin the stream at the checkpoint on the target");
}

/* Records another source in the row. */
static int record_source(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct mi_bundle *const *header = user;
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};
	struct mi_buf *sql = mi_sender_text(&f->sender);

	mi_buf_addf(sql, "UPDATE %s SET source=", f->state.checkpoint);
	mi_sql_string(sql, (*header)->server);
	mi_buf_add_str(sql, " WHERE flow=");
	mi_sql_string(sql, f->state.flow);
	mi_buf_add_str(sql, " AND sid=''");
	return mi_sender_end(&f->sender, &nothing, err);
}

static int claim(struct mi_follower *f, const struct mi_bundle *header, struct mi_err *err)
{
	const struct mi_work nothing = {0};
	const struct mi_work source = {.body = record_source, .user = &header};

	/* the first transaction claims the row; a second one may change it under the fence */
	if (mi_follower_commit(f, &nothing, err) != 0 || check_source(f, header, err) != 0)
		return -1;
	if (strcmp(f->position.source, header->server) == 0)
		return 0;
	if (mi_follower_commit(f, &source, err) != 0)
		return -1;
	free(f->position.source);
	f->position.source = mi_strdup(header->server);
	return 0;
}

static int first_header(struct mi_follower *f, const struct mi_bundle *header, struct mi_err *err)
{
	const struct mi_apply_options *o = f->options;
	const char *import = o->import            ? o->import
	                     : *header->import_id ? header->import_id
	                                          : MI_DEFAULT_IMPORT;
	struct mi_buf flow = {0};
	struct beginning b = {.f = f, .header = header};
	int ret;

	if (o->flow)
		mi_buf_add_str(&flow, o->flow);
	else
		mi_buf_addf(&flow, "%s/forward", import);
	b.flow = mi_buf_cstr(&flow);
	ret = mi_link_run(&f->link, find_state, &b, err);
	mi_buf_release(&flow);
	if (ret != 0)
		return -1;
	mi_position_init(&f->position, &f->state);
	f->position.wanted = o->epoch;
	f->has_begun = true;
	if (claim(f, header, err) != 0)
		return -1;
	f->file_is_old = true;
	return 0;
}

int mi_follower_header(struct mi_follower *f, const struct mi_bundle *header, struct mi_err *err)
{
	mi_compact_reset(&f->compact);
	mi_shapes_release(&f->shapes);
	if (!f->has_begun) {
		if (first_header(f, header, err) != 0)
			return -1;
	} else if (check_source(f, header, err) != 0) {
		return -1;
	}
	if (check_since(f, header->since, err) != 0)
		return -1;
	f->of_mariadb = f->shapes.of_mariadb = strcmp(header->flavour, "mariadb") == 0;
	if (mi_past_begin(f, err) != 0)
		return -1;
	mi_notify_begin(f->notify, f->state.flow, f->state.db, f->position.epoch, f->position.set);
	return mi_follower_save(f, true, err);
}
