/* The check for foreign keys that newer servers of MySQL make only where they are told to. */
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "server/conn.h"
#include "table/parent_key.h"
#include "table/table.h"

static void list(const struct mi_tables *tables, struct mi_check_names *names)
{
	for (size_t i = 0; i < tables->count; i++) {
		const struct mi_table *table = tables->items[i];
		struct mi_buf name = {0};

		for (size_t k = 0; k < table->fkey_count; k++) {
			const struct mi_fkey *fkey = &table->fkeys[k];

			if (mi_fkey_is_standard(fkey, tables))
				continue;
			mi_buf_reset(&name);
			mi_buf_addf(&name, "%s.%s", table->name, fkey->name);
			mi_check_names_add(names, table->db, mi_buf_cstr(&name));
		}
		mi_buf_release(&name);
	}
}

/* May a session of the tools have restrict_fk_on_non_standard_key OFF? Tried, and set back. */
static int try_setting(struct mi_conn *conn, struct mi_tried *tried, struct mi_err *err)
{
	struct mi_tried back;

	if (mi_check_try(conn,
	                 "SET @mi_fk=@@SESSION.restrict_fk_on_non_standard_key,"
	                 "SESSION restrict_fk_on_non_standard_key=OFF",
	                 tried, err) != 0)
		return -1;
	if (!tried->allowed)
		return 0;
	return mi_check_try(conn, "SET SESSION restrict_fk_on_non_standard_key=@mi_fk", &back, err);
}

int mi_check_parent_keys(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_server *target = &at->run->target;
	struct mi_check_names names = {0};
	struct mi_tried tried = {.allowed = true};
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	if (mi_check_var(target, "restrict_fk_on_non_standard_key"))
		list(&at->run->tables, &names);
	if (names.count && mi_check_on(target, "restrict_fk_on_non_standard_key"))
		ret = try_setting(target->conn, &tried, err);
	if (ret == 0 && !names.count)
		mi_check_ok(at, "the target makes every foreign key's kind");
	else if (ret == 0 && !tried.allowed)
		mi_check_block(at,
		               "SET GLOBAL restrict_fk_on_non_standard_key = OFF on the target, or "
		               "make the parents' keys UNIQUE",
		               "foreign keys to what is no whole UNIQUE key, which the target "
		               "refuses (%s): %s",
		               tried.why, mi_check_names_text(&names));
	else if (ret == 0)
		mi_check_warn(at,
		              "make the parents' keys UNIQUE, or keep "
		              "restrict_fk_on_non_standard_key OFF on the target for those who "
		              "alter these tables",
		              "foreign keys to what is no whole UNIQUE key, which mi-load makes "
		              "by a setting of its session: %s",
		              mi_check_names_text(&names));
	mi_check_names_release(&names);
	return ret;
}
