#include "apply/session.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "stream/words.h"

#include <stdlib.h>
#include <strings.h>

/* What a session has when ddl does not say otherwise: a log leaves out these values. Of the
 * others the tools' own session has those that it must have. */
static const struct {
	enum mi_ddl_setting setting;
	const char *value;
} defaults[] = {
    {MI_SET_INCREMENT, "1"},
    {MI_SET_OFFSET, "1"},
    {MI_SET_FOREIGN_KEYS, "0"},
};

static const char *wanted(const struct mi_ddl *ddl, enum mi_ddl_setting setting)
{
	if (ddl->settings[setting])
		return ddl->settings[setting];
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		if (defaults[i].setting == setting)
			return defaults[i].value;
	return NULL;
}

/* SHOW VARIABLES says ON and OFF. */
static bool is_value(const char *shown, const char *value)
{
	if (strcmp(shown, "ON") == 0)
		return strcmp(value, "1") == 0;
	if (strcmp(shown, "OFF") == 0)
		return strcmp(value, "0") == 0;
	return strcmp(shown, value) == 0;
}

/* A setting that this server has not. */
static int take_unknown(const struct mi_ddl *ddl, enum mi_ddl_setting setting, struct mi_err *err)
{
	switch (setting) {
	case MI_SET_PRIMARY_KEY: /* these forbid, and the source has allowed it */
	case MI_SET_CONSTRAINTS: /* these allow; what is not allowed is refused here, and said */
	case MI_SET_IF_EXISTS:
	case MI_SET_UTF8MB4: /* the text says what it means */
	case MI_SET_COLLATIONS:
		return 0;
	default:
		return mi_fail(err, MI_DATA, "this server has no %s, and the statement needs %s",
		               mi_ddl_setting_names[setting], ddl->settings[setting]);
	}
}

static void add_setting(struct mi_buf *sql, enum mi_ddl_setting setting, const char *value)
{
	mi_buf_addf(sql, "%sSESSION %s=", sql->len ? "," : "SET ", mi_ddl_setting_names[setting]);
	if (mi_ddl_setting_is_number(setting))
		mi_buf_add_str(sql, value);
	else
		mi_sql_string(sql, value);
}

static int read_variables(struct mi_conn *conn, MYSQL_RES **result, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SHOW SESSION VARIABLES WHERE Variable_name IN (''");
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		mi_buf_addf(&sql, ",'%s'", mi_ddl_setting_names[i]);
	mi_buf_add_char(&sql, ')');
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	return ret;
}

static const char *find_variable(MYSQL_RES *result, const char *name)
{
	MYSQL_ROW row;

	mysql_data_seek(result, 0);
	while ((row = mysql_fetch_row(result)))
		if (strcasecmp(row[0], name) == 0)
			return row[1];
	return NULL;
}

static int choose(const struct mi_ddl *ddl, MYSQL_RES *variables, struct mi_buf *sql,
                  struct mi_err *err)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++) {
		const char *value = wanted(ddl, (enum mi_ddl_setting)i);
		const char *shown =
		    value ? find_variable(variables, mi_ddl_setting_names[i]) : NULL;

		if (!value)
			continue;
		if (!shown && take_unknown(ddl, (enum mi_ddl_setting)i, err) != 0)
			return -1;
		if (shown && !is_value(shown, value))
			add_setting(sql, (enum mi_ddl_setting)i, value);
	}
	return 0;
}

/* Names without a database mean something in it alone: where it is not, they must mean nothing. */
static int use(const char *db, struct mi_conn *conn, struct mi_err *err)
{
	if (*db && mysql_select_db(conn->mysql, db) == 0)
		return 0;
	if (*db && mysql_errno(conn->mysql) != MI_ER_BAD_DB_ERROR)
		return mi_conn_fail(conn, err, db);
	return mysql_select_db(conn->mysql, "information_schema") == 0
	           ? 0
	           : mi_conn_fail(conn, err, "information_schema");
}

int mi_session_set(const struct mi_ddl *ddl, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *variables;
	int ret;

	if (use(ddl->db, conn, err) != 0 || read_variables(conn, &variables, err) != 0)
		return -1;
	ret = choose(ddl, variables, &sql, err);
	mysql_free_result(variables);
	if (ret == 0 && sql.len)
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}
