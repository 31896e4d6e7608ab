/* The checks for definitions: which must be converted, which are not imported, and triggers and
 * events. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/convert.h"
#include "check/facts.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "schema/list.h"
#include "server/conn.h"
#include "source/schema.h"
#include "sql/literal.h"
#include "table/dbmap.h"

#include <stdio.h>
#include <strings.h>

/* ---- What mi-schema would do ---- */

static void say_notes(struct mi_check_at *at, const struct mi_notes *notes)
{
	struct mi_check_names refused = {0}, changed = {0};

	for (size_t i = 0; i < notes->count; i++)
		if (mi_check_is_of_program(&notes->items[i]))
			continue; /* the check `lost` has them */
		else if (notes->items[i].kind == MI_NOTE_REFUSED)
			mi_check_names_add(&refused, notes->items[i].text, "");
		else if (notes->items[i].kind == MI_NOTE_CHANGED)
			mi_check_names_add(&changed, notes->items[i].text, "");
	if (refused.count)
		mi_check_block(at,
		               "change them on the source, leave the tables out with -X, or see "
		               "mi-schema --text-types",
		               "cannot be carried exactly: %s", mi_check_names_text(&refused));
	else if (changed.count)
		mi_check_warn(at, NULL, "carried in another form: %s (mi-schema -v names all)",
		              mi_check_names_text(&changed));
	else
		mi_check_ok(at, "every definition can be carried as it is");
	mi_check_names_release(&refused);
	mi_check_names_release(&changed);
}

/* Converted as mi-schema does, with its code: so both find the same faults. */
int mi_check_definitions(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_err *why = &at->run->schema_err;

	if (mi_check_unread(at))
		return 0;
	if (mi_check_schema(at, err) != 0)
		return -1;
	if (why->code == 0)
		say_notes(at, &at->run->schema.notes);
	else
		mi_check_block(at,
		               why->hint[0] ? why->hint
		                            : "mi-check --grants=source prints what the account "
		                              "needs; leave what is broken out with -X",
		               "%s", why->text);
	return 0;
}

/* ---- What stays behind ---- */

static const char routines[] = "SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM "
			       "information_schema.ROUTINES WHERE ROUTINE_SCHEMA";
