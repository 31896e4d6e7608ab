/* The checks for privileges, which are found out by trying. Statements that would change something
 * name a table that is not there: both flavours look at privileges first, so the error "no such
 * table" means that the privilege is there. Names that begin with _mi_ are reserved, so no other
 * table is meant. */
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "follow/binlog.h"
#include "follow/link.h"
#include "sql/literal.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- The binary log ---- */

static int take_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	(void)event;
	(void)err;
	*(bool *)user = true;
	return 0;
}

enum { EVENT_WAIT_MS = 10000, EVENT_WAIT_STEP_MS = 500 };

static int wait_for_event(struct mi_src_binlog *binlog, const bool *seen, struct mi_err *err)
{
	for (int waited = 0; waited < EVENT_WAIT_MS && !*seen; waited += EVENT_WAIT_STEP_MS)
		switch (mi_src_binlog_next(binlog, EVENT_WAIT_STEP_MS, false, err)) {
		case MI_LINK_EVENT:
		case MI_LINK_NOTHING:
			break;
		case MI_LINK_STOPPED:
		case MI_LINK_LOST:
		case MI_LINK_REFUSED:
			return -1;
		}
	return *seen ? 0 : mi_fail(err, MI_AGAIN, "no event within %d s", EVENT_WAIT_MS / 1000);
}

/* Reads the binary log as mi-binlog will, from the present position up to the first event. */
static int read_one_event(const struct mi_conn *conn, struct mi_err *err)
{
	bool seen = false;
	struct mi_src_binlog_options options = {.source = conn->options, .heartbeat_seconds = 5};
	struct mi_src_binlog *binlog = NULL;
	struct mi_gtid_set *now = NULL;
	int ret = -1;

	if (mi_src_binlog_open(&binlog, &options, take_event, &seen, err) == 0 &&
	    mi_src_binlog_executed(binlog, &now, err) == 0 &&
	    mi_src_binlog_start(binlog, now, err) == 0)
		ret = wait_for_event(binlog, &seen, err);
	mi_src_binlog_close(binlog);
	mi_gtid_free(now);
	return ret;
}

int mi_check_stream(struct mi_check_at *at, struct mi_err *err)
{
	bool source = at->side == MI_CHECK_SOURCE;

	if (read_one_event(at->server->conn, err) == 0) {
		mi_check_ok(at, "the binary log can be read%s", source ? "" : ", for the way back");
		return 0;
	}
	if (err->code == MI_UNAVAILABLE)
		return -1;
	mi_check_say(at, source ? MI_CHECK_BLOCK : MI_CHECK_WARN,
	             err->code == MI_DENIED
	                 ? "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO the account"
	                 : (err->hint[0] ? err->hint : NULL),
	             "the binary log cannot be read%s: %s",
	             source ? "" : ", so that there is no way back", err->text);
	return 0;
}

/* ---- Reading ---- */

enum { TABLES_AT_ONCE = 50 };

static void add_reading(struct mi_buf *sql, const struct mi_tables *tables, size_t from)
{
	size_t to = tables->count - from > TABLES_AT_ONCE ? from + TABLES_AT_ONCE : tables->count;

	mi_buf_reset(sql);
	for (size_t i = from; i < to; i++) {
		mi_buf_add_str(sql, i > from ? " UNION ALL (SELECT 1 FROM " : "(SELECT 1 FROM ");
		mi_sql_name(sql, tables->items[i]->db, tables->items[i]->name);
		mi_buf_add_str(sql, " LIMIT 0)");
	}
}

int mi_check_read(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_tables *tables = &at->run->tables;
	struct mi_buf sql = {0};
	struct mi_tried tried;
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	for (size_t i = 0; ret == 0 && i < tables->count; i += TABLES_AT_ONCE) {
		add_reading(&sql, tables, i);
		ret = mi_check_try(at->server->conn, mi_buf_cstr(&sql), &tried, err);
		if (ret == 0 && !tried.allowed) {
			mi_check_block(at, "GRANT SELECT ON the database to the account", "%s",
			               tried.why);
			goto out;
		}
	}
	if (ret == 0)
		mi_check_ok(at, "every table can be read");
out:
	mi_buf_release(&sql);
	return ret;
}

