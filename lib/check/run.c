/* What a run of checks knows: variables, and what is to be imported. */
#include "check/run.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "check/check.h"
#include "server/conn.h"
#include "source/databases.h"
#include "source/schema.h"
#include "source/tables.h"
#include "sql/literal.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

enum { NAMES_SHOWN = 5 };

/* ---- Variables ---- */

static int by_name(const void *a, const void *b)
{
	const struct mi_check_var *left = a, *right = b;

	return strcmp(left->name, right->name);
}

const char *mi_check_var(const struct mi_check_server *server, const char *name)
{
	for (size_t low = 0, high = server->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, server->vars[middle].name);

		if (order == 0)
			return server->vars[middle].value;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool mi_check_on(const struct mi_check_server *server, const char *name)
{
	const char *value = mi_check_var(server, name);

	return value && (strcasecmp(value, "ON") == 0 || strcmp(value, "1") == 0 ||
	                 strcasecmp(value, "YES") == 0);
}

/* Since MariaDB 12 read_only has other values than OFF and ON. */
static bool is_off(const char *value)
{
	return strcasecmp(value, "OFF") == 0 || strcmp(value, "0") == 0 ||
	       strcasecmp(value, "NO") == 0;
}

const char *mi_check_read_only(const struct mi_check_server *server)
{
	static const char *const names[] = {"super_read_only", "read_only", "transaction_read_only",
	                                    "tx_read_only"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = mi_check_var(server, names[i]);

		if (value && !is_off(value))
			return names[i];
	}
	return NULL;
}

double mi_check_number(const struct mi_check_server *server, const char *name)
{
	const char *value = mi_check_var(server, name);

	return value && *value ? strtod(value, NULL) : -1;
}

int mi_check_read_vars(struct mi_check_server *server, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(server->conn, err, "SHOW GLOBAL VARIABLES", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		struct mi_check_var *var = mi_array_add(&server->vars, &server->count, sizeof *var);

		var->name = mi_strdup(row[0] ? row[0] : "");
		var->value = mi_strdup(row[1] ? row[1] : "");
	}
	mysql_free_result(result);
	if (server->count)
		qsort(server->vars, server->count, sizeof *server->vars, by_name);
	return 0;
}

/* ---- The target's kind ---- */

static const char *const kind_names[] = {
    [MI_SERVER_UNKNOWN] = "unknown",         [MI_SERVER_MYSQL] = "mysql",
    [MI_SERVER_MARIADB] = "mariadb",         [MI_SERVER_VITESS] = "vitess",
    [MI_SERVER_PLANETSCALE] = "planetscale", [MI_SERVER_PLANETSCALE + 1] = NULL};

bool mi_server_kind_parse(const char *word, enum mi_server_kind *kind)
{
	int index = mi_word_index(mi_span_str(word), kind_names);

	if (index < MI_SERVER_MYSQL)
		return false;
	*kind = (enum mi_server_kind)index;
	return true;
}

static bool is_planetscale(const struct mi_check_server *server)
{
	const char *comment = mi_check_var(server, "version_comment");
	const char *host = server->conn->options->host;

	return (comment && strcasestr(comment, "planetscale")) ||
	       strcasestr(server->conn->version_text, "planetscale") ||
	       (host && strcasestr(host, ".psdb.cloud"));
}

enum mi_server_kind mi_check_kind(const struct mi_check_run *run)
{
	if (run->kind != MI_SERVER_UNKNOWN || !run->target.conn)
		return run->kind;
	switch (run->target.conn->flavour) {
	case MI_FLAVOUR_MARIADB:
		return MI_SERVER_MARIADB;
	case MI_FLAVOUR_VITESS:
		return is_planetscale(&run->target) ? MI_SERVER_PLANETSCALE : MI_SERVER_VITESS;
	case MI_FLAVOUR_MYSQL:
		break;
	}
	return MI_SERVER_MYSQL;
}

/* ---- What is to be imported ---- */

/* No database is named, and there is no default one: takes all, so that nothing is overlooked. */
static int choose_all(struct mi_check_run *run, struct mi_err *err)
{
	struct mi_buf own = {0};
	bool none = true;
	int ret;

	if (run->filter.databases.count || run->filter.tables.count || run->filter.all)
		return 0;
	ret = mi_conn_value(run->source.conn, err, "SELECT DATABASE()", &own, &none);
	run->filter.all = none;
	mi_buf_release(&own);
	return ret;
}

/* The source was not reached: only the names on the command line are known. */
static void take_named(struct mi_check_run *run)
{
	for (size_t i = 0; i < run->filter.databases.count; i++)
		*(char **)mi_array_add(&run->databases, &run->database_count,
		                       sizeof *run->databases) =
		    mi_strdup(run->filter.databases.items[i]);
}

int mi_check_what(struct mi_check_run *run, struct mi_err *err)
{
	if (!run->what_read) {
		run->what_read = true;
		if (!run->source.conn)
			take_named(run);
		else if (choose_all(run, &run->what_err) != 0 ||
		         mi_src_databases(run->source.conn, &run->filter, &run->databases,
		                          &run->database_count, &run->what_err) != 0 ||
		         mi_src_tables(run->source.conn, &run->filter, &run->tables,
		                       &run->what_err) != 0)
			run->tables = (struct mi_tables){0};
	}
	if (run->what_err.code == 0)
		return 0;
	*err = run->what_err;
	return -1;
}

void mi_check_in_databases(const struct mi_check_run *run, bool target, struct mi_buf *sql)
{
	mi_buf_add_str(sql, " IN (");
	for (size_t i = 0; i < run->database_count; i++) {
		const char *db = run->databases[i];

		mi_buf_add_str(sql, i ? ", " : "");
		mi_sql_string(sql, target ? mi_map_db(&run->map, db) : db);
	}
	mi_buf_add_str(sql, run->database_count ? ")" : "NULL)");
}

struct mi_check_server *mi_check_writer(struct mi_check_run *run)
{
	return run->writer.conn ? &run->writer : &run->source;
}

enum mi_check_level mi_check_follow_level(const struct mi_check_at *at)
{
	return at->run->copy_only ? MI_CHECK_WARN : MI_CHECK_BLOCK;
}

/* ---- Names ---- */

void mi_check_names_add(struct mi_check_names *names, const char *db, const char *name)
{
	if (names->count++ < NAMES_SHOWN)
		mi_buf_addf(&names->text, "%s%s%s%s", names->count > 1 ? ", " : "", db,
		            *db && *name ? "." : "", name);
}

const char *mi_check_names_text(struct mi_check_names *names)
{
	if (names->count > NAMES_SHOWN)
		mi_buf_addf(&names->text, " and %zu more", names->count - NAMES_SHOWN);
	return mi_buf_cstr(&names->text);
}

void mi_check_names_release(struct mi_check_names *names)
{
	mi_buf_release(&names->text);
	*names = (struct mi_check_names){0};
}

/* ---- The end ---- */

static void server_release(struct mi_check_server *server)
{
	for (size_t i = 0; i < server->count; i++) {
		free(server->vars[i].name);
		free(server->vars[i].value);
	}
	free(server->vars);
}

void mi_check_run_release(struct mi_check_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		free(run->findings[i].text);
		free(run->findings[i].fix);
	}
	free(run->findings);
	server_release(&run->source);
	server_release(&run->target);
	server_release(&run->writer);
	mi_src_databases_free(run->databases, run->database_count);
	mi_tables_release(&run->tables);
	mi_view_faults_free(run->faults, run->fault_count);
	*run = (struct mi_check_run){0};
}
