#include "follow/query.h"
#include "follow/about.h"
#include "follow/context.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/query.h"
#include "server/conn.h"
#include "follow/binlog.h"
#include "follow/catalog.h"
#include "follow/past.h"
#include "follow/state.h"
#include "follow/trx.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "sql/logged.h"
#include "stream/parse.h"
#include "stream/write.h"

/* enum mi_lex_mode of the sql_mode that the statement ran under. */
static unsigned modes_of(struct mi_follow *f, const struct mi_event_query *query)
{
	bool mariadb = mi_src_binlog_control(f->binlog)->flavour == MI_FLAVOUR_MARIADB;
	struct mi_buf text = {0};
	unsigned modes;

	if (!query->has_sql_mode)
		return 0;
	mi_sql_mode_print(query->sql_mode, mariadb, &text);
	modes = mi_lex_modes(mi_buf_span(&text));
	mi_buf_release(&text);
	return modes;
}

/* May the statement be about a wanted database? By the databases that the event names as changed;
 * where it names none or not all, by the default database and the text. */
static bool concerns_us(struct mi_follow *f, const struct mi_event_query *query)
{
	struct mi_span rest = query->dbs, name;

	if (mi_catalog_wants_db(f->catalog, query->db))
		return true;
	if (query->db_count == 0 || query->many_dbs || query->unknown >= 0)
		return mi_catalog_may_be_named(f->catalog, query->text);
	while (mi_event_query_db(&rest, &name))
		if (mi_catalog_wants_db(f->catalog, name))
			return true;
	return false;
}

/* ---- Definitions ---- */

/* The modes that say what a quote is, and the character set of its bytes beyond ASCII. */
static int read_about(struct mi_follow *f, const struct mi_event_query *query,
                      struct mi_about *about, struct mi_err *err)
{
	struct mi_conn *control = mi_src_binlog_control(f->binlog);
	struct mi_definition definition = {
	    .text = query->text, .db = query->db, .modes = modes_of(f, query)};
	struct mi_buf charset = {0};
	int ret = 0;

	*about = (struct mi_about){0};
	if (query->has_charset && !mi_span_is_ascii(query->text))
		ret = mi_context_charset(control, query->client, &charset, err);
	if (mi_lex_charset(mi_buf_span(&charset)) != MI_LEX_UTF8)
		definition.charset = mi_buf_span(&charset);
	if (ret == 0)
		ret =
		    mi_about_read(about, &definition, f->catalog, f->options->filter, control, err);
	mi_buf_release(&charset);
	return ret;
}

/* What of it is to be run. */
static void choose_text(struct mi_follow *f, const struct mi_event_query *query,
                        const struct mi_about *about, struct mi_buf *text)
{
	if (about->name.len) {
		struct mi_buf db = about->db, name = about->name;

		mi_buf_add_str(text, "TRUNCATE TABLE ");
		mi_sql_name(text, mi_buf_cstr(&db), mi_buf_cstr(&name));
	} else if (about->what == MI_ABOUT_PART) {
		mi_buf_add_span(text, mi_buf_span(&about->part));
	} else {
		mi_buf_add_span(text, mi_logged_create(query->text, modes_of(f, query)));
	}
}

/* Why it cannot be run as it stands, in the words of mi-stream(5). */
static void choose_obstacle(const struct mi_event_query *query, const struct mi_about *about,
                            struct mi_buf *why)
{
	if (about->what == MI_ABOUT_UNKNOWN)
		mi_buf_add_str(why, "what it names cannot be known");
	else if (about->what == MI_ABOUT_MIXED)
		mi_buf_addf(why, "it names %.*s, which is not followed", (int)about->other.len,
		            about->other.data);
	else if (query->unknown >= 0)
		mi_buf_addf(why, "it ran under a setting that is not known (status variable %d)",
		            query->unknown);
}

static void add_settings(struct mi_context *context, struct mi_ddl *ddl)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		if (context->is_given[i])
			ddl->settings[i] = mi_buf_cstr(&context->values[i]);
}

