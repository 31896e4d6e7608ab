#include "server/settings.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "server/conn.h"
#include "server/name.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define BIT(flavour) (1u << (flavour))
enum {
	ON_MYSQL = BIT(MI_FLAVOUR_MYSQL),
	ON_MARIADB = BIT(MI_FLAVOUR_MARIADB),
	ON_VITESS = BIT(MI_FLAVOUR_VITESS),
	ON_SERVERS = ON_MYSQL | ON_MARIADB,
	ON_ALL = ON_SERVERS | ON_VITESS,

	FOR_READER = BIT(MI_ROLE_READER),
	FOR_WRITER = BIT(MI_ROLE_WRITER),
	FOR_ANY = FOR_READER | FOR_WRITER | BIT(MI_ROLE_PLAIN),
};

/* One session variable, and the servers and roles for which it is set. Flavours and versions that
 * do not know the variable are left out. */
struct variable {
	const char *name;
	const char *value; /* as the server prints it; NULL is SQL's NULL */
	unsigned flavours; /* of ON_ALL */
	unsigned since;    /* first version that knows the variable; 0: any */
	unsigned before;   /* first version that has dropped it; 0: none */
	unsigned roles;    /* of FOR_ANY */
};

static const char sql_mode[] =
    "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES";
static const char week[] = "604800"; /* seconds: a pipe may block for as long as this */
static const char no_limit[] = "18446744073709551615";

static const struct variable variables[] = {
    {"time_zone", "+00:00", ON_ALL, 0, 0, FOR_ANY},
    {"sql_mode", sql_mode, ON_ALL, 0, 0, FOR_ANY},
    {"autocommit", "1", ON_SERVERS, 0, 0, FOR_ANY},
    {"completion_type", "NO_CHAIN", ON_SERVERS, 0, 0, FOR_ANY},
    {"character_set_client", "utf8mb4", ON_SERVERS, 0, 0, FOR_ANY},
    {"character_set_connection", "utf8mb4", ON_SERVERS, 0, 0, FOR_ANY},
    {"character_set_results", NULL, ON_SERVERS, 0, 0, FOR_ANY},
    {"unique_checks", "1", ON_ALL, 0, 0, FOR_ANY},
    {"foreign_key_checks", "0", ON_ALL, 0, 0, FOR_WRITER},
    {"check_constraint_checks", "1", ON_MARIADB, 0, 0, FOR_WRITER},
    {"sql_safe_updates", "0", ON_ALL, 0, 0, FOR_ANY},
    {"sql_select_limit", no_limit, ON_SERVERS, 0, 0, FOR_ANY},
    {"sql_big_selects", "1", ON_SERVERS, 0, 0, FOR_ANY},
    {"sql_auto_is_null", "0", ON_SERVERS, 0, 0, FOR_ANY},
    {"sql_quote_show_create", "1", ON_SERVERS, 0, 0, FOR_ANY},
    {"group_concat_max_len", "1073741824", ON_SERVERS, 0, 0, FOR_ANY},
    {"explicit_defaults_for_timestamp", "1", ON_MYSQL, 0, 0, FOR_ANY},
    {"explicit_defaults_for_timestamp", "1", ON_MARIADB, 100804, 0, FOR_ANY},
    /* Setting it takes SESSION_VARIABLES_ADMIN, which only writers should need. */
    {"sql_generate_invisible_primary_key", "0", ON_MYSQL, 80030, 0, FOR_WRITER},
    {"show_gipk_in_create_table_and_information_schema", "1", ON_MYSQL, 80030, 0, FOR_ANY},
    {"information_schema_stats_expiry", "0", ON_MYSQL, 80003, 0, FOR_ANY},
    {"max_execution_time", "0", ON_MYSQL, 50708, 0, FOR_ANY},
    {"max_statement_time", "0.000000", ON_MARIADB, 0, 0, FOR_ANY},
    {"idle_transaction_timeout", "0", ON_MARIADB, 0, 0, FOR_ANY},
    {"idle_readonly_transaction_timeout", "0", ON_MARIADB, 0, 0, FOR_ANY},
    {"idle_write_transaction_timeout", "0", ON_MARIADB, 0, 0, FOR_ANY},
    {"net_read_timeout", week, ON_SERVERS, 0, 0, FOR_ANY},
    {"net_write_timeout", week, ON_SERVERS, 0, 0, FOR_ANY},
    {"wait_timeout", week, ON_SERVERS, 0, 0, FOR_ANY},
    {"tx_isolation", "REPEATABLE-READ", ON_MYSQL, 0, 50720, FOR_READER},
    {"tx_isolation", "READ-COMMITTED", ON_MYSQL, 0, 50720, FOR_WRITER},
    {"transaction_isolation", "REPEATABLE-READ", ON_MYSQL, 50720, 0, FOR_READER},
    {"transaction_isolation", "READ-COMMITTED", ON_MYSQL, 50720, 0, FOR_WRITER},
    {"tx_isolation", "REPEATABLE-READ", ON_MARIADB, 0, 110101, FOR_READER},
    {"tx_isolation", "READ-COMMITTED", ON_MARIADB, 0, 110101, FOR_WRITER},
    {"transaction_isolation", "REPEATABLE-READ", ON_MARIADB, 110101, 0, FOR_READER},
    {"transaction_isolation", "READ-COMMITTED", ON_MARIADB, 110101, 0, FOR_WRITER},
};
enum { VARIABLE_COUNT = sizeof variables / sizeof *variables };

