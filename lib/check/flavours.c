/* The checks for differences in flavour, version and compiled-in or start-up limits of the two
 * servers. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "route/shared/baseline.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/name.h"
#include "server/open.h"
#include "table/dbmap.h"
#include "table/table.h"

/* Major and minor: servers of one series take each other's definitions and statements. */
static unsigned series(const struct mi_conn *conn)
{
	return conn->version / 100;
}

int mi_check_flavours(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_conn *source = at->run->source.conn, *target = at->run->target.conn;

	(void)err;
	if (source->flavour != target->flavour)
		mi_check_warn(
		    at, "run the application's tests against the target alone before the switch",
		    "%s and %s answer differently: VERSION(), by which drivers choose their "
		    "dialect (the router's greeting stays the source's); JSON, which MariaDB gives "
		    "as text; ORDER BY and = under collations that only one has; error numbers and "
		    "query plans",
		    mi_flavour_name(source->flavour), mi_flavour_name(target->flavour));
	else if (series(target) < series(source))
		mi_check_warn(at, "a target of the source's version, or a newer one",
		              "the target (%s) is older than the source (%s): statements that "
		              "work now may not",
		              target->version_text, source->version_text);
	else
		mi_check_ok(at, "the target is of the source's flavour, and not older");
	return 0;
}

int mi_check_database_names(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct mi_check_names names = {0};

	(void)err;
	if (mi_check_unread(at))
		return 0;
	for (size_t i = 0; i < run->database_count; i++)
		if (strcmp(mi_map_db(&run->map, run->databases[i]), run->databases[i]) != 0)
			mi_check_names_add(&names, run->databases[i], "");
	if (names.count)
		mi_check_warn(
		    at, "the same name on both, where that can be",
		    "another name on the target for %s: the router renames a session's database, "
		    "not what statements, views and programs name themselves",
		    mi_check_names_text(&names));
	else
		mi_check_ok(at, "databases have the same names on both");
	mi_check_names_release(&names);
	return 0;
}

/* How wide a row may be depends on innodb_page_size and innodb_strict_mode. */
int mi_check_row_size(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_server *source = &at->run->source, *target = &at->run->target;
	double a = mi_check_number(source, "innodb_page_size");
	double b = mi_check_number(target, "innodb_page_size");

	(void)err;
	if (a > 0 && b > 0 && b < a)
		mi_check_block(at, "make the target anew with the source's innodb_page_size",
		               "innodb_page_size is %.0f on the source, %.0f on the target: rows "
		               "and keys that fit there may not fit here",
		               a, b);
	else if (mi_check_var(source, "innodb_strict_mode") &&
	         !mi_check_on(source, "innodb_strict_mode") &&
	         mi_check_on(target, "innodb_strict_mode"))
		mi_check_warn(
		    at, "SET GLOBAL innodb_strict_mode = OFF on the target",
		    "innodb_strict_mode is OFF on the source, ON on the target: it may refuse the "
		    "application's CREATE and ALTER TABLE where rows can grow too wide (\"Row size "
		    "too large\"); the load makes such tables all the same");
	else
		mi_check_ok(at, "the target takes rows and keys as wide as the source's");
	return 0;
}

/* ---- Keys that the target insists on ---- */

static bool has_primary_key(const struct mi_table *table)
{
	for (size_t i = 0; i < table->key_count; i++)
		if (table->keys[i].kind == MI_KEY_PRIMARY)
			return true;
	return false;
}

int mi_check_primary_keys(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_tables *tables = &at->run->tables;
	bool primary = mi_check_on(&at->run->target, "sql_require_primary_key");
	bool any = mi_check_on(&at->run->target, "innodb_force_primary_key");
	struct mi_check_names names = {0};

	(void)err;
	if (mi_check_unread(at))
		return 0;
	for (size_t i = 0; i < tables->count; i++)
		if ((primary && !has_primary_key(tables->items[i])) ||
		    (any && tables->items[i]->row_key < 0))
			mi_check_names_add(&names, tables->items[i]->db, tables->items[i]->name);
	if (names.count)
		mi_check_block(at,
		               "ALTER TABLE ... ADD PRIMARY KEY, or set it to OFF on the target",
		               "the target's %s refuses tables without a primary key: %s",
		               primary ? "sql_require_primary_key" : "innodb_force_primary_key",
		               mi_check_names_text(&names));
	else
		mi_check_ok(at, "the target refuses no table for want of a primary key");
	mi_check_names_release(&names);
	return 0;
}

/* ---- The router's settings for sessions ---- */

enum { UTF8MB4_GENERAL = 45 }; /* id of utf8mb4_general_ci, with which many clients log in */

/* Tries the router's SET in a session of its own, which is closed afterwards. */
static int set_at(struct mi_check_at *at, const struct mi_conn *there,
                  const struct mi_route_baseline *baseline, bool *taken, struct mi_err *err)
{
	const struct mi_route_baseline_at where = {.baseline = baseline,
	                                           .mariadb = there->flavour == MI_FLAVOUR_MARIADB,
	                                           .version = there->version};
	struct mi_conn conn = {0};
	struct mi_buf sql = {0};
	int ret = 0;

	if (mi_conn_open(&conn, there->options, MI_ROLE_PLAIN, err) != 0)
		return -1;
	mi_route_baseline_sql(baseline, &where, UTF8MB4_GENERAL, &sql);
	*taken = mysql_real_query(conn.mysql, sql.data, sql.len) == 0;
	if (!*taken && (mi_conn_is_transient(mysql_errno(conn.mysql))))
		ret = mi_conn_fail(&conn, err, "the router's settings");
	else if (!*taken)
		mi_check_say(at, mi_check_follow_level(at),
		             "SET GLOBAL it on the source to what both servers know; load the "
		             "time zones into the target (mysql_tzinfo_to_sql)",
		             "the target does not take the settings of the source's sessions, "
		             "which the router gives to those there: %s (%u)",
		             mysql_error(conn.mysql), mysql_errno(conn.mysql));
	mi_buf_release(&sql);
	mi_conn_close(&conn);
	return ret;
}

int mi_check_router_settings(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_conn *source = mi_check_writer(at->run)->conn, *target = at->run->target.conn;
	struct mi_route_baseline *baseline = NULL;
	bool there = true;
	int ret = -1;

	if (mi_route_baseline_read(source, &baseline, err) == 0 &&
	    set_at(at, target, baseline, &there, err) == 0)
		ret = 0;
	if (ret == 0 && there)
		mi_check_ok(at, "the target takes the settings that the router gives to sessions");
	mi_route_baseline_free(baseline);
	return ret;
}
