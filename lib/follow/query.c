#include "follow/query.h"
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
#include "sql/logged.h"
#include "stream/parse.h"
#include "stream/write.h"

#include <stdio.h>

enum { UTF8MB4_0900_AI_CI = 255 }; /* utf8mb4's default collation, as its number */

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
	struct mi_buf db, text;
	struct mi_buf settings[MI_DDL_SETTINGS];
};

static void release_texts(struct statement_texts *t)
{
	mi_buf_release(&t->db);
	mi_buf_release(&t->text);
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		mi_buf_release(&t->settings[i]);
}

/* SYSTEM is another time zone at every server: the source is asked. UTC is the tools' own. */
static int add_time_zone(struct mi_follow *f, struct mi_span zone, struct mi_buf *name,
                         struct mi_err *err)
{
	struct mi_conn *conn = mi_src_binlog_control(f->binlog);

	if (!mi_span_is(zone, "SYSTEM"))
		mi_buf_add_span(name, zone);
	else if (mi_conn_value(conn, err, "SELECT @@GLOBAL.system_time_zone", name, NULL) < 0)
		return -1;
	if (mi_span_is(mi_buf_span(name), "UTC") || mi_span_is(mi_buf_span(name), "+00:00"))
		mi_buf_reset(name);
	return 0;
}

/* explicit_defaults_for_timestamp, where it was off: the tools have it on. MariaDB before 10.8.4
 * has it as an option of the whole server. */
static int add_timestamps(struct mi_follow *f, const struct mi_event_query *query,
                          struct mi_buf *value, struct mi_err *err)
{
	struct mi_conn *conn = mi_src_binlog_control(f->binlog);
	bool on = !query->has_timestamps || query->timestamps;
	uint64_t global = 1;

	if (conn->flavour == MI_FLAVOUR_MARIADB && conn->version >= 100804)
		on = !query->has_options || (query->options & MI_QUERY_EXPLICIT_TIMESTAMPS);
	else if (conn->flavour == MI_FLAVOUR_MARIADB &&
	         mi_conn_number(conn, err, "SELECT @@GLOBAL.explicit_defaults_for_timestamp",
	                        &global) != 0)
		return -1;
	if (!on || global == 0)
		mi_buf_add_char(value, '0');
	return 0;
}

static int add_collations(struct mi_follow *f, const struct mi_event_query *query,
                          const struct mi_logged *statement, struct mi_buf *settings,
                          struct mi_err *err)
{
	bool database = strcmp(statement->object, "database") == 0;

	if (query->has_charset && (name_collation(f, query->client, "CHARACTER_SET_NAME",
	                                          &settings[MI_SET_CLIENT], err) != 0 ||
	                           name_collation(f, query->connection, "COLLATION_NAME",
	                                          &settings[MI_SET_CONNECTION], err) != 0))
		return -1;
	if (query->has_charset && database &&
	    name_collation(f, query->server, "COLLATION_NAME", &settings[MI_SET_SERVER], err) != 0)
		return -1;
	if (query->utf8mb4 != 0 && query->utf8mb4 != UTF8MB4_0900_AI_CI)
		return name_collation(f, query->utf8mb4, "COLLATION_NAME",
		                      &settings[MI_SET_UTF8MB4], err);
	return 0;
}

static int fill_texts(struct mi_follow *f, const struct mi_event_query *query,
                      const struct mi_logged *statement, struct statement_texts *t,
                      struct mi_err *err)
{
	bool mariadb = mi_src_binlog_control(f->binlog)->flavour == MI_FLAVOUR_MARIADB;

	mi_buf_add_span(&t->db, query->db);
	mi_buf_add_span(&t->text, query->text);
	if (query->has_sql_mode)
		mi_sql_mode_print(query->sql_mode, mariadb, &t->settings[MI_SET_SQL_MODE]);
	if (add_collations(f, query, statement, t->settings, err) != 0 ||
	    add_timestamps(f, query, &t->settings[MI_SET_TIMESTAMPS], err) != 0)
		return -1;
	if (query->time_zone.len == 0)
		return 0;
	return add_time_zone(f, query->time_zone, &t->settings[MI_SET_TIME_ZONE], err);
}

static int write_statement(struct mi_follow *f, const struct mi_event_query *query,
                           const struct mi_logged *statement, struct mi_err *err)
{
	struct statement_texts t = {0};
	int ret = -1;

	if (memchr(query->text.data, '\0', query->text.len))
		return mi_fail(err, MI_DATA, "a statement with a NUL byte in it");
	if (fill_texts(f, query, statement, &t, err) == 0 && mi_follow_begin(f, err) == 0) {
		struct mi_ddl ddl = {.section = "post",
		                     .kind = statement->object,
		                     .db = mi_buf_cstr(&t.db),
		                     .object = "",
		                     .name = "",
		                     .text = mi_buf_cstr(&t.text)};

		for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
			if (t.settings[i].len > 0 || (i == MI_SET_SQL_MODE && query->has_sql_mode))
				ddl.settings[i] = mi_buf_cstr(&t.settings[i]);
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
	if (f->now.passing)
		return mi_follow_past_note(f, query->text);
	return write_statement(f, query, statement, err);
}

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
