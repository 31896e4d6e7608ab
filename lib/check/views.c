/* The check for views that the target would refuse after all rows are there. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/convert.h"
#include "check/try.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "server/conn.h"
#include "source/schema.h"
#include "sql/literal.h"
#include "table/dbmap.h"

/* Does the target have what a view needs, under the name that it has there? */
static int target_has(const struct mi_check_at *at, const struct mi_view_fault *fault, bool *has,
                      struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t found;
	int ret;

	*has = false;
	if (!at->run->target.conn)
		return 0;
	mi_buf_add_str(&sql, fault->is_call
	                         ? "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE "
	                           "ROUTINE_SCHEMA="
	                         : "SELECT COUNT(*) FROM information_schema.TABLES WHERE "
	                           "TABLE_SCHEMA=");
	mi_sql_string(&sql, mi_map_db(&at->run->map, fault->need_db));
	mi_buf_add_str(&sql, fault->is_call ? " AND ROUTINE_NAME=" : " AND TABLE_NAME=");
	mi_sql_string(&sql, fault->need);
	ret = mi_conn_number(at->run->target.conn, err, mi_buf_cstr(&sql), &found);
	*has = ret == 0 && found > 0;
	mi_buf_release(&sql);
	return ret;
}

static void add_needy(struct mi_check_names *needy, const struct mi_view_fault *fault)
{
	struct mi_buf what = {0};

	mi_buf_addf(&what, "%s.%s (needs %s.%s)", fault->db, fault->view, fault->need_db,
	            fault->need);
	mi_check_names_add(needy, mi_buf_cstr(&what), "");
	mi_buf_release(&what);
}

static void say(struct mi_check_at *at, struct mi_check_names *invalid,
                struct mi_check_names *needy)
{
	if (invalid->count)
		mi_check_block(at,
		               "mend or drop them on the source, leave each out with -X, or all of "
		               "them with --skip-invalid-views",
		               "invalid on the source itself: %s", mi_check_names_text(invalid));
	if (needy->count)
		mi_check_say(at, at->run->target.conn ? MI_CHECK_BLOCK : MI_CHECK_WARN,
		             "import what they need too, make it on the target beforehand, or "
		             "leave them out with -X",
		             "need what is neither imported nor known to be on the target: %s",
		             mi_check_names_text(needy));
	if (!invalid->count && !needy->count)
		mi_check_ok(at, "nothing that a view needs is missing");
}

int mi_check_views(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct mi_check_names invalid = {0}, needy = {0};
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	if (mi_check_schema(at, err) != 0)
		return -1;
	if (run->schema_err.code) {
		mi_check_warn(at, NULL, "could not look: see the check `definitions`");
		return 0;
	}
	if (mi_check_kind(run) >= MI_SERVER_VITESS) {
		mi_check_ok(at, "the target has no views, see left-behind");
		return 0;
	}
	for (size_t i = 0; ret == 0 && i < run->schema.fault_count; i++) {
		const struct mi_view_fault *fault = &run->schema.faults[i];
		bool has = false;

		if (!fault->need) {
			mi_check_names_add(&invalid, fault->db, fault->view);
			continue;
		}
		ret = target_has(at, fault, &has, err);
		if (ret == 0 && !has)
			add_needy(&needy, fault);
	}
	if (ret == 0)
		say(at, &invalid, &needy);
	mi_check_names_release(&invalid);
	mi_check_names_release(&needy);
	return ret;
}
