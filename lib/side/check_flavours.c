/* What differs between the two servers by what they are, and how they were made. */
#include "side/check_table.h"
#include "side/check_try.h"
#include "side/server.h"

/* Major and minor: servers of one series take each other's definitions and statements. */
static unsigned series(const struct mi_conn *conn)
{
	return conn->version / 100;
}

int mi_check_flavours(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_conn *source = at->run->source.conn, *target = at->run->target.conn;

	(void)err;
	if (source->flavour != target->flavour)
		mi_check_warn(
		    at, "run the application's tests against the target alone before the switch",
		    "%s and %s answer differently: VERSION(), by which drivers choose their "
		    "dialect (the router's greeting stays the source's); JSON, which MariaDB gives "
		    "as text; ORDER BY and = under collations that only one has; error numbers and "
		    "query plans",
		    mi_flavour_name(source->flavour), mi_flavour_name(target->flavour));
	else if (series(target) < series(source))
		mi_check_warn(at, "a target of the source's version, or a newer one",
		              "the target (%s) is older than the source (%s): statements that "
		              "work now may not",
		              target->version_text, source->version_text);
	else
		mi_check_ok(at, "the target is of the source's flavour, and not older");
	return 0;
}

int mi_check_database_names(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct mi_check_names names = {0};

	(void)err;
	if (mi_check_unread(at))
		return 0;
	for (size_t i = 0; i < run->database_count; i++)
		if (strcmp(mi_map_db(&run->map, run->databases[i]), run->databases[i]) != 0)
			mi_check_names_add(&names, run->databases[i], "");
	if (names.count)
		mi_check_warn(
		    at, "the same name on both, where that can be",
		    "another name on the target for %s: the router renames a session's database, "
		    "not what statements, views and programs name themselves",
		    mi_check_names_text(&names));
	else
		mi_check_ok(at, "databases have the same names on both");
	mi_check_names_release(&names);
	return 0;
}

/* How wide a row may be depends on the page, and on whether the server insists. */
int mi_check_row_size(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_server *source = &at->run->source, *target = &at->run->target;
	double a = mi_check_number(source, "innodb_page_size");
	double b = mi_check_number(target, "innodb_page_size");

	(void)err;
	if (a > 0 && b > 0 && b < a)
		mi_check_block(at, "make the target anew with the source's innodb_page_size",
		               "innodb_page_size is %.0f on the source, %.0f on the target: rows "
		               "and keys that fit there may not fit here",
		               a, b);
	else if (mi_check_var(source, "innodb_strict_mode") &&
	         !mi_check_on(source, "innodb_strict_mode") &&
	         mi_check_on(target, "innodb_strict_mode"))
		mi_check_warn(
		    at, "SET GLOBAL innodb_strict_mode = OFF on the target, for the load",
		    "innodb_strict_mode is OFF on the source, ON on the target: it may "
		    "refuse tables whose rows can grow too wide (\"Row size too large\")");
	else
		mi_check_ok(at, "the target takes rows and keys as wide as the source's");
	return 0;
}
