/* The checks for differences between the two servers that show only after the switch. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "schema/collation.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* ---- Collations ---- */

struct words {
	char **items;
	size_t count;
};

static int read_collations(struct mi_conn *conn, struct words *list, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(conn, err, "SHOW COLLATION", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		*(char **)mi_array_add(&list->items, &list->count, sizeof *list->items) =
		    mi_strdup(row[0] ? row[0] : "");
	mysql_free_result(result);
	return 0;
}

static bool has_collation(const struct words *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->items[i], name) == 0 ||
		    mi_schema_collation_is_alias(name, list->items[i]))
			return true;
	return false;
}

static enum mi_schema_collation_fate fate_of(const struct mi_conn *target, const char *name)
{
	struct mi_buf near = {0};
	enum mi_schema_collation_fate fate =
	    target->flavour == MI_FLAVOUR_MARIADB
		? mi_schema_collation_to_mariadb(name, target->version, &near)
		: mi_schema_collation_to_mysql(name, target->version, &near);

	mi_buf_release(&near);
	return fate;
}

static void sort_collation(const struct mi_check_run *run, const struct words *there,
                           const char *name, struct words *seen, struct mi_check_names *near,
                           struct mi_check_names *none)
{
	if (has_collation(seen, name) || has_collation(there, name))
		return;
	*(char **)mi_array_add(&seen->items, &seen->count, sizeof *seen->items) = mi_strdup(name);
	if (fate_of(run->target.conn, name) == MI_SCHEMA_COLLATION_NEAR)
		mi_check_names_add(near, name, "");
	else
		mi_check_names_add(none, name, "");
}

static void words_release(struct words *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

int mi_check_collations(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct words there = {0}, seen = {0};
	struct mi_check_names near = {0}, none = {0};
	int ret = -1;

	if (mi_check_unread(at))
		return 0;
	if (read_collations(run->target.conn, &there, err) != 0)
		goto out;
	for (size_t i = 0; i < run->tables.count; i++) {
		const struct mi_table *table = run->tables.items[i];

		for (size_t c = 0; c < table->column_count; c++)
			if (table->columns[c].collation)
				sort_collation(run, &there, table->columns[c].collation, &seen,
				               &near, &none);
	}
	if (none.count)
		mi_check_block(at, "ALTER TABLE ... CONVERT TO CHARACTER SET utf8mb4 on the source",
		               "collations that the target lacks: %s", mi_check_names_text(&none));
	else if (near.count)
		mi_check_warn(at, NULL,
		              "collations that the target has under another name only: %s; equal "
		              "and sorted strings may differ in rare characters",
		              mi_check_names_text(&near));
	else
		mi_check_ok(at, "the target has every column's collation");
	ret = 0;
out:
	words_release(&there);
	words_release(&seen);
	mi_check_names_release(&near);
	mi_check_names_release(&none);
	return ret;
}

/* ---- Defaults that sessions begin with ---- */

static const char *const baseline[] = {
    "sql_mode",
    "time_zone",
    "system_time_zone",
    "character_set_server",
    "collation_server",
    "group_concat_max_len",
    "transaction_isolation",
    "tx_isolation",
    "div_precision_increment",
    "explicit_defaults_for_timestamp",
    "max_execution_time",
    "lc_time_names",
    "default_week_format",
    "autocommit",
    "auto_increment_increment",
    "auto_increment_offset",
    "innodb_lock_wait_timeout",
    "wait_timeout",
};

static bool is_counter(const char *name)
{
	return strncmp(name, "auto_increment_", 15) == 0;
}

static bool differ(const struct mi_check_run *run, const char *name, const char **a, const char **b)
{
	*a = mi_check_var(&run->source, name);
	*b = mi_check_var(&run->target, name);
	return *a && *b && strcasecmp(*a, *b) != 0;
}

static void add_difference(struct mi_check_names *names, const char *name, const char *a,
                           const char *b)
{
	struct mi_buf text = {0};

	mi_buf_addf(&text, "%s ('%.60s' and '%.60s')", name, a, b);
	mi_check_names_add(names, mi_buf_cstr(&text), "");
	mi_buf_release(&text);
}

int mi_check_session_defaults(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_names names = {0};
	const char *a, *b;

	(void)err;
	for (size_t i = 0; i < sizeof baseline / sizeof *baseline; i++)
		if (!is_counter(baseline[i]) && differ(at->run, baseline[i], &a, &b))
			add_difference(&names, baseline[i], a, b);
	if (names.count)
		mi_check_warn(
		    at, "SET GLOBAL them on the target, as on the source",
		    "sessions begin otherwise on the target: %s; mi-route sets the source's "
		    "values, direct connections get the target's",
		    mi_check_names_text(&names));
	else
		mi_check_ok(at, "sessions begin alike on both");
	mi_check_names_release(&names);
	return 0;
}

int mi_check_auto_increment(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_names names = {0};
	const char *a, *b;

	(void)err;
	for (size_t i = 0; i < sizeof baseline / sizeof *baseline; i++)
		if (is_counter(baseline[i]) && differ(at->run, baseline[i], &a, &b))
			add_difference(&names, baseline[i], a, b);
	if (names.count)
		mi_check_warn(at, "SET GLOBAL them on the target, as on the source",
		              "new keys are counted otherwise on the target: %s",
		              mi_check_names_text(&names));
	else
		mi_check_ok(at, "both count new keys alike");
	mi_check_names_release(&names);
	return 0;
}

/* ---- Accounts ---- */

/* Accounts as user@host, without the servers' own. */
static const char all_accounts[] =
    "SELECT CONCAT(User, '@', Host) FROM mysql.user WHERE Host <> '' AND User NOT LIKE 'mysql.%' "
    "AND User NOT IN ('root', 'mariadb.sys', 'PUBLIC', 'mysql')";

static int read_column(struct mi_conn *conn, const char *sql, struct words *list,
                       struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(conn, err, sql, &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		*(char **)mi_array_add(&list->items, &list->count, sizeof *list->items) =
		    mi_strdup(row[0] ? row[0] : "");
	mysql_free_result(result);
	return 0;
}

static bool has_exactly(const struct words *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], name) == 0)
			return true;
	return false;
}