/* TRUNCATE is written anew, and needs no context. */
static int read_context(struct mi_follow *f, const struct mi_event_query *query,
                        const struct mi_logged *statement, const struct mi_about *about,
                        struct mi_context *context, struct mi_err *err)
{
	bool database = strcmp(statement->object, "database") == 0;

	*context = (struct mi_context){0};
	return about->name.len ? 0
	                       : mi_context_read(context, query, database,
	                                         mi_src_binlog_control(f->binlog), err);
}

/* Moves the definitions forward by the statement as it was logged. */
static int move_definitions(struct mi_follow *f, const struct mi_event_query *query,
                            const struct mi_logged *statement, struct mi_context *context,
                            struct mi_err *err)
{
	struct mi_buf db = {0}, text = {0};
	struct mi_ddl ddl = {
	    .section = "post", .kind = statement->object, .object = "", .name = ""};
	int ret;

	mi_buf_add_span(&db, query->db);
	mi_buf_add_span(&text, query->text);
	ddl.db = mi_buf_cstr(&db);
	ddl.text = mi_buf_cstr(&text);
	add_settings(context, &ddl);
	ret = mi_catalog_changed(f->catalog, f->done, &f->now.gtid, &ddl, err);
	mi_buf_release(&db);
	mi_buf_release(&text);
	return ret;
}

static int write_statement(struct mi_follow *f, const struct mi_event_query *query,
                           const struct mi_logged *statement, const struct mi_about *about,
                           struct mi_context *context, struct mi_err *err)
{
	struct mi_buf db = {0}, text = {0}, why = {0};
	int ret = mi_follow_begin(f, err);

	mi_buf_add_span(&db, query->db);
	choose_text(f, query, about, &text);
	choose_obstacle(query, about, &why);
	if (ret == 0) {
		struct mi_ddl ddl = {.section = "post",
		                     .kind = statement->object,
		                     .db = mi_buf_cstr(&db),
		                     .object = "",
		                     .name = mi_buf_cstr(&why),
		                     .text = mi_buf_cstr(&text)};

		add_settings(context, &ddl);
		ret = mi_record_statement(f->events, &ddl, err);
	}
	mi_buf_release(&db);
	mi_buf_release(&text);
	mi_buf_release(&why);
	return ret;
}

static int take_definition(struct mi_follow *f, const struct mi_event_query *query,
                           const struct mi_logged *statement, const struct mi_about *about,
                           struct mi_err *err)
{
	struct mi_context context;
	int ret = read_context(f, query, statement, about, &context, err);

	if (ret == 0)
		ret = move_definitions(f, query, statement, &context, err);
	if (ret == 0)
		ret = f->now.passing ? mi_follow_past_note(f, query->text)
		                     : write_statement(f, query, statement, about, &context, err);
	mi_context_release(&context);
	return ret;
}

static bool is_ours(struct mi_follow *f, const struct mi_event_query *query,
                    const struct mi_about *about)
{
	return about->what == MI_ABOUT_UNKNOWN ? concerns_us(f, query)
	                                       : about->what != MI_ABOUT_OTHERS;
}

static int follow_definition(struct mi_follow *f, const struct mi_event_query *query,
                             const struct mi_logged *statement, const struct mi_about *about,
                             struct mi_err *err)
{
	if (memchr(query->text.data, '\0', query->text.len))
		return mi_fail(err, MI_DATA, "a statement with a NUL byte in it");
	if (f->now.written)
		return mi_fail(
		    err, MI_DATA, "a definition after changes of the same transaction: %.*s",
		    (int)(query->text.len < 200 ? query->text.len : 200), query->text.data);
	return take_definition(f, query, statement, about, err);
}

static int on_definition(struct mi_follow *f, const struct mi_event_query *query,
                         const struct mi_logged *statement, struct mi_err *err)
{
	struct mi_about about;
	int ret;

	if (statement->bookkeeping)
		return 0;
	ret = read_about(f, query, &about, err);
	if (ret == 0 && is_ours(f, query, &about))
		ret = follow_definition(f, query, statement, &about, err);
	mi_about_release(&about);
	return ret;
}

