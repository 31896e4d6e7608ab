#include "follow/query.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/query.h"
#include "server/conn.h"
#include "follow/binlog.h"
#include "follow/catalog.h"
#include "follow/state.h"
#include "follow/trx.h"
#include "sql/logged.h"
#include "stream/parse.h"
#include "stream/write.h"

#include <stdio.h>

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

/* The name of a collation, or of its character set (column), by its number in the log. */
static int name_collation(struct mi_follow *f, unsigned id, const char *column, struct mi_buf *name,
                          struct mi_err *err)
{
	struct mi_conn *conn = mi_src_binlog_control(f->binlog);
	/* MariaDB's newer collations belong to many character sets, and have a number for each */
	bool many = conn->flavour == MI_FLAVOUR_MARIADB && conn->version >= 101001;
	char sql[160];

	(void)snprintf(sql, sizeof sql, "SELECT %s%s FROM information_schema.%s WHERE ID = %u",
	               many && strcmp(column, "COLLATION_NAME") == 0 ? "FULL_" : "", column,
	               many ? "COLLATION_CHARACTER_SET_APPLICABILITY" : "COLLATIONS", id);
	return mi_conn_value(conn, err, sql, name, NULL);
}

/* A statement and its context, each text with a NUL behind it. */
struct statement_texts {
	struct mi_buf db, text, sql_mode, charset, collation;
};

static void release_texts(struct statement_texts *t)
{
	mi_buf_release(&t->db);
	mi_buf_release(&t->text);
	mi_buf_release(&t->sql_mode);
	mi_buf_release(&t->charset);
	mi_buf_release(&t->collation);
}

static int fill_texts(struct mi_follow *f, const struct mi_event_query *query,
                      struct statement_texts *t, struct mi_err *err)
{
	bool mariadb = mi_src_binlog_control(f->binlog)->flavour == MI_FLAVOUR_MARIADB;

	mi_buf_add_span(&t->db, query->db);
	mi_buf_add_span(&t->text, query->text);
	if (query->has_sql_mode)
		mi_sql_mode_print(query->sql_mode, mariadb, &t->sql_mode);
	if (!query->has_charset)
		return 0;
	if (name_collation(f, query->client, "CHARACTER_SET_NAME", &t->charset, err) != 0 ||
	    name_collation(f, query->connection, "COLLATION_NAME", &t->collation, err) != 0)
		return -1;
	return 0;
}

static int write_statement(struct mi_follow *f, const struct mi_event_query *query,
                           const struct mi_logged *statement, struct mi_err *err)
{
	struct statement_texts t = {0};
	int ret = -1;

	if (memchr(query->text.data, '\0', query->text.len))
		return mi_fail(err, MI_DATA, "a statement with a NUL byte in it");
	if (fill_texts(f, query, &t, err) == 0 && mi_follow_begin(f, err) == 0) {
		struct mi_ddl ddl = {.section = "post",
		                     .kind = statement->object,
		                     .db = mi_buf_cstr(&t.db),
		                     .object = "",
		                     .name = "",
		                     .sql_mode = mi_buf_cstr(&t.sql_mode),
		                     .charset = mi_buf_cstr(&t.charset),
		                     .collation = mi_buf_cstr(&t.collation),
		                     .text = mi_buf_cstr(&t.text)};

		ret = mi_record_statement(f->events, &ddl, err);
	}
	release_texts(&t);
	return ret;
}

static int on_definition(struct mi_follow *f, const struct mi_event_query *query,
                         const struct mi_logged *statement, struct mi_err *err)
{
	if (statement->bookkeeping || !concerns_us(f, query))
		return 0;
	if (mi_catalog_changed(f->catalog, &f->now.gtid, statement, query->text, err) != 0)
		return -1;
	return write_statement(f, query, statement, err);
}

static int on_change(struct mi_follow *f, const struct mi_event_query *query, struct mi_err *err)
{
	if (!concerns_us(f, query))
		return 0;
	(void)mi_fail(err, MI_DATA, "a change that was logged as a statement: %.*s%s",
	              (int)(query->text.len < 200 ? query->text.len : 200), query->text.data,
	              query->text.len > 200 ? "..." : "");
	return mi_hint(err, "its effect cannot be known exactly: set binlog_format=ROW for all "
	                    "sessions of the source, and copy the tables anew");
}

/* A log holds a part that was rolled back only when some of its changes could not be: those of
 * tables without transactions. */
static int refuse_undone(struct mi_follow *f, const char *what, struct mi_err *err)
{
	if (!f->now.written)
		return 0;
	(void)mi_fail(err, MI_DATA, "%s after changes of imported tables", what);
	return mi_hint(err, "tables with and without transactions were changed together: which of "
	                    "the changes stayed cannot be known");
}

static int on_xa_decision(struct mi_follow *f, enum mi_xa_step step, struct mi_span xid,
                          struct mi_err *err)
{
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
	case MI_LOGGED_BEGIN:
		now->compound = true;
		return 0;
	case MI_LOGGED_COMMIT:
		now->compound = false;
		return 0;
	case MI_LOGGED_ROLLBACK:
		now->compound = false;
		return refuse_undone(f, "ROLLBACK", err);
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
	mi_logged_read(query.text, 0, &statement);
	if (on_statement(f, &query, &statement, err) != 0)
		return -1;
	return f->now.compound ? 0 : mi_follow_end(f, err);
}
