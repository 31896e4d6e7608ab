#include "follow/context.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/query.h"
#include "server/conn.h"
#include "sql/logged.h"
#include "stream/parse.h"

#include <stdio.h>

/* What is read of one event. */
struct reading {
	struct mi_context *context;
	const struct mi_event_query *query;
	struct mi_conn *control;
	struct mi_err *err;
};

void mi_context_release(struct mi_context *context)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		mi_buf_release(&context->values[i]);
}

/* ---- Values ---- */

/* The value's buffer, for a setting that is not the tools' own. */
static struct mi_buf *give(struct reading *r, enum mi_ddl_setting setting)
{
	r->context->is_given[setting] = true;
	return &r->context->values[setting];
}

static void give_number(struct reading *r, enum mi_ddl_setting setting, unsigned number)
{
	mi_buf_addf(give(r, setting), "%u", number);
}

static bool has_option(const struct reading *r, uint32_t option)
{
	return r->query->has_options && (r->query->options & option);
}

static bool is_mariadb(const struct mi_conn *control)
{
	return control->flavour == MI_FLAVOUR_MARIADB;
}

/* ---- Collations ---- */

/* The name of a collation, or of its character set (column), by its number in the log. */
static int name_collation(struct mi_conn *control, unsigned id, const char *column,
                          struct mi_buf *name, struct mi_err *err)
{
	/* MariaDB's newer collations belong to many character sets, and have a number for each */
	bool many = is_mariadb(control) && control->version >= 101001;
	char sql[160];

	(void)snprintf(sql, sizeof sql, "SELECT %s%s FROM information_schema.%s WHERE ID = %u",
	               many && strcmp(column, "COLLATION_NAME") == 0 ? "FULL_" : "", column,
	               many ? "COLLATION_CHARACTER_SET_APPLICABILITY" : "COLLATIONS", id);
	return mi_conn_value(control, err, sql, name, NULL);
}

int mi_context_charset(struct mi_conn *control, unsigned id, struct mi_buf *name,
                       struct mi_err *err)
{
	return name_collation(control, id, "CHARACTER_SET_NAME", name, err);
}

/* What utf8mb4 alone means. MySQL before 8.0 does not say it, and means what it always was. */
static int read_utf8mb4(struct reading *r)
{
	static const char query[] = "SELECT DEFAULT_COLLATE_NAME FROM "
				    "information_schema.CHARACTER_SETS "
				    "WHERE CHARACTER_SET_NAME = 'utf8mb4'";
	struct mi_buf *name = give(r, MI_SET_UTF8MB4);

	if (is_mariadb(r->control))
		return mi_conn_value(r->control, r->err, query, name, NULL);
	if (r->query->utf8mb4)
		return name_collation(r->control, r->query->utf8mb4, "COLLATION_NAME", name,
		                      r->err);
	mi_buf_add_str(name, "utf8mb4_general_ci");
	return 0;
}

/* "utf8mb4=utf8mb4_bin,latin1=latin1_bin", as character_set_collations has it. */
static int read_collations(struct reading *r)
{
	struct mi_span rest = r->query->collations;
	struct mi_buf *list = rest.len ? give(r, MI_SET_COLLATIONS) : NULL;

	for (; rest.len >= 4; rest = mi_span(rest.data + 4, rest.len - 4)) {
		const unsigned char *pair = (const unsigned char *)rest.data;
		unsigned charset = pair[0] | (unsigned)pair[1] << 8;
		unsigned collation = pair[2] | (unsigned)pair[3] << 8;

		if (list->len)
			mi_buf_add_char(list, ',');
		if (mi_context_charset(r->control, charset, list, r->err) != 0)
			return -1;
		mi_buf_add_char(list, '=');
		if (name_collation(r->control, collation, "COLLATION_NAME", list, r->err) != 0)
			return -1;
	}
	return 0;
}

static int read_charsets(struct reading *r, bool new_database)
{
	const struct mi_event_query *query = r->query;

	if (query->has_charset &&
	    (mi_context_charset(r->control, query->client, give(r, MI_SET_CLIENT), r->err) != 0 ||
	     name_collation(r->control, query->connection, "COLLATION_NAME",
	                    give(r, MI_SET_CONNECTION), r->err) != 0))
		return -1;
	if (query->has_charset && new_database &&
	    name_collation(r->control, query->server, "COLLATION_NAME", give(r, MI_SET_SERVER),
	                   r->err) != 0)
		return -1;
	return read_utf8mb4(r) == 0 ? read_collations(r) : -1;
}