/* ---- Everything else ---- */

static int on_change(struct mi_follow *f, const struct mi_event_query *query, struct mi_err *err)
{
	if (!concerns_us(f, query))
		return 0;
	if (f->now.passing)
		return mi_follow_past_note(f, query->text);
	(void)mi_fail(err, MI_DATA, "a change that was logged as a statement: %.*s%s",
	              (int)(query->text.len < 200 ? query->text.len : 200), query->text.data,
	              query->text.len > 200 ? "..." : "");
	return mi_hint(err, "its effect cannot be known exactly: set binlog_format=ROW for all "
	                    "sessions of the source, and copy the tables anew");
}

/* A log holds a part that was rolled back when some of it could not be: changes of tables without
 * transactions, temporary tables that were made or dropped. */
static int refuse_undone(struct mi_follow *f, const char *what, struct mi_err *err)
{
	if (!f->now.written)
		return 0;
	(void)mi_fail(err, MI_DATA, "%s after changes of imported tables", what);
	return mi_hint(err, "tables with and without transactions were changed together: which of "
	                    "the changes stayed cannot be known");
}

/* A whole transaction was rolled back: so were the changes of its imported tables, if those have
 * transactions. */
static int on_rollback(struct mi_follow *f, struct mi_err *err)
{
	if (f->now.lasting)
		return refuse_undone(f, "ROLLBACK", err);
	return mi_follow_undo(f, err);
}

static int on_xa_decision(struct mi_follow *f, enum mi_xa_step step, struct mi_span xid,
                          struct mi_err *err)
{
	if (f->now.passing)
		return mi_follow_past_note(f, mi_span_str("a decision on an XA transaction"));
	if (f->now.written)
		return mi_fail(err, MI_DATA, "an XA decision inside a transaction");
	f->now.decided = true;
	if (mi_follow_begin(f, err) != 0)
		return -1;
	return mi_record_xa(f->events, step, xid, err);
}

static int on_statement(struct mi_follow *f, const struct mi_event_query *query,
                        const struct mi_logged *statement, struct mi_err *err)
{
	struct mi_follow_transaction *now = &f->now;

	switch (statement->kind) {
	case MI_LOGGED_XA_START:
		now->compound = now->xa = true;
		return 0;
	case MI_LOGGED_BEGIN:
		now->compound = true;
		return 0;
	case MI_LOGGED_COMMIT:
		now->compound = false;
		return 0;
	case MI_LOGGED_ROLLBACK:
		now->compound = false;
		return on_rollback(f, err);
	case MI_LOGGED_ROLLBACK_TO:
		return refuse_undone(f, "ROLLBACK TO SAVEPOINT", err);
	case MI_LOGGED_XA_COMMIT:
	case MI_LOGGED_XA_ROLLBACK:
		now->compound = false;
		return on_xa_decision(
		    f, statement->kind == MI_LOGGED_XA_COMMIT ? MI_XA_COMMIT : MI_XA_ROLLBACK,
		    statement->xid, err);
	case MI_LOGGED_DEFINITION:
		return on_definition(f, query, statement, err);
	case MI_LOGGED_CHANGE:
		return on_change(f, query, err);
	case MI_LOGGED_SAVEPOINT:
	case MI_LOGGED_XA_END:
	case MI_LOGGED_HARMLESS:
		return 0;
	}
	return mi_fail(err, MI_BUG, "a kind of statement without a rule");
}

int mi_follow_query(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	struct mi_logged statement;
	struct mi_event_query query;

	if (mi_event_query(event, &f->inflated, &query, err) != 0)
		return -1;
	if (!f->now.open)
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "a statement outside of a transaction");
	mi_logged_read(query.text, modes_of(f, &query), &statement);
	if (on_statement(f, &query, &statement, err) != 0)
		return -1;
	return f->now.compound ? 0 : mi_follow_end(f, err);
}
