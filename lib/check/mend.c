#include "check/mend.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/grants.h"
#include "check/run.h"
#include "program/opt.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "table/dbmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* ---- Settings ---- */

static struct mi_check_server *server_of(const struct mi_mending *mending)
{
	return mending->side == MI_CHECK_SOURCE ? &mending->run->source : &mending->run->target;
}

static bool is_mysql(const struct mi_check_server *server)
{
	return server->conn->flavour == MI_FLAVOUR_MYSQL;
}

/* Statements give numbers as such, and ON and OFF, and all else as strings. */
static void add_value(struct mi_buf *out, const char *value)
{
	size_t digits = strspn(value, "0123456789");

	if ((*value && !value[digits]) || strcmp(value, "ON") == 0 || strcmp(value, "OFF") == 0)
		mi_buf_add_str(out, value);
	else
		mi_sql_string(out, value);
}

/* A global value that outlives a restart: MySQL keeps it by itself since 8.0; elsewhere the option
 * file does. On Amazon RDS only its parameter group can set one. */
static void set(struct mi_mending *mending, const char *name, const char *value)
{
	const struct mi_check_server *server = server_of(mending);
	const char *basedir = mi_check_var(server, "basedir");
	bool keeps = is_mysql(server) && server->conn->version >= 80000;
	struct mi_buf *out = mending->out;

	if (!mi_check_var(server, name))
		return;
	if (basedir && strncmp(basedir, "/rdsdbbin", 9) == 0) {
		mi_buf_addf(out, "-- in the parameter group: %s = %s\n", name, value);
		return;
	}
	mi_buf_addf(out, "SET %s %s = ", keeps ? "PERSIST" : "GLOBAL", name);
	add_value(out, value);
	mi_buf_add_str(out, ";\n");
	if (!keeps)
		mi_buf_addf(out, "-- and in the [mysqld] group of its option file: %s = %s\n", name,
		            value);
}

static int mend_format(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "binlog_format", "ROW");
	mi_buf_add_str(mending->out, "-- and let the application connect again\n");
	return 0;
}

static int mend_image(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "binlog_row_image", "FULL");
	mi_buf_add_str(mending->out, "-- and let the application connect again\n");
	return 0;
}

static int mend_form(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "binlog_row_value_options", "");
	return 0;
}

static int mend_consistency(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "enforce_gtid_consistency", "ON");
	return 0;
}

/* One step at a time, from where it stands. The last one waits for transactions without GTID. */
static int mend_gtids(struct mi_mending *mending, struct mi_err *err)
{
	static const char *const steps[] = {"OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"};
	const char *mode = mi_check_var(server_of(mending), "gtid_mode");
	size_t at = 0;

	(void)err;
	while (at < 3 && mode && strcasecmp(mode, steps[at]) != 0)
		at++;
	if (!mode)
		return 0;
	set(mending, "enforce_gtid_consistency", "ON");
	while (++at < 4)
		set(mending, "gtid_mode", steps[at]);
	return 0;
}

static int mend_strict(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "gtid_strict_mode", "ON");
	return 0;
}

static int mend_retention(struct mi_mending *mending, struct mi_err *err)
{
	const struct mi_check_server *server = server_of(mending);
	const char *basedir = mi_check_var(server, "basedir");

	(void)err;
	if (basedir && strncmp(basedir, "/rdsdbbin", 9) == 0)
		mi_buf_add_str(mending->out, "CALL mysql.rds_set_configuration('binlog retention "
		                             "hours', 168);\n");
	else if (mi_check_var(server, "binlog_expire_logs_seconds"))
		set(mending, "binlog_expire_logs_seconds", "604800");
	else
		set(mending, "expire_logs_days", "7");
	return 0;
}

static int mend_durability(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "sync_binlog", "1");
	set(mending, "innodb_flush_log_at_trx_commit", "1");
	return 0;
}

static int mend_writable(struct mi_mending *mending, struct mi_err *err)
{
	static const char *const names[] = {"super_read_only", "read_only", "transaction_read_only",
	                                    "tx_read_only"};

	(void)err;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mi_check_on(server_of(mending), names[i]))
			set(mending, names[i], "OFF");
	return 0;
}

static int mend_infile(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "local_infile", "ON");
	return 0;
}

