#include "route/shared/baseline.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "base/savefile.h"
#include "protocol/collation.h"
#include "server/conn.h"

#include <stdlib.h>

enum { MAX_FILE = 64 << 10 };

enum how {
	KEPT,      /* kept for the router itself, and never set */
	NUMBER,    /* unquoted */
	TEXT,      /* quoted */
	ISOLATION, /* quoted, under the server's own name */
	TIME_ZONE,
	MODES,
	MILLISECONDS, /* MySQL's max_execution_time, MariaDB's max_statement_time in seconds */
};

/* name: in the file and in the router; mysql, mariadb: what to SELECT at such a source. */
static const struct setting {
	const char *name, *mysql, *mariadb;
	enum how how;
} settings[] = {
    {"version", "@@global.version", "@@global.version", KEPT},
    {"utc_offset", "TIMEDIFF(NOW(),UTC_TIMESTAMP())", "TIMEDIFF(NOW(),UTC_TIMESTAMP())", KEPT},
    {"character_set_server", "@@global.character_set_server", "@@global.character_set_server",
     KEPT},
    {"collation_server", "@@global.collation_server", "@@global.collation_server", KEPT},
    {"wait_timeout", "@@global.wait_timeout", "@@global.wait_timeout", KEPT},
    {"interactive_timeout", "@@global.interactive_timeout", "@@global.interactive_timeout", KEPT},
    {"max_allowed_packet", "@@global.max_allowed_packet", "@@global.max_allowed_packet", KEPT},
    {"sql_mode", "@@global.sql_mode", "@@global.sql_mode", MODES},
    {"time_zone", "@@global.time_zone", "@@global.time_zone", TIME_ZONE},
    {"transaction_isolation", "@@global.transaction_isolation", "@@global.tx_isolation", ISOLATION},
    {"autocommit", "@@global.autocommit", "@@global.autocommit", NUMBER},
    {"group_concat_max_len", "@@global.group_concat_max_len", "@@global.group_concat_max_len",
     NUMBER},
    {"div_precision_increment", "@@global.div_precision_increment",
     "@@global.div_precision_increment", NUMBER},
    {"explicit_defaults_for_timestamp", "@@global.explicit_defaults_for_timestamp",
     "@@global.explicit_defaults_for_timestamp", NUMBER},
    {"default_week_format", "@@global.default_week_format", "@@global.default_week_format", NUMBER},
    {"lc_time_names", "@@global.lc_time_names", "@@global.lc_time_names", TEXT},
    {"sql_auto_is_null", "@@global.sql_auto_is_null", "@@global.sql_auto_is_null", NUMBER},
    {"sql_safe_updates", "@@global.sql_safe_updates", "@@global.sql_safe_updates", NUMBER},
    {"sql_select_limit", "@@global.sql_select_limit", "@@global.sql_select_limit", NUMBER},
    {"max_join_size", "@@global.max_join_size", "@@global.max_join_size", NUMBER},
    {"max_execution_time", "@@global.max_execution_time",
     "CAST(@@global.max_statement_time*1000 AS UNSIGNED)", MILLISECONDS},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

struct mi_route_baseline {
	char *values[SETTINGS]; /* NULL: the source does not say */
};

unsigned mi_route_version(struct mi_span text, bool *mariadb)
{
	unsigned part[3] = {0}, at = 0;
	size_t i = 0;

	*mariadb = text.len >= 7 && memmem(text.data, text.len, "MariaDB", 7);
	if (*mariadb && text.len > 6 && memcmp(text.data, "5.5.5-", 6) == 0)
		/* MariaDB puts "5.5.5-" before its version, for old replicas */
		i = 6;
	for (; i < text.len && at < 3; i++) {
		if (text.data[i] == '.')
			at++;
		else if (text.data[i] >= '0' && text.data[i] <= '9' && part[at] < 1000)
			part[at] = part[at] * 10 + (unsigned)(text.data[i] - '0');
		else
			break;
	}
	return part[0] * 10000 + part[1] * 100 + part[2];
}

void mi_route_baseline_free(struct mi_route_baseline *baseline)
{
	if (!baseline)
		return;
	for (size_t i = 0; i < SETTINGS; i++)
		free(baseline->values[i]);
	free(baseline);
}

const char *mi_route_baseline_value(const struct mi_route_baseline *baseline, const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return baseline->values[i];
	return NULL;
}

/* ---- From the source, to and from the file ---- */

static int read_setting(struct mi_conn *source, const struct setting *setting, char **value,
                        struct mi_err *err)
{
	bool mariadb = source->flavour == MI_FLAVOUR_MARIADB, is_null;
	struct mi_buf sql = {0}, text = {0};
	int ret;

	mi_buf_addf(&sql, "SELECT %s", mariadb ? setting->mariadb : setting->mysql);
	ret = mi_conn_value(source, err, mi_buf_cstr(&sql), &text, &is_null);
	if (ret == 0 && !is_null)
		*value = mi_strdup(mi_buf_cstr(&text));
	mi_buf_release(&sql);
	mi_buf_release(&text);
	return ret;
}

static void warn_of_zone(const struct mi_route_baseline *baseline)
{
	const char *zone = mi_route_baseline_value(baseline, "time_zone");
	const char *offset = mi_route_baseline_value(baseline, "utc_offset");

	if (zone && offset && strcmp(zone, "SYSTEM") == 0 && strncmp(offset, "00:00", 5) != 0)
		mi_warn("the source's time_zone is its machine's: sessions at the target get its "
		        "offset of now, %s, which will be wrong when the clocks change; a named "
		        "time_zone on the source would not be",
		        offset);
}

int mi_route_baseline_read(struct mi_conn *source, struct mi_route_baseline **baseline,
                           struct mi_err *err)
{
	struct mi_route_baseline *new = mi_alloc(sizeof *new);

	for (size_t i = 0; i < SETTINGS; i++) {
		if (read_setting(source, &settings[i], &new->values[i], err) == 0)
			continue;
		if (settings[i].how != NUMBER && settings[i].how != MILLISECONDS) {
			mi_route_baseline_free(new);
			return mi_within(err, "cannot read the source's settings");
		}
		/* an older server, or one that is none of both, lacks a few */
		mi_notice("the source has no setting %s", settings[i].name);
	}
	warn_of_zone(new);
	*baseline = new;
	return 0;
}

int mi_route_baseline_save(const struct mi_route_baseline *baseline, const char *path,
                           struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	for (size_t i = 0; i < SETTINGS; i++)
		if (baseline->values[i] && !strchr(baseline->values[i], '\n'))
			mi_buf_addf(&text, "%s=%s\n", settings[i].name, baseline->values[i]);
	ret = mi_save_file(path, mi_buf_span(&text), 0600, err);
	mi_buf_release(&text);
	return ret;
}

static bool take_line(struct mi_route_baseline *baseline, const char *line, size_t len)
{
	const char *sign = memchr(line, '=', len);

	if (!sign)
		return false;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (!mi_span_eq(mi_span(line, (size_t)(sign - line)),
		                mi_span_str(settings[i].name)))
			continue;
		free(baseline->values[i]);
		baseline->values[i] = mi_strndup(sign + 1, (size_t)(line + len - (sign + 1)));
	}
	return true;
}