static bool applies(const struct variable *v, const struct mi_conn *conn)
{
	return (v->flavours & BIT(conn->flavour)) && (v->roles & BIT(conn->role)) &&
	       conn->version >= v->since && (!v->before || conn->version < v->before);
}

/* Compared as lists of words: servers print the members of sql_mode in an order of their own. */
static bool as_wanted(const struct variable *v, const char *got)
{
	if (!v->value || !got)
		return !v->value && !got;
	return mi_words_within(v->value, got) && mi_words_within(got, v->value);
}

static int read_all(struct mi_conn *conn, struct mi_err *err, MYSQL_RES **result, MYSQL_ROW *row)
{
	struct mi_buf sql = {0};
	const char *comma = "SELECT ";
	int ret;

	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		if (!applies(&variables[i], conn))
			continue;
		mi_buf_addf(&sql, "%s@@SESSION.%s", comma, variables[i].name);
		comma = ", ";
	}
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	if (ret == 0 && !(*row = mysql_fetch_row(*result))) {
		mysql_free_result(*result);
		ret = mi_fail(err, MI_PROTOCOL, "%s: no row for its session variables",
		              mi_conn_name(conn));
	}
	return ret;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789.")] == '\0';
}

static void add_assignment(struct mi_buf *sql, const struct variable *v)
{
	const char *quote = v->value && !is_number(v->value) ? "'" : "";

	mi_buf_addf(sql, "%sSESSION %s = %s%s%s", sql->len ? ", " : "SET ", v->name, quote,
	            v->value ? v->value : "NULL", quote);
}

/* Sets the differing variables one after another, to find the one that the server refuses. */
static int set_each(struct mi_conn *conn, struct mi_err *err, const bool *differs)
{
	struct mi_buf sql = {0};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < VARIABLE_COUNT; i++) {
		if (!differs[i])
			continue;
		mi_buf_reset(&sql);
		add_assignment(&sql, &variables[i]);
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
		if (ret != 0)
			(void)mi_hint(err,
			              "set %s on the server, or let the account do it: GRANT "
			              "SESSION_VARIABLES_ADMIN ON *.* (MySQL 8)",
			              variables[i].name);
	}
	mi_buf_release(&sql);
	return ret;
}

/* Sets only what differs: some variables may be set by privileged accounts alone, and have the
 * wanted value already on most servers. */
static int set_differing(struct mi_conn *conn, struct mi_err *err)
{
	bool differs[VARIABLE_COUNT] = {false};
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = 0;

	if (read_all(conn, err, &result, &row) != 0)
		return -1;
	for (size_t i = 0, column = 0; i < VARIABLE_COUNT; i++) {
		if (!applies(&variables[i], conn) || as_wanted(&variables[i], row[column++]))
			continue;
		differs[i] = true;
		add_assignment(&sql, &variables[i]);
	}
	mysql_free_result(result);
	if (sql.len)
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	if (ret != 0 && err->code != MI_UNAVAILABLE)
		ret = set_each(conn, err, differs);
	mi_buf_release(&sql);
	return ret;
}

static int compare(struct mi_conn *conn, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = 0;

	if (read_all(conn, err, &result, &row) != 0)
		return -1;
	for (size_t i = 0, column = 0; ret == 0 && i < VARIABLE_COUNT; i++) {
		const struct variable *v = &variables[i];
		const char *got;

		if (!applies(v, conn))
			continue;
		got = row[column++];
		if (as_wanted(v, got))
			continue;
		ret = mi_fail(
		    err, MI_CONFIG, "%s: session variable %s did not take: wanted '%s', got '%s'",
		    mi_conn_name(conn), v->name, v->value ? v->value : "NULL", got ? got : "NULL");
		(void)mi_hint(err,
		              "something between here and the server changes sessions, or the "
		              "server bounds %s: set it globally, or connect directly",
		              v->name);
	}
	mysql_free_result(result);
	return ret;
}

int mi_settings_apply(struct mi_conn *conn, struct mi_err *err)
{
	if (set_differing(conn, err) != 0) {
		err->code = err->code == MI_UNAVAILABLE ? MI_UNAVAILABLE : MI_CONFIG;
		return mi_within(err, "cannot set up the session");
	}
	return compare(conn, err);
}
