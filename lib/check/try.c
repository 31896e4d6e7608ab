#include "check/try.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "source/definitions.h"

#include <stdio.h>

static bool is_absence(unsigned number)
{
	switch (number) {
	case MI_ER_BAD_DB_ERROR:
	case MI_ER_BAD_TABLE_ERROR:
	case MI_ER_NO_SUCH_TABLE:
	case MI_ER_LOCK_WAIT_TIMEOUT:
	case MI_ER_SP_DOES_NOT_EXIST:
	case MI_ER_TRG_DOES_NOT_EXIST:
	case MI_ER_EVENT_DOES_NOT_EXIST:
		return true;
	default:
		return false;
	}
}

int mi_check_try(struct mi_conn *conn, const char *sql, struct mi_tried *tried, struct mi_err *err)
{
	*tried = (struct mi_tried){.allowed = true};
	if (mi_conn_exec(conn, err, sql) == 0)
		return 0;
	if (err->code == MI_UNAVAILABLE)
		return -1;
	tried->allowed = is_absence(mysql_errno(conn->mysql));
	(void)snprintf(tried->why, sizeof tried->why, "%s", mysql_error(conn->mysql));
	*err = (struct mi_err){0};
	return 0;
}

bool mi_check_unread(struct mi_check_at *at)
{
	struct mi_err err = {0};

	if (mi_check_what(at->run, &err) == 0)
		return false;
	mi_check_warn(at, NULL, "could not look: see the check `databases`");
	return true;
}

bool mi_check_hidden_cascades(const struct mi_check_at *at)
{
	const struct mi_check_server *source = &at->run->source;
	bool logged = source->conn->flavour == MI_FLAVOUR_MYSQL && source->conn->version >= 90600 &&
	              !mi_check_on(source, "innodb_native_foreign_keys");

	return !logged && mi_src_cascade(&at->run->tables) != NULL;
}

void mi_check_grant_pattern(struct mi_buf *sql, const char *db)
{
	mi_buf_add_char(sql, '`');
	for (; *db; db++) {
		if (*db == '_' || *db == '%' || *db == '\\')
			mi_buf_add_char(sql, '\\');
		if (*db == '`')
			mi_buf_add_char(sql, '`');
		mi_buf_add_char(sql, *db);
	}
	mi_buf_add_char(sql, '`');
}