/* *seen is false, and a warning added, when mi-check's account may not look at the others. */
static int read_accounts(struct mi_check_at *at, struct mi_conn *conn, struct words *list,
                         bool *seen, struct mi_err *err)
{
	*seen = read_column(conn, all_accounts, list, err) == 0;
	if (*seen)
		return 0;
	if (err->code == MI_UNAVAILABLE)
		return -1;
	*err = (struct mi_err){0};
	mi_check_warn(at, "GRANT SELECT ON mysql.user TO the account, for this check alone",
	              "could not look: the account on the %s may not see the others",
	              conn == at->run->source.conn ? "source" : "target");
	return 0;
}

static void say_accounts(struct mi_check_at *at, const struct words *source,
                         const struct words *target)
{
	struct mi_check_names names = {0};

	for (size_t i = 0; i < source->count; i++)
		if (!has_exactly(target, source->items[i]))
			mi_check_names_add(&names, source->items[i], "");
	if (names.count)
		mi_check_warn(
		    at,
		    "CREATE USER and GRANT on the target, as SHOW CREATE USER and SHOW "
		    "GRANTS say on the source; or name the target's accounts in mi-route's "
		    "users file",
		    "accounts on the source only: %s", mi_check_names_text(&names));
	else
		mi_check_ok(at, "every account of the source is on the target");
	mi_check_names_release(&names);
}

int mi_check_accounts(struct mi_check_at *at, struct mi_err *err)
{
	struct words source = {0}, target = {0};
	bool seen = false;
	int ret;

	ret = read_accounts(at, at->run->source.conn, &source, &seen, err);
	if (ret == 0 && seen)
		ret = read_accounts(at, at->run->target.conn, &target, &seen, err);
	if (ret == 0 && seen)
		say_accounts(at, &source, &target);
	words_release(&source);
	words_release(&target);
	return ret;
}

/* What runs as an account, each kind as a word and a listing. */
static const struct {
	const char *what, *from;
} definers[] = {
    {"view", "VIEWS WHERE TABLE_SCHEMA"},
    {"routine", "ROUTINES WHERE ROUTINE_SCHEMA"},
    {"trigger", "TRIGGERS WHERE TRIGGER_SCHEMA"},
    {"event", "EVENTS WHERE EVENT_SCHEMA"},
};

/* Adds to names each account of `target` that lacks there, with how many of a kind run as it. */
static int add_lacking(const struct mi_check_run *run, size_t kind, const struct words *target,
                       struct mi_check_names *names, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql,
	            "SELECT DEFINER, CONCAT(COUNT(*), ' %s', IF(COUNT(*) = 1, '', 's')) FROM "
	            "information_schema.%s",
	            definers[kind].what, definers[kind].from);
	mi_check_in_databases(run, false, &sql);
	mi_buf_add_str(&sql, " GROUP BY DEFINER");
	ret = mi_conn_query(run->source.conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if (row[0] && *row[0] && strncmp(row[0], "root@", 5) != 0 &&
		    !has_exactly(target, row[0]))
			mi_check_names_add_part(names, row[0], "", row[1]);
	mysql_free_result(result);
	return 0;
}

static int add_all_lacking(const struct mi_check_run *run, const struct words *target,
                           struct mi_check_names *names, struct mi_err *err)
{
	for (size_t i = 0; i < sizeof definers / sizeof *definers; i++)
		if (add_lacking(run, i, target, names, err) != 0)
			return -1;
	return 0;
}

int mi_check_lacking_definers(const struct mi_check_run *run, struct mi_check_names *names,
                              struct mi_err *err)
{
	struct words target = {0};
	int ret = read_column(run->target.conn, all_accounts, &target, err);

	if (ret == 0)
		ret = add_all_lacking(run, &target, names, err);
	words_release(&target);
	return ret;
}

int mi_check_definers(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_names names = {0};
	struct words target = {0};
	bool seen = true;
	int ret;

	if (mi_check_unread(at))
		return 0;
	ret = add_all_lacking(at->run, &target, &names, err); /* any at all? */
	if (ret == 0 && names.count) {
		mi_check_names_release(&names);
		ret = read_accounts(at, at->run->target.conn, &target, &seen, err);
		if (ret == 0 && seen)
			ret = add_all_lacking(at->run, &target, &names, err);
	}
	if (ret == 0 && seen && names.count)
		mi_check_warn(at, "CREATE USER on the target, or mi-schema --strip-definers",
		              "views and programs run as accounts that the target lacks: %s",
		              mi_check_names_text(&names));
	else if (ret == 0 && seen)
		mi_check_ok(at, "views and programs run as accounts that both have");
	words_release(&target);
	mi_check_names_release(&names);
	return ret;
}
