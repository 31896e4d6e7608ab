#include "route/shared/carried.h"
#include "base/buf.h"

#include <stdint.h>

/* From this version on; NEVER: that flavour does not have the variable. */
enum { NEVER = INT32_MAX };

static const struct carried {
	const char *name;
	unsigned mysql, mariadb, until_mysql, until_mariadb;
} carried[] = {
    {"session_track_schema", 50704, 100202, NEVER, NEVER},
    {"session_track_state_change", 50704, 100202, NEVER, NEVER},
    {"session_track_system_variables", 50704, 100202, NEVER, NEVER},
    {"session_track_transaction_info", 50708, 100202, NEVER, NEVER},
    {"session_track_gtids", 50706, NEVER, NEVER, NEVER},
    {"sql_mode", 0, 0, NEVER, NEVER},
    {"time_zone", 0, 0, NEVER, NEVER},
    {"transaction_isolation", 50720, 110101, NEVER, NEVER},
    {"tx_isolation", 0, 0, 50720, 110101},
    {"transaction_read_only", 50720, 110101, NEVER, NEVER},
    {"tx_read_only", 50605, 100001, 50720, 110101},
    {"group_concat_max_len", 0, 0, NEVER, NEVER},
    {"div_precision_increment", 0, 0, NEVER, NEVER},
    {"default_week_format", 0, 0, NEVER, NEVER},
    {"lc_time_names", 0, 0, NEVER, NEVER},
    {"sql_auto_is_null", 0, 0, NEVER, NEVER},
    {"sql_safe_updates", 0, 0, NEVER, NEVER},
    {"sql_select_limit", 0, 0, NEVER, NEVER},
    /* it sets sql_big_selects, too */
    {"max_join_size", 0, 0, NEVER, NEVER},
    {"sql_big_selects", 0, 0, NEVER, NEVER},
    {"foreign_key_checks", 0, 0, NEVER, NEVER},
    {"unique_checks", 0, 0, NEVER, NEVER},
    {"updatable_views_with_limit", 0, 0, NEVER, NEVER},
    {"max_sp_recursion_depth", 0, 0, NEVER, NEVER},
    {"max_sort_length", 0, 0, NEVER, NEVER},
    {"max_execution_time", 50708, NEVER, NEVER, NEVER},
    {"max_statement_time", NEVER, 100101, NEVER, NEVER},
    {"cte_max_recursion_depth", 80003, NEVER, NEVER, NEVER},
    {"max_recursive_iterations", NEVER, 100200, NEVER, NEVER},
    {"lock_wait_timeout", 50503, 50500, NEVER, NEVER},
    {"innodb_lock_wait_timeout", 50503, 50500, NEVER, NEVER},
    {"sql_notes", 0, 0, NEVER, NEVER},
    {"sql_warnings", 0, 0, NEVER, NEVER},
    {"completion_type", 0, 0, NEVER, NEVER},
    {"sql_quote_show_create", 0, 0, NEVER, NEVER},
    {"wait_timeout", 0, 0, NEVER, NEVER},
    {"net_read_timeout", 0, 0, NEVER, NEVER},
    {"net_write_timeout", 0, 0, NEVER, NEVER},
    {"character_set_client", 0, 0, NEVER, NEVER},
    {"character_set_results", 0, 0, NEVER, NEVER},
    /* every setting of a character set changes it */
    {"collation_connection", 0, 0, NEVER, NEVER},
};
enum { CARRIED = sizeof carried / sizeof *carried };

static bool is_there(const struct carried *variable, bool mariadb, unsigned version)
{
	unsigned from = mariadb ? variable->mariadb : variable->mysql;
	unsigned until = mariadb ? variable->until_mariadb : variable->until_mysql;

	return version >= from && version < until;
}

const char *mi_route_carried_name(bool mariadb, unsigned version, size_t i)
{
	for (size_t at = 0; at < CARRIED; at++)
		if (is_there(&carried[at], mariadb, version) && i-- == 0)
			return carried[at].name;
	return NULL;
}

void mi_route_carried_ask(bool mariadb, unsigned version, struct mi_buf *sql)
{
	const char *between = "SELECT @@";

	for (size_t at = 0; at < CARRIED; at++)
		if (is_there(&carried[at], mariadb, version)) {
			mi_buf_addf(sql, "%s%s", between, carried[at].name);
			between = ",@@";
		}
}