/* As a source's have to be; only what is otherwise. */
static int mend_reverse(struct mi_mending *mending, struct mi_err *err)
{
	static const char *const wanted[][2] = {{"binlog_format", "ROW"},
	                                        {"binlog_row_image", "FULL"}};

	if (!mi_check_on(server_of(mending), "log_bin"))
		mi_buf_add_str(mending->out, "-- log_bin in its option file, and a restart\n");
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		const char *is = mi_check_var(server_of(mending), wanted[i][0]);

		if (is && strcasecmp(is, wanted[i][1]) != 0)
			set(mending, wanted[i][0], wanted[i][1]);
	}
	return mend_gtids(mending, err);
}

/* ---- The target's settings, after the source's ---- */

static int mend_dates(struct mi_mending *mending, struct mi_err *err)
{
	const char *mode = mi_check_var(server_of(mending), "sql_mode");
	char *copy = mi_strdup(mode ? mode : ""), *save = NULL;
	struct mi_buf kept = {0};

	(void)err;
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
		if (strcmp(word, "NO_ZERO_DATE") != 0 && strcmp(word, "NO_ZERO_IN_DATE") != 0 &&
		    strcmp(word, "TRADITIONAL") != 0)
			mi_buf_addf(&kept, "%s%s", kept.len ? "," : "", word);
	set(mending, "sql_mode", mi_buf_cstr(&kept));
	mi_buf_release(&kept);
	free(copy);
	return 0;
}

static void set_as_source(struct mi_mending *mending, const char *name)
{
	const char *here = mi_check_var(&mending->run->source, name);
	const char *there = mi_check_var(&mending->run->target, name);

	if (here && there && strcasecmp(here, there) != 0)
		set(mending, name, here);
}

/* sql_mode, character sets, collations and time zones have names that the other side may not know,
 * or depend on the machine: a person chooses. */
static int mend_defaults(struct mi_mending *mending, struct mi_err *err)
{
	static const char *const names[] = {
	    "group_concat_max_len",
	    "transaction_isolation",
	    "tx_isolation",
	    "div_precision_increment",
	    "max_execution_time",
	    "lc_time_names",
	    "default_week_format",
	    "autocommit",
	    "innodb_lock_wait_timeout",
	    "wait_timeout",
	};

	(void)err;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		set_as_source(mending, names[i]);
	mi_buf_add_str(mending->out,
	               "-- by hand: sql_mode, character set, collation and time zone, whose names "
	               "the target may not know\n");
	return 0;
}

static int mend_counters(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set_as_source(mending, "auto_increment_increment");
	set_as_source(mending, "auto_increment_offset");
	return 0;
}

static int mend_packet(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set_as_source(mending, "max_allowed_packet");
	return 0;
}

static int mend_strictness(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	if (mi_check_on(server_of(mending), "innodb_strict_mode"))
		set(mending, "innodb_strict_mode", "OFF");
	return 0;
}

static int mend_required_keys(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set(mending, "sql_require_primary_key", "OFF");
	set(mending, "innodb_force_primary_key", "OFF");
	return 0;
}

static int mend_statements(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	set_as_source(mending, "max_prepared_stmt_count");
	return 0;
}

static int mend_scheduler(struct mi_mending *mending, struct mi_err *err)
{
	(void)err;
	if (mi_check_on(&mending->run->source, "event_scheduler"))
		set(mending, "event_scheduler", "ON");
	return 0;
}

/* ---- Privileges ---- */

/* The account of the tools' connection, as a statement names it. */
static int add_account(struct mi_mending *mending, struct mi_grants *grants, struct mi_buf *user,
                       struct mi_err *err)
{
	struct mi_conn *conn = server_of(mending)->conn;
	char *at;

	if (mi_conn_value(conn, err, "SELECT CURRENT_USER()", user, NULL) != 0)
		return -1;
	(void)mi_buf_cstr(user);
	at = strrchr(user->data, '@');
	if (!at)
		return mi_fail(err, MI_DATA, "CURRENT_USER() is '%s'", user->data);
	*at = 0;
	grants->user = user->data;
	grants->host = at + 1;
	grants->target = mending->side == MI_CHECK_TARGET;
	grants->mariadb = !is_mysql(server_of(mending));
	grants->version = conn->version;
	return 0;
}

/* All that an import needs, in both directions: what is there already is granted once more. */
static int mend_grants(struct mi_mending *mending, struct mi_err *err)
{
	const struct mi_check_run *run = mending->run;
	struct mi_opt_list databases = {0};
	struct mi_grants grants = {.databases = &databases};
	struct mi_buf user = {0};
	int ret = add_account(mending, &grants, &user, err);

	databases.items = mi_alloc((run->database_count + 1) * sizeof *databases.items);
	for (size_t i = 0; i < run->database_count; i++)
		databases.items[databases.count++] = mending->side == MI_CHECK_TARGET
		                                         ? mi_map_db(&run->map, run->databases[i])
		                                         : run->databases[i];
	if (ret == 0)
		mi_grants_add(&grants, mending->out);
	free(databases.items);
	mi_buf_release(&user);
	return ret;
}