int mi_route_baseline_load(const char *path, struct mi_route_baseline **baseline,
                           struct mi_err *err)
{
	struct mi_route_baseline *new = mi_alloc(sizeof *new);
	struct mi_buf text = {0};
	int ret = mi_read_file(path, MAX_FILE, &text, err);

	for (size_t at = 0; ret == 0 && at < text.len;) {
		const char *line = text.data + at, *end = memchr(line, '\n', text.len - at);
		size_t len = end ? (size_t)(end - line) : text.len - at;

		if (!take_line(new, line, len))
			ret = mi_fail(err, MI_CONFIG, "%s: not a file of session settings", path);
		at += len + 1;
	}
	if (ret == 0 && !mi_route_baseline_value(new, "version"))
		ret = mi_fail(err, MI_CONFIG, "%s: not a file of session settings", path);
	if (ret == 0)
		*baseline = new;
	else
		mi_route_baseline_free(new);
	mi_buf_release(&text);
	return ret;
}

/* ---- SET ---- */

struct setter {
	const struct mi_route_baseline *baseline;
	struct mi_buf *sql;
	bool mariadb, ignore_space;
	unsigned version;
};

static void begin(struct setter *setter, const char *name)
{
	mi_buf_addf(setter->sql, "%s%s=", setter->sql->len ? "," : "SET ", name);
}

static void quote(struct setter *setter, struct mi_span text)
{
	/* the session's sql_mode is not known yet, so a backslash could mean two things: the values
	 * have none */
	mi_buf_add_char(setter->sql, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\\')
			continue;
		if (text.data[i] == '\'')
			mi_buf_add_char(setter->sql, '\'');
		mi_buf_add_char(setter->sql, text.data[i]);
	}
	mi_buf_add_char(setter->sql, '\'');
}