/* ---- Statements about an absent table, in each database ---- */

struct mi_attempt {
	const char *privilege;
	const char *sql; /* @ stands for `db`.`_mi_absent`, # for another absent table */
};

static const struct mi_attempt write_attempts[] = {
    {"INSERT", "INSERT INTO @ VALUES (1)"},
    {"UPDATE", "UPDATE @ SET a = 1 WHERE 1 = 0"},
    {"DELETE", "DELETE FROM @ WHERE 1 = 0"},
    {NULL, NULL},
};
static const struct mi_attempt keeping_attempts[] = {
    {"CREATE", "CREATE TABLE @ LIKE #"},
    {"DROP", "DROP TABLE @"},
    {NULL, NULL},
};
static const struct mi_attempt making_attempts[] = {
    {"CREATE", "CREATE TABLE @ LIKE #"},
    {"DROP", "DROP TABLE @"},
    {"ALTER", "ALTER TABLE @ COMMENT ''"},
    {"INDEX", "CREATE INDEX i ON @ (a)"},
    {"REFERENCES", "ALTER TABLE @ ADD FOREIGN KEY (a) REFERENCES # (a)"},
    {"CREATE VIEW", "CREATE VIEW @ AS SELECT 1 FROM #"},
    {NULL, NULL},
};
static const struct mi_attempt lock_attempts[] = {
    {"LOCK TABLES", "LOCK TABLES @ READ"},
    {NULL, NULL},
};

static void fill_in(struct mi_buf *sql, const char *pattern, const char *db)
{
	mi_buf_reset(sql);
	for (const char *c = pattern; *c; c++) {
		if (*c == '@')
			mi_sql_name(sql, db, "_mi_absent");
		else if (*c == '#')
			mi_sql_name(sql, db, "_mi_absent_too");
		else
			mi_buf_add_char(sql, *c);
	}
}

/* What the attempts have shown to be missing: the privileges to grant, and the first server's
 * message. */
struct missing {
	struct mi_buf grants; /* "GRANT A, B ON `x`.* TO 'u'@'h'; ..." */
	char why[300];
	char account[300]; /* quoted, once known */
};

static void missing_release(struct missing *missing)
{
	mi_buf_release(&missing->grants);
}

/* CURRENT_USER() is user@host with no quotes; the host part has no @. */
static int read_account(struct mi_conn *conn, struct missing *missing, struct mi_err *err)
{
	struct mi_buf user = {0}, text = {0};
	int ret = mi_conn_value(conn, err, "SELECT CURRENT_USER()", &user, NULL);
	const char *name = mi_buf_cstr(&user), *host = strrchr(name, '@');

	if (ret == 0 && host) {
		mi_sql_string_span(&text, mi_span(name, (size_t)(host - name)));
		mi_buf_add_char(&text, '@');
		mi_sql_string(&text, host + 1);
		(void)snprintf(missing->account, sizeof missing->account, "%s", mi_buf_cstr(&text));
	}
	mi_buf_release(&user);
	mi_buf_release(&text);
	return ret;
}

static int try_in_database(struct mi_conn *conn, const struct mi_attempt *attempts, const char *db,
                           struct missing *missing, struct mi_err *err)
{
	struct mi_buf sql = {0}, list = {0};
	struct mi_tried tried;
	int ret = 0;

	for (; ret == 0 && attempts->sql; attempts++) {
		fill_in(&sql, attempts->sql, db);
		ret = mi_check_try(conn, mi_buf_cstr(&sql), &tried, err);
		if (ret != 0 || tried.allowed)
			continue;
		mi_buf_addf(&list, "%s%s", list.len ? ", " : "", attempts->privilege);
		if (!missing->why[0])
			(void)snprintf(missing->why, sizeof missing->why, "%s", tried.why);
	}
	if (ret == 0 && list.len && !missing->account[0])
		ret = read_account(conn, missing, err);
	if (ret == 0 && list.len) {
		mi_buf_addf(&missing->grants, "%sGRANT %s ON ", missing->grants.len ? "; " : "",
		            mi_buf_cstr(&list));
		mi_check_grant_pattern(&missing->grants, db);
		mi_buf_addf(&missing->grants, ".* TO %s", missing->account);
	}
	mi_buf_release(&sql);
	mi_buf_release(&list);
	return ret;
}