static const char views[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA";
/* Tables that have the reserved prefix of the tools' own tables, but are none of them. */
static const char reserved[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE LEFT(TABLE_NAME, 4) = "
    "'_mi_' AND TABLE_NAME NOT IN ('_mi_checkpoint', '_mi_load', '_mi_xa', '_mi_past') AND "
    "TABLE_SCHEMA";
static const char triggers[] = "SELECT TRIGGER_SCHEMA, TRIGGER_NAME FROM "
			       "information_schema.TRIGGERS WHERE TRIGGER_SCHEMA";
static const char events[] =
    "SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA";

int mi_check_left_behind(struct mi_check_at *at, struct mi_err *err)
{
	bool vitess = mi_check_kind(at->run) >= MI_SERVER_VITESS;
	struct mi_check_names names = {0}, lost = {0};

	if (mi_check_unread(at))
		return 0;
	if (mi_check_list_in(at->server->conn, at->run, false, reserved, &lost, err) != 0 ||
	    mi_check_list_in(at->server->conn, at->run, false, routines, &names, err) != 0 ||
	    (vitess && mi_check_list_in(at->server->conn, at->run, false, views, &names, err) != 0))
		return -1;
	if (lost.count)
		mi_check_block(
		    at, "RENAME TABLE ... TO a name that does not begin with _mi_",
		    "tables that no copy carries, because names that begin with _mi_ are "
		    "for its own bookkeeping: %s",
		    mi_check_names_text(&lost));
	else if (names.count)
		mi_check_warn(at,
		              vitess ? "do in the application what they do: the target has none"
		                     : "mi-schema --routines, loaded into the target by hand",
		              "%s: %s",
		              vitess ? "views and routines that a copy does not carry"
		                     : "routines that a copy carries only where views call them",
		              mi_check_names_text(&names));
	else
		mi_check_ok(at, "nothing stays behind");
	mi_check_names_release(&names);
	mi_check_names_release(&lost);
	return 0;
}

/* ---- Triggers and events ---- */

/* Triggers and events belong on the side that the application writes to, so they move with a
 * switch. Tries on absent ones whether the account may do that. */
static int may_move(struct mi_check_at *at, const char *sql, struct mi_tried *tried,
                    struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct mi_conn *sides[] = {mi_check_writer(at->run)->conn, run->target.conn};
	struct mi_buf text = {0};
	int ret = 0;

	tried->allowed = true;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; ret == 0 && tried->allowed && i < run->database_count; i++) {
			const char *db = run->databases[i];

			if (!sides[side])
				continue;
			mi_buf_reset(&text);
			mi_buf_add_str(&text, sql);
			mi_sql_name(&text, side ? mi_map_db(&run->map, db) : db, "_mi_absent");
			if (strncmp(sql, "CREATE", 6) == 0) {
				mi_buf_add_str(&text, " BEFORE INSERT ON ");
				mi_sql_name(&text, side ? mi_map_db(&run->map, db) : db,
				            "_mi_absent");
				mi_buf_add_str(&text, " FOR EACH ROW SET @mi = 1");
			}
			ret = mi_check_try(sides[side], mi_buf_cstr(&text), tried, err);
			if (ret == 0 && !tried->allowed) {
				struct mi_buf why = {0};

				mi_buf_addf(&why, "%s: %s", side ? "target" : "source", tried->why);
				(void)snprintf(tried->why, sizeof tried->why, "%s",
				               mi_buf_cstr(&why));
				mi_buf_release(&why);
			}
		}
	mi_buf_release(&text);
	return ret;
}

static int judge_programs(struct mi_check_at *at, const char *what, const char *list,
                          const char *attempt, const char *plan, const char *fix, const char *also,
                          struct mi_err *err)
{
	struct mi_check_names names = {0};
	struct mi_tried tried = {.allowed = true};
	int ret = -1;

	if (mi_check_unread(at))
		return 0;
	if (mi_check_list_in(at->server->conn, at->run, false, list, &names, err) != 0 ||
	    (names.count && may_move(at, attempt, &tried, err) != 0))
		goto out;
	if (!names.count)
		mi_check_ok(at, "no %s", what);
	else if (mi_check_kind(at->run) >= MI_SERVER_VITESS)
		mi_check_warn(at, "do in the application what they do",
		              "%s, which the target has not: %s", what,
		              mi_check_names_text(&names));
	else if (!tried.allowed)
		mi_check_warn(at, fix, "%s cannot be moved at the switch: %s; they are: %s", what,
		              tried.why, mi_check_names_text(&names));
	else
		mi_check_warn(at, also, "%s: %s; %s", what, mi_check_names_text(&names), plan);
	ret = 0;
out:
	mi_check_names_release(&names);
	return ret;
}

int mi_check_triggers(struct mi_check_at *at, struct mi_err *err)
{
	return judge_programs(
	    at, "triggers", triggers, "CREATE TRIGGER ",
	    "a copy leaves them out, because they would fire again on every change that is "
	    "applied; "
	    "they are dropped on one side and made on the other while writes are held at the "
	    "switch",
	    "GRANT TRIGGER on the databases, on both sides; with a binary log also SET GLOBAL "
	    "log_bin_trust_function_creators = 1",
	    NULL, err);
}

int mi_check_events(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	bool asleep = run->target.conn && mi_check_on(at->server, "event_scheduler") &&
	              !mi_check_on(&run->target, "event_scheduler");

	return judge_programs(
	    at, "events", events, "DROP EVENT ",
	    asleep ? "the target's event_scheduler is OFF, so that they will not run there after "
		     "the switch"
		   : "a copy leaves them out; they are switched off on one side and on on the "
		     "other while writes are held at the switch",
	    "GRANT EVENT on the databases, on both sides",
	    asleep ? "SET GLOBAL event_scheduler = ON on the target" : NULL, err);
}