/* Modes that only one family, or an older version, has. */
static bool has_mode(const struct setter *setter, struct mi_span mode)
{
	static const char *const mariadb_only[] = {"EMPTY_STRING_IS_NULL",
	                                           "SIMULTANEOUS_ASSIGNMENT",
	                                           "TIME_ROUND_FRACTIONAL",
	                                           "IGNORE_BAD_TABLE_OPTIONS",
	                                           "POSTGRESQL",
	                                           "ORACLE",
	                                           "MSSQL",
	                                           "DB2",
	                                           "MAXDB",
	                                           "NO_KEY_OPTIONS",
	                                           "NO_TABLE_OPTIONS",
	                                           "NO_FIELD_OPTIONS",
	                                           "MYSQL323",
	                                           "MYSQL40",
	                                           "NO_AUTO_CREATE_USER"};

	if (setter->mariadb)
		return !mi_span_is(mode, "TIME_TRUNCATE_FRACTIONAL");
	if (setter->version < 80000)
		return true;
	for (size_t i = 0; i < sizeof mariadb_only / sizeof *mariadb_only; i++)
		if (mi_span_is(mode, mariadb_only[i]))
			return false;
	return true;
}

static void modes_here(const struct setter *setter, const char *value, struct mi_buf *kept)
{
	while (*value) {
		size_t len = strcspn(value, ",");

		if (len && has_mode(setter, mi_span(value, len))) {
			if (kept->len)
				mi_buf_add_char(kept, ',');
			mi_buf_add(kept, value, len);
		}
		value += len + (value[len] == ',');
	}
}

static void set_modes(struct setter *setter, const char *value)
{
	struct mi_buf kept = {0};

	modes_here(setter, value, &kept);
	if (setter->ignore_space)
		mi_buf_addf(&kept, "%sIGNORE_SPACE", kept.len ? "," : "");
	begin(setter, "sql_mode");
	quote(setter, mi_buf_span(&kept));
	mi_buf_release(&kept);
}

/* SYSTEM would be another zone on another machine: elsewhere the source's offset is set, as read.
 * False, and nothing is appended: value is as good there. */
static bool zone_there(const struct setter *setter, const char *value, struct mi_buf *there)
{
	const char *offset = mi_route_baseline_value(setter->baseline, "utc_offset");
	bool minus = offset && *offset == '-';

	if (strcmp(value, "SYSTEM") != 0 || !offset || strlen(offset) < 8u + minus)
		return false;
	mi_buf_addf(there, "%c%.5s", minus ? '-' : '+', offset + minus);
	return true;
}

static void set_time_zone(struct setter *setter, const char *value)
{
	struct mi_buf zone = {0};

	begin(setter, "time_zone");
	if (zone_there(setter, value, &zone))
		quote(setter, mi_buf_span(&zone));
	else
		quote(setter, mi_span_str(value));
	mi_buf_release(&zone);
}

/* Has the server only the old name of transaction_isolation, tx_isolation? */
static bool is_old(const struct setter *setter)
{
	return setter->mariadb ? setter->version < 110100 : setter->version < 50720;
}