static int try_everywhere(struct mi_check_at *at, struct mi_conn *conn, bool target,
                          const struct mi_attempt *attempts, struct missing *missing,
                          struct mi_err *err)
{
	const struct mi_check_run *run = at->run;

	for (size_t i = 0; i < run->database_count; i++) {
		const char *db = run->databases[i];

		if (try_in_database(conn, attempts, target ? mi_map_db(&run->map, db) : db, missing,
		                    err) != 0)
			return -1;
	}
	return 0;
}

/* ---- Locks ---- */

int mi_check_lock(struct mi_check_at *at, struct mi_err *err)
{
	bool target = at->side == MI_CHECK_TARGET;
	struct mi_conn *conn = target ? at->server->conn : mi_check_writer(at->run)->conn;
	struct missing missing = {0};
	int ret = -1;

	if (mi_check_unread(at))
		return 0;
	if (try_everywhere(at, conn, target, lock_attempts, &missing, err) != 0 ||
	    mi_conn_exec(conn, err, "UNLOCK TABLES") != 0)
		goto out;
	if (missing.grants.len)
		mi_check_say(at, MI_CHECK_WARN, mi_buf_cstr(&missing.grants),
		             "%s: a switch %s this server cannot be fenced", missing.why,
		             target ? "back from" : "away from");
	else
		mi_check_ok(at, "tables can be locked, for the switch");
	ret = 0;
out:
	missing_release(&missing);
	return ret;
}

/* Can the copy show one exact moment? See mi-dump(1): without a lock it does unless writers leave
 * no quiet moment, and with LOCK TABLES always. Locking an absent table needs the same privilege,
 * and blocks nobody. */
int mi_check_snapshot(struct mi_check_at *at, struct mi_err *err)
{
	static const char fix[] = "GRANT LOCK TABLES on the databases to the account";
	struct mi_buf sql = {0};
	struct mi_tried lock = {.allowed = true};
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	if (at->run->tables.count) {
		fill_in(&sql, "LOCK TABLES @ READ", at->run->tables.items[0]->db);
		ret = mi_check_try(at->server->conn, mi_buf_cstr(&sql), &lock, err);
	}
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	if (lock.allowed)
		mi_check_ok(at, "a lock of milliseconds makes the snapshot exact where it does not "
		                "prove itself exact without");
	else if (mi_check_hidden_cascades(at))
		mi_check_block(
		    at, fix,
		    "LOCK TABLES is denied: where writers leave no quiet moment, tables whose "
		    "foreign keys cascade are refused by mi-dump");
	else
		mi_check_warn(
		    at, fix,
		    "LOCK TABLES is denied: where writers leave no quiet moment, the copy may show "
		    "several moments, and is exact once the changes up to the last of them are "
		    "applied");
	return 0;
}

/* ---- Writing ---- */

/* A column that statements may give values to; NULL: all are generated. */
static const struct mi_column *written_column(const struct mi_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].generated == MI_NOT_GENERATED)
			return &table->columns[i];
	return NULL;
}

/* " (`a`, `b`) SELECT NULL, NULL": every column that statements may give values to, because MariaDB
 * refuses, even for no rows, to leave one out that has no default. */
static void add_inserting(struct mi_buf *sql, const struct mi_table *table)
{
	struct mi_buf values = {0};

	mi_buf_add_str(sql, " (");
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].generated != MI_NOT_GENERATED)
			continue;
		mi_buf_add_str(sql, values.len ? ", " : "");
		mi_sql_ident(sql, table->columns[i].name);
		mi_buf_add_str(&values, values.len ? ", NULL" : "NULL");
	}
	mi_buf_addf(sql, ") SELECT %s FROM DUAL", mi_buf_cstr(&values));
	mi_buf_release(&values);
}

/* A statement that writes to the table without changing it: verb 0 DELETE, 1 UPDATE, 2 INSERT,
 * which needs a column that is not generated. */