static int mend_accounts(struct mi_mending *mending, struct mi_err *err)
{
	struct mi_grants grants = {0};
	struct mi_buf user = {0};
	int ret = add_account(mending, &grants, &user, err);

	if (ret == 0) {
		mi_buf_add_str(mending->out, "GRANT SELECT ON mysql.user TO ");
		mi_sql_string(mending->out, grants.user);
		mi_buf_add_char(mending->out, '@');
		mi_sql_string(mending->out, grants.host);
		mi_buf_add_str(mending->out, ";\n");
	}
	mi_buf_release(&user);
	return ret;
}

/* ---- Which finding has which mend ---- */

enum { ON_SOURCE = 1, ON_TARGET = 2, ON_BOTH = 3 };

static const struct mend {
	const char *id;
	unsigned found;   /* MI_CHECK_BITs: of findings on these sides */
	unsigned on;      /* where its statements are for */
	const char *only; /* findings whose fix has this word; NULL: any */
	int (*add)(struct mi_mending *mending, struct mi_err *err);
} mends[] = {
#define S MI_CHECK_BIT(MI_CHECK_SOURCE)
#define T MI_CHECK_BIT(MI_CHECK_TARGET)
#define P MI_CHECK_BIT(MI_CHECK_PAIR)
    {"stream", S, ON_SOURCE, "GRANT", mend_grants},
    {"read", S, ON_SOURCE, "GRANT", mend_grants},
    {"snapshot", S, ON_SOURCE, "GRANT", mend_grants},
    {"write", S, ON_SOURCE, "GRANT", mend_grants},
    {"lock", S, ON_SOURCE, "GRANT", mend_grants},
    {"xa", S, ON_SOURCE, "GRANT", mend_grants},
    {"triggers", S, ON_BOTH, "GRANT", mend_grants},
    {"events", S, ON_BOTH, "GRANT", mend_grants},
    {"stream", T, ON_TARGET, "GRANT", mend_grants},
    {"write", T, ON_TARGET, "GRANT", mend_grants},
    {"create", T, ON_TARGET, "GRANT", mend_grants},
    {"lock", T, ON_TARGET, "GRANT", mend_grants},
    {"xa", T, ON_TARGET, "GRANT", mend_grants},
    {"accounts", P, ON_BOTH, "mysql.user", mend_accounts},
    {"definers", P, ON_BOTH, "mysql.user", mend_accounts},
    {"binlog-format", S, ON_SOURCE, NULL, mend_format},
    {"row-image", S, ON_SOURCE, NULL, mend_image},
    {"binlog-form", S, ON_SOURCE, NULL, mend_form},
    {"gtid-consistency", S, ON_SOURCE, NULL, mend_consistency},
    {"gtid-mode", S, ON_SOURCE, NULL, mend_gtids},
    {"gtid-strict", S, ON_SOURCE, NULL, mend_strict},
    {"retention", S, ON_SOURCE, NULL, mend_retention},
    {"durability", S, ON_SOURCE, NULL, mend_durability},
    {"row-key", S, ON_SOURCE, NULL, mi_mend_row_key},
    {"engine", S, ON_SOURCE, NULL, mi_mend_engine},
    {"foreign-keys", S, ON_SOURCE, NULL, mi_mend_foreign_keys},
    {"writable", T, ON_TARGET, NULL, mend_writable},
    {"local-infile", T, ON_TARGET, NULL, mend_infile},
    {"reverse", T, ON_TARGET, NULL, mend_reverse},
    {"zero-dates", S, ON_TARGET, NULL, mend_dates},
    {"date-values", S, ON_TARGET, "UPDATE", mend_dates},
    {"events", S, ON_TARGET, "event_scheduler", mend_scheduler},
    {"packet", P, ON_TARGET, NULL, mend_packet},
    {"row-size", P, ON_TARGET, NULL, mend_strictness},
    {"primary-keys", P, ON_TARGET, NULL, mend_required_keys},
    {"session-defaults", P, ON_TARGET, NULL, mend_defaults},
    {"auto-increment", P, ON_TARGET, NULL, mend_counters},
    {"statements", P, ON_TARGET, NULL, mend_statements},
    {"definers", P, ON_TARGET, "CREATE USER", mi_mend_definers},
    {"lost", P, ON_TARGET, "component_classic_hashing", mi_mend_lost},
#undef S
#undef T
#undef P
};