static void set_one(struct setter *setter, const struct setting *setting, const char *value)
{
	switch (setting->how) {
	case KEPT:
		break;
	case NUMBER:
		/* in MariaDB before 10.8.2 read-only, and the same for all sessions */
		if (setter->mariadb && setter->version < 100802 &&
		    strcmp(setting->name, "explicit_defaults_for_timestamp") == 0)
			break;
		begin(setter, setting->name);
		mi_buf_add_str(setter->sql, value);
		break;
	case TEXT:
		begin(setter, setting->name);
		quote(setter, mi_span_str(value));
		break;
	case ISOLATION:
		begin(setter, is_old(setter) ? "tx_isolation" : setting->name);
		quote(setter, mi_span_str(value));
		break;
	case TIME_ZONE:
		set_time_zone(setter, value);
		break;
	case MODES:
		set_modes(setter, value);
		break;
	case MILLISECONDS:
		begin(setter, setter->mariadb ? "max_statement_time" : setting->name);
		mi_buf_addf(setter->sql, "%s%s", value, setter->mariadb ? "/1000" : "");
		break;
	}
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Appends the collation, or the server's nearest when it lacks that, by the server's name. */
static void collation_here(const struct setter *setter, const char *name, struct mi_buf *out)
{
	bool is_0900 = starts(name, "utf8mb4_") && strstr(name, "_0900_");
	bool old = setter->mariadb ? setter->version < 100600 : setter->version < 80000;

	if (is_0900 && (setter->mariadb || setter->version < 80001))
		name = strcmp(name, "utf8mb4_0900_bin") == 0 ? "utf8mb4_bin"
		                                             : "utf8mb4_unicode_520_ci";
	if (starts(name, "utf8mb4_uca1400_") && !setter->mariadb)
		name = setter->version < 80001 ? "utf8mb4_unicode_520_ci" : "utf8mb4_0900_ai_ci";
	if (starts(name, "utf8mb3_uca1400_") && !setter->mariadb)
		name = "utf8mb3_unicode_520_ci";
	if (starts(name, "gb18030") && setter->mariadb)
		name = "utf8mb4_unicode_520_ci";
	if (old && starts(name, "utf8mb3_"))
		mi_buf_addf(out, "utf8%s", name + strlen("utf8mb3"));
	else
		mi_buf_add_str(out, name);
}

static void set_charsets(struct setter *setter, unsigned id)
{
	const char *name = mi_collation_name(id);
	struct mi_buf collation = {0};
	struct mi_span charset;

	if (!name) /* servers treat ids that they do not know in the same way */
		name = mi_route_baseline_value(setter->baseline, "collation_server");
	collation_here(setter, name ? name : "utf8mb4_general_ci", &collation);
	charset = mi_collation_charset(mi_buf_cstr(&collation));
	begin(setter, "character_set_client");
	mi_buf_add_span(setter->sql, charset);
	begin(setter, "character_set_results");
	mi_buf_add_span(setter->sql, charset);
	begin(setter, "collation_connection");
	mi_buf_add_span(setter->sql, mi_buf_span(&collation));
	mi_buf_release(&collation);
}

/* Every version of both has the collations of these ids. (Those of version 9.0.0 of the collation
 * algorithm, and of gb18030, are MySQL's alone.) */
bool mi_route_baseline_login_makes(unsigned id)
{
	const char *name = mi_collation_name(id);

	return name && !strstr(name, "_0900_") && !starts(name, "gb18030");
}

void mi_route_baseline_sql(const struct mi_route_baseline *baseline,
                           const struct mi_route_baseline_at *at, unsigned collation,
                           struct mi_buf *sql)
{
	struct setter setter = {.baseline = baseline,
	                        .sql = sql,
	                        .mariadb = at->mariadb,
	                        .ignore_space = at->ignore_space,
	                        .version = at->version};
	bool source_mariadb;

	for (size_t i = 0; i < SETTINGS; i++)
		if (baseline->values[i])
			set_one(&setter, &settings[i], baseline->values[i]);
	/* a server of the source's flavour makes of a login what the source would have made */
	(void)mi_route_version(mi_span_str(mi_route_baseline_value(baseline, "version")),
	                       &source_mariadb);
	if (collation && source_mariadb != at->mariadb && !mi_route_baseline_login_makes(collation))
		set_charsets(&setter, collation);
}

static const char *limit_there(const struct setter *setter, const char *name, const char *value,
                               struct mi_buf *there)
{
	double limit = strtod(value, NULL);

	if (setter->mariadb == (strcmp(name, "max_statement_time") == 0))
		mi_buf_add_str(there, value);
	else if (setter->mariadb)
		mi_buf_addf(there, "%.3f", limit / 1000);
	else
		mi_buf_addf(there, "%.0f", limit * 1000);
	return setter->mariadb ? "max_statement_time" : "max_execution_time";
}

static bool is_among(const char *name, const char *one, const char *other)
{
	return strcmp(name, one) == 0 || strcmp(name, other) == 0;
}

const char *mi_route_baseline_there(const void *arg, const char *name, const char *value,
                                    struct mi_buf *there)
{
	const struct mi_route_baseline_at *at = arg;
	struct setter setter = {
	    .baseline = at->baseline, .mariadb = at->mariadb, .version = at->version};

	if (strcmp(name, "collation_connection") == 0)
		collation_here(&setter, value, there);
	else if (at->baseline && strcmp(name, "time_zone") == 0 &&
	         zone_there(&setter, value, there))
		return name;
	else if (strcmp(name, "sql_mode") == 0)
		modes_here(&setter, value, there);
	else if (is_among(name, "max_execution_time", "max_statement_time"))
		return limit_there(&setter, name, value, there);
	else
		mi_buf_add_str(there, value);
	if (is_among(name, "transaction_isolation", "tx_isolation"))
		return is_old(&setter) ? "tx_isolation" : "transaction_isolation";
	if (is_among(name, "cte_max_recursion_depth", "max_recursive_iterations"))
		return at->mariadb ? "max_recursive_iterations" : "cte_max_recursion_depth";
	return name;
}

bool mi_route_baseline_trackers(const struct mi_route_baseline_at *at,
                                const struct mi_route_trackers *trackers, struct mi_buf *sql)
{
	if (at->version < (at->mariadb ? 100202u : 50708u))
		return false;
	mi_buf_add_str(sql, "SET session_track_system_variables='*',session_track_schema=1,"
	                    "session_track_state_change=1");
	if (trackers->in_transaction)
		return true;
	mi_buf_addf(sql, ",session_track_transaction_info='%s'",
	            trackers->characteristics ? "CHARACTERISTICS" : "STATE");
	if (!at->mariadb)
		mi_buf_addf(sql, ",session_track_gtids=%s",
		            trackers->all_gtids ? "ALL_GTIDS" : "OWN_GTID");
	return true;
}