static void add_writing(struct mi_buf *sql, const struct mi_table *table, int verb)
{
	const struct mi_column *column = written_column(table);

	mi_buf_reset(sql);
	mi_buf_add_str(sql, verb == 0 ? "DELETE FROM " : verb == 1 ? "UPDATE " : "INSERT INTO ");
	mi_sql_name(sql, table->db, table->name);
	if (verb == 1) {
		mi_buf_add_str(sql, " SET ");
		mi_sql_ident(sql, column ? column->name : table->columns->name);
		mi_buf_add_str(sql, " = ");
		if (column)
			mi_sql_ident(sql, column->name);
		else
			mi_buf_add_str(sql, "DEFAULT");
	} else if (verb == 2) {
		add_inserting(sql, table);
	}
	mi_buf_add_str(sql, " WHERE 1 = 0");
}

static int write_each(struct mi_check_at *at, struct mi_conn *conn, bool all,
                      struct mi_tried *tried, struct mi_err *err)
{
	const struct mi_tables *tables = &at->run->tables;
	size_t count = all || !tables->count ? tables->count : 1;
	struct mi_buf sql = {0};
	int ret = 0;

	tried->allowed = true;
	for (size_t i = 0; ret == 0 && tried->allowed && i < count; i++) {
		int verbs = written_column(tables->items[i]) ? 3 : 2;

		for (int verb = 0; ret == 0 && tried->allowed && verb < verbs; verb++) {
			add_writing(&sql, tables->items[i], verb);
			ret = mi_check_try(conn, mi_buf_cstr(&sql), tried, err);
		}
	}
	mi_buf_release(&sql);
	return ret;
}

/* Tries statements that change no row of imported tables, which also shows whether the server is
 * read-only. all: each table is tried, because privileges are not granted for whole databases. */
static int begin_write(struct mi_check_at *at, struct mi_conn *conn, bool all,
                       struct mi_tried *tried, struct mi_err *err)
{
	int ret = -1;

	if (mi_conn_exec(conn, err, "SET SESSION lock_wait_timeout = 1") == 0 &&
	    mi_conn_exec(conn, err, "START TRANSACTION") == 0)
		ret = write_each(at, conn, all, tried, err);
	return mi_conn_exec(conn, err, "ROLLBACK") == 0 ? ret : -1;
}

static int write_back(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_conn *conn = mi_check_writer(at->run)->conn;
	struct missing missing = {0}, keeping = {0};
	struct mi_tried tried = {.allowed = true};
	int ret = -1;

	if (try_everywhere(at, conn, false, write_attempts, &missing, err) != 0 ||
	    try_everywhere(at, conn, false, keeping_attempts, &keeping, err) != 0 ||
	    begin_write(at, conn, missing.grants.len > 0, &tried, err) != 0)
		goto out;
	if (!tried.allowed)
		mi_check_warn(at, missing.grants.len ? mi_buf_cstr(&missing.grants) : NULL,
		              "%s: the import is one-way, with no switching back", tried.why);
	else if (keeping.grants.len)
		mi_check_warn(at, mi_buf_cstr(&keeping.grants),
		              "%s: no bookkeeping on this side, so that the import is one-way",
		              keeping.why);
	else
		mi_check_ok(at, "changes can be written back");
	ret = 0;
out:
	missing_release(&missing);
	missing_release(&keeping);
	return ret;
}

/* Every attempt on every database of the target: what is missing blocks. */
static int judge(struct mi_check_at *at, const struct mi_attempt *attempts, const char *ok_text,
                 struct mi_err *err)
{
	struct missing missing = {0};
	int ret = try_everywhere(at, at->server->conn, true, attempts, &missing, err);

	if (ret == 0 && missing.grants.len)
		mi_check_block(at, mi_buf_cstr(&missing.grants), "%s", missing.why);
	else if (ret == 0)
		mi_check_ok(at, "%s", ok_text);
	missing_release(&missing);
	return ret;
}

int mi_check_write(struct mi_check_at *at, struct mi_err *err)
{
	if (mi_check_unread(at))
		return 0;
	if (at->side == MI_CHECK_SOURCE)
		return write_back(at, err);
	return judge(at, write_attempts, "rows can be written", err);
}

int mi_check_create(struct mi_check_at *at, struct mi_err *err)
{
	if (mi_check_unread(at))
		return 0;
	return judge(at, making_attempts, "tables, keys and views can be made", err);
}