static bool is_of(const struct mend *mend, const struct mi_finding *finding)
{
	return finding->level != MI_CHECK_OK && strcmp(mend->id, finding->check->id) == 0 &&
	       mend->found & MI_CHECK_BIT(finding->side) &&
	       (!mend->only || (finding->fix && strstr(finding->fix, mend->only)));
}

static const struct mi_finding *finding_of(const struct mi_check_run *run, const struct mend *mend)
{
	for (size_t i = 0; i < run->count; i++)
		if (is_of(mend, &run->findings[i]))
			return &run->findings[i];
	return NULL;
}

/* ---- The script ---- */

/* A comment's text stays in its line. */
static void add_comment(struct mi_buf *out, const struct mi_finding *finding)
{
	mi_buf_addf(out, "-- %s: ", finding->check->id);
	for (const char *c = finding->text; *c; c++)
		mi_buf_add_char(out, (unsigned char)*c < 0x20 ? ' ' : *c);
	mi_buf_add_char(out, '\n');
}

/* A server is told by its host name and data directory, which it keeps, whatever it is called by
 * clients. A subquery of two rows is an error, where a client stops. */
static void add_head(struct mi_mending *mending)
{
	const struct mi_check_server *server = server_of(mending);
	const char *host = mi_check_var(server, "hostname");
	const char *datadir = mi_check_var(server, "datadir");
	const char *side = mending->side == MI_CHECK_SOURCE ? "source" : "target";
	struct mi_buf *out = mending->out;

	mi_buf_addf(out,
	            "-- on the %s; on any other server the first statement fails\nSELECT IF("
	            "CONCAT(@@hostname, ':', @@datadir) = CONCAT(",
	            side);
	mi_sql_string(out, host ? host : "");
	mi_buf_add_str(out, ", ':', ");
	mi_sql_string(out, datadir ? datadir : "");
	mi_buf_addf(out, "), 'this is the %s', (SELECT 1 UNION SELECT 2)) AS mi_check;\n", side);
}

/* Statements that two checks ask for are written once. */
static int add_side(struct mi_check_run *run, enum mi_check_side side, struct mi_buf *out,
                    struct mi_err *err)
{
	struct mi_buf part = {0}, all = {0};
	struct mi_mending mending = {run, side, &part};
	unsigned on = side == MI_CHECK_SOURCE ? ON_SOURCE : ON_TARGET;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof mends / sizeof *mends; i++) {
		const struct mi_finding *finding = finding_of(run, &mends[i]);

		if (!finding || !(mends[i].on & on))
			continue;
		mi_buf_reset(&part);
		ret = mends[i].add(&mending, err);
		if (ret != 0 || part.len == 0)
			continue;
		add_comment(&all, finding);
		if (strstr(mi_buf_cstr(&all), mi_buf_cstr(&part)))
			mi_buf_add_str(&all, "-- by the statements above\n");
		else
			mi_buf_add_str(&all, mi_buf_cstr(&part));
	}
	if (ret == 0 && all.len) {
		mending.out = out;
		add_head(&mending);
		mi_buf_add(out, all.data, all.len);
	}
	mi_buf_release(&part);
	mi_buf_release(&all);
	return ret;
}

static bool has_mend(const struct mi_finding *finding)
{
	for (size_t i = 0; i < sizeof mends / sizeof *mends; i++)
		if (is_of(&mends[i], finding))
			return true;
	return false;
}

static void add_rest(const struct mi_check_run *run, struct mi_buf *out)
{
	bool headed = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct mi_finding *finding = &run->findings[i];

		if (finding->level == MI_CHECK_OK || has_mend(finding))
			continue;
		if (!headed)
			mi_buf_add_str(out, "-- no statement here puts these right\n");
		headed = true;
		add_comment(out, finding);
	}
}

int mi_check_print_mends(struct mi_check_run *run, enum mi_check_side side, struct mi_buf *out,
                         struct mi_err *err)
{
	struct mi_conn *conns[] = {run->source.conn, run->target.conn};

	mi_buf_add_str(out,
	               "-- What mi-check found, as statements. Read them: each changes a server. "
	               "None was run.\n");
	for (int i = MI_CHECK_SOURCE; i <= MI_CHECK_TARGET; i++)
		if (conns[i] && (side == MI_CHECK_PAIR || side == (enum mi_check_side)i) &&
		    add_side(run, (enum mi_check_side)i, out, err) != 0)
			return -1;
	add_rest(run, out);
	return 0;
}