/* ---- Time ---- */

/* SYSTEM is another time zone at every server: the source is asked. UTC is the tools' own. */
static int read_time_zone(struct reading *r)
{
	struct mi_buf *zone = &r->context->values[MI_SET_TIME_ZONE];

	if (!mi_span_is(r->query->time_zone, "SYSTEM"))
		mi_buf_add_span(zone, r->query->time_zone);
	else if (mi_conn_value(r->control, r->err, "SELECT @@GLOBAL.system_time_zone", zone, NULL) <
	         0)
		return -1;
	r->context->is_given[MI_SET_TIME_ZONE] = zone->len > 0 &&
	                                         !mi_span_is(mi_buf_span(zone), "UTC") &&
	                                         !mi_span_is(mi_buf_span(zone), "+00:00");
	return 0;
}

/* explicit_defaults_for_timestamp, where it was off: the tools have it on. MariaDB before 10.8.4
 * has it as an option of the whole server, and MySQL before 8.0 does not say it. */
static int read_timestamps(struct reading *r)
{
	const struct mi_event_query *query = r->query;
	uint64_t on = query->timestamps;

	if (is_mariadb(r->control) && r->control->version >= 100804)
		on = !query->has_options || has_option(r, MI_QUERY_EXPLICIT_TIMESTAMPS);
	else if (!query->has_timestamps &&
	         mi_conn_number(r->control, r->err,
	                        "SELECT @@GLOBAL.explicit_defaults_for_timestamp", &on) != 0)
		return -1;
	if (!on)
		give_number(r, MI_SET_TIMESTAMPS, 0);
	return 0;
}

/* Servers print lc_time_names as a name, and have it as a number in their logs. */
static int read_months(struct reading *r)
{
	char sql[64];
	int ret;

	if (r->query->months == 0)
		return 0;
	(void)snprintf(sql, sizeof sql, "SET SESSION lc_time_names = %u", r->query->months);
	ret = mi_conn_exec(r->control, r->err, sql);
	if (ret == 0)
		ret = mi_conn_value(r->control, r->err, "SELECT @@SESSION.lc_time_names",
		                    give(r, MI_SET_MONTHS), NULL);
	if (ret == 0)
		ret = mi_conn_exec(r->control, r->err, "SET SESSION lc_time_names = 0");
	return ret;
}

/* ---- All of it ---- */

static void read_options(struct reading *r)
{
	const struct mi_event_query *query = r->query;

	if (query->has_sql_mode)
		mi_sql_mode_print(query->sql_mode, is_mariadb(r->control),
		                  give(r, MI_SET_SQL_MODE));
	if (query->has_options)
		give_number(r, MI_SET_FOREIGN_KEYS, !has_option(r, MI_QUERY_NO_FOREIGN_KEY_CHECKS));
	if (has_option(r, MI_QUERY_RELAXED_UNIQUE_CHECKS))
		give_number(r, MI_SET_UNIQUE, 0);
	if (query->increment > 1 || query->offset > 1) {
		give_number(r, MI_SET_INCREMENT, query->increment);
		give_number(r, MI_SET_OFFSET, query->offset);
	}
	if (query->has_primary_key)
		give_number(r, MI_SET_PRIMARY_KEY, query->primary_key);
	if (query->encrypts)
		give_number(r, MI_SET_ENCRYPTION, 1);
	if (is_mariadb(r->control) && has_option(r, MI_QUERY_NO_CHECK_CONSTRAINTS))
		give_number(r, MI_SET_CONSTRAINTS, 0);
	if (is_mariadb(r->control) && has_option(r, MI_QUERY_IF_EXISTS))
		give_number(r, MI_SET_IF_EXISTS, 1);
}

int mi_context_read(struct mi_context *context, const struct mi_event_query *query,
                    bool new_database, struct mi_conn *control, struct mi_err *err)
{
	struct reading r = {.context = context, .query = query, .control = control, .err = err};

	*context = (struct mi_context){0};
	read_options(&r);
	mi_buf_addf(give(&r, MI_SET_TIME), "%u.%06u", query->time, query->microseconds);
	if (read_charsets(&r, new_database) != 0 || read_timestamps(&r) != 0 ||
	    read_months(&r) != 0)
		return -1;
	return query->time_zone.len ? read_time_zone(&r) : 0;
}
