#include "target/lenient.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "server/conn.h"
#include "server/mysql_errors.h"

/* What the server refuses, and the setting under which it does not. */
static const struct waiver {
	unsigned number;
	const char *setting, *value;
} waivers[] = {
    {MI_ER_TOO_BIG_ROWSIZE, "innodb_strict_mode", "0"},
    {MI_ER_DUPLICATED_VALUE_IN_TYPE, "sql_mode",
     "REPLACE(@@SESSION.sql_mode,'STRICT_ALL_TABLES','')"},
    {MI_ER_FK_NO_UNIQUE_INDEX_PARENT, "restrict_fk_on_non_standard_key", "OFF"},
};
enum { WAIVERS = sizeof waivers / sizeof *waivers };

static const struct waiver *waiver_for(unsigned number, const bool *waived)
{
	for (size_t i = 0; i < WAIVERS; i++)
		if (waivers[i].number == number && !waived[i])
			return &waivers[i];
	return NULL;
}

static int waive(struct mi_conn *conn, const struct waiver *waiver, struct mi_err *err)
{
	return mi_conn_execf(conn, err, "SET @mi_lenient_%s=@@SESSION.%s, SESSION %s=%s",
	                     waiver->setting, waiver->setting, waiver->setting, waiver->value);
}

static int set_back(struct mi_conn *conn, const bool *waived, struct mi_err *err)
{
	for (size_t i = 0; i < WAIVERS; i++)
		if (waived[i] && mi_conn_execf(conn, err, "SET SESSION %s=@mi_lenient_%s",
		                               waivers[i].setting, waivers[i].setting) != 0)
			return -1;
	return 0;
}

/* A setting that the account may not change leaves the refusal as it was, with what to do. */
static int may_not(const struct waiver *waiver, const struct mi_err *refusal, struct mi_err *err)
{
	if (err->code == MI_UNAVAILABLE)
		return -1;
	*err = *refusal;
	return mi_hint(err,
	               "let the account set %s=%s for its session: GRANT SESSION_VARIABLES_ADMIN "
	               "ON *.* (MySQL 8); or set it globally for the load",
	               waiver->setting, waiver->value);
}

int mi_lenient_exec(struct mi_conn *conn, struct mi_span sql, bool *dirty, struct mi_err *err)
{
	bool waived[WAIVERS] = {false};

	*dirty = false;
	while (mi_conn_exec_span(conn, err, sql) != 0) {
		const struct waiver *waiver = waiver_for(mysql_errno(conn->mysql), waived);
		struct mi_err refusal = *err;

		if (!waiver)
			return -1;
		if (waive(conn, waiver, err) != 0)
			return may_not(waiver, &refusal, err);
		mi_detail("%s: tried again under %s=%s", refusal.text, waiver->setting,
		          waiver->value);
		waived[waiver - waivers] = *dirty = true;
		*err = (struct mi_err){0};
	}
	if (*dirty && set_back(conn, waived, err) != 0)
		return -1;
	*dirty = false;
	return 0;
}
