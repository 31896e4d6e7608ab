/* The checks of what global variables do not show: sessions with their own binary log settings, and
 * events in the log. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "server/conn.h"

#include <stdlib.h>
#include <strings.h>

/* Sessions whose value differs from the global one: set in the session, or kept since the global
 * one changed. */
static const char overriding[] =
    "SELECT COUNT(DISTINCT THREAD_ID) FROM performance_schema.variables_by_thread WHERE "
    "(VARIABLE_NAME = 'binlog_format' AND VARIABLE_VALUE <> 'ROW') OR (VARIABLE_NAME = "
    "'binlog_row_image' AND VARIABLE_VALUE <> 'FULL') OR (VARIABLE_NAME = 'sql_log_bin' AND "
    "VARIABLE_VALUE = 'OFF')";

int mi_check_session_format(struct mi_check_at *at, struct mi_err *err)
{
	uint64_t count;

	if (!mi_check_on(at->server, "performance_schema")) {
		mi_check_warn(at, "performance_schema = ON in the [mysqld] group, and a restart",
		              "sessions' own formats cannot be seen without performance_schema; "
		              "mi-binlog stops at what they log");
	} else if (mi_conn_number(at->server->conn, err, overriding, &count) != 0) {
		if (err->code != MI_DENIED)
			return -1;
		*err = (struct mi_err){0};
		mi_check_warn(at,
		              "GRANT SELECT ON performance_schema.* TO the account, for this check "
		              "alone",
		              "could not look: the account may not see sessions' variables");
	} else if (count) {
		mi_check_say(at, mi_check_follow_level(at), "let these sessions connect again",
		             "%llu session%s log otherwise than as whole rows",
		             (unsigned long long)count, count == 1 ? "" : "s");
	} else {
		mi_check_ok(at, "every session logs whole rows");
	}
	return 0;
}

#ifdef MI_HAVE_ZSTD
static const bool have_zstd = true;
#else
static const bool have_zstd = false;
#endif

int mi_check_binlog_form(struct mi_check_at *at, struct mi_err *err)
{
	const char *options = mi_check_var(at->server, "binlog_row_value_options");
	const char *image = mi_check_var(at->server, "binlog_row_image");
	bool partial = options && strcasestr(options, "PARTIAL_JSON");

	(void)err;
	if (partial && image && strcasecmp(image, "FULL") != 0)
		mi_check_block(at, "SET GLOBAL binlog_row_value_options = ''",
		               "JSON is logged as differences, without the document that they "
		               "change");
	else if (mi_check_on(at->server, "binlog_transaction_compression") && !have_zstd)
		mi_check_block(at, "SET GLOBAL binlog_transaction_compression = OFF",
		               "transactions are compressed, and this build has no zstd");
	else if (partial)
		mi_check_ok(at, "JSON is logged as differences, which mi-binlog can resolve");
	else
		mi_check_ok(at, "mi-binlog reads the log's form");
	return 0;
}

int mi_check_gtid_domains(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_buf position = {0};
	const char *text;
	unsigned domains = 1;
	int ret = mi_conn_value(at->server->conn, err, "SELECT @@GLOBAL.gtid_binlog_pos", &position,
	                        NULL);

	if (ret == 0) {
		text = mi_buf_cstr(&position);
		for (const char *c = text; *c; c++)
			domains += *c == ',';
		if (domains > 1)
			mi_check_warn(
			    at,
			    "write in one domain; FLUSH BINARY LOGS DELETE_DOMAIN_ID = "
			    "(...) forgets those that ended",
			    "GTIDs of %u domains (%s): transactions of two are applied in "
			    "the log's order, one after another",
			    domains, text);
		else
			mi_check_ok(at, "GTIDs of one domain");
	}
	mi_buf_release(&position);
	return ret;
}
