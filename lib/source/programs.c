#include "source/programs.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "schema/object.h"
#include "schema/uses.h"
#include "server/conn.h"
#include "source/schema.h"
#include "source/show.h"
#include "source/views.h"
#include "stream/parse.h"
#include "table/filter.h"

#include <stdlib.h>

/* One kind of stored program. Columns count from 0 in the answer of SHOW CREATE; those with
 * character set and collation follow the statement's, for every kind. */
struct program_kind {
	const char *record; /* kind of the DDL record */
	const char *what;   /* for SHOW CREATE; NULL: the routine's type */
	unsigned text;      /* column of the statement */
	unsigned sql_mode;  /* column of the sql_mode */
	unsigned time_zone; /* column of the time zone; 0: none */
};

static const struct program_kind routine_kind = {"routine", NULL, 2, 1, 0};
static const struct program_kind trigger_kind = {"trigger", "TRIGGER", 2, 1, 0};
static const struct program_kind event_kind = {"event", "EVENT", 3, 1, 2};

/* An event's STARTS, ENDS and AT are in the time zone of the session that made the event. *carried
 * is that zone, NULL for UTC, which sessions of MI are in. SYSTEM is another zone at every server;
 * where it is not UTC, it is refused. */
static int take_time_zone(struct mi_ddl_reader *reader, const char *zone, const char *what,
                          const char **carried, struct mi_err *err)
{
	bool is_system = strcmp(zone, "SYSTEM") == 0;
	struct mi_buf system = {0};
	const char *named = zone;

	if (is_system) {
		if (mi_conn_value(reader->conn, err, "SELECT @@system_time_zone", &system, NULL) <
		    0)
			return -1;
		named = mi_buf_cstr(&system);
	}
	if (strcmp(named, "UTC") == 0 || strcmp(named, "GMT") == 0 || strcmp(named, "+00:00") == 0)
		*carried = NULL;
	else if (is_system)
		mi_note(
		    &reader->schema->notes, MI_NOTE_REFUSED,
		    "%s: its times are in time zone SYSTEM, which is %s here and may be another "
		    "one there: make it anew under a named time zone",
		    what, named);
	else
		*carried = zone;
	mi_buf_release(&system);
	return 0;
}

static int add_program(struct mi_ddl_reader *reader, const struct program_kind *kind,
                       const char *what, const char *name, MYSQL_ROW row, size_t len,
                       struct mi_err *err)
{
	struct mi_buf text = {0};
	const char *charset = row[kind->text + 1], *collation = row[kind->text + 2];
	const char *time_zone = NULL;
	char *sql_mode = NULL, *mapped = NULL;
	int ret = -1;

	mi_buf_add(&text, row[kind->text], len);
	if (kind->time_zone &&
	    take_time_zone(reader, row[kind->time_zone], what, &time_zone, err) != 0)
		goto done;
	if (reader->options->strip_definers)
		mi_ddl_strip_definer(&text);
	if (strcmp(kind->record, "event") == 0)
		mi_ddl_strip_completion(&text);
	/* the tokenizer takes backslashes for escapes: it cannot read a body in which they are
	 * none */
	if (!strstr(row[kind->sql_mode], "NO_BACKSLASH_ESCAPES") &&
	    mi_convert_statement(reader->convert, &text, what, err) != 0)
		goto done;
	sql_mode = mi_convert_sql_mode(reader->convert, row[kind->sql_mode], what);
	if (collation)
		mapped = mi_convert_collation(reader->convert, collation, what);
	mi_ddl_list_add(&reader->schema->list[MI_SECTION_POST],
	                &(struct mi_ddl){.section = "post",
	                                 .kind = kind->record,
	                                 .db = reader->db,
	                                 .object = name,
	                                 .text = mi_buf_cstr(&text),
	                                 .settings = {[MI_SET_SQL_MODE] = sql_mode,
	                                              [MI_SET_CLIENT] = charset,
	                                              [MI_SET_CONNECTION] = mapped,
	                                              [MI_SET_TIME_ZONE] = time_zone}});
	ret = 0;
done:
	mi_buf_release(&text);
	free(sql_mode);
	free(mapped);
	return ret;
}

/* uses (may be NULL) gets what the program may call. */
static int read_program(struct mi_ddl_reader *reader, const struct program_kind *kind,
                        const char *word, const char *name, struct mi_uses *uses,
                        struct mi_err *err)
{
	struct mi_buf what = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	if (mi_show_create(reader, word, name, kind->text, &result, &row, err) != 0)
		return -1;
	mi_buf_addf(&what, "%s %s.%s", kind->record, reader->db, name);
	if (uses)
		mi_program_uses(mi_span(row[kind->text], mysql_fetch_lengths(result)[kind->text]),
		                reader->db, uses);
	ret = add_program(reader, kind, mi_buf_cstr(&what), name, row,
	                  mysql_fetch_lengths(result)[kind->text], err);
	mysql_free_result(result);
	mi_buf_release(&what);
	return ret;
}

/* list has the rows of a listing: name, kind in words, a trigger's table or NULL; for events also
 * whether no server would keep it. */
static int take_programs(struct mi_ddl_reader *reader, const struct program_kind *kind, bool carry,
                         MYSQL_RES *list, struct mi_err *err)
{
	MYSQL_ROW row;

	while ((row = mysql_fetch_row(list))) {
		const struct mi_filter *filter = &reader->options->filter;

		if (row[2] && !mi_filter_takes(filter, reader->db, row[2]))
			continue;
		if (mysql_num_fields(list) > 3 && row[3] && *row[3] == '1') {
			mi_note(&reader->schema->notes, MI_NOTE_LEFT,
			        "%s %s.%s (its time has passed, and a server drops such an event "
			        "at once)",
			        row[1], reader->db, row[0]);
			continue;
		}
		if (carry) {
			if (read_program(reader, kind, kind->what, row[0], NULL, err) != 0)
				return -1;
		} else {
			mi_note(&reader->schema->notes, MI_NOTE_LEFT, "%s %s.%s", row[1],
			        reader->db, row[0]);
		}
	}
	return 0;
}

static int read_programs(struct mi_ddl_reader *reader, const struct program_kind *kind, bool carry,
                         const char *before, const char *after, struct mi_err *err)
{
	MYSQL_RES *list;
	int ret;

	if (mi_query_schema(reader->conn, reader->db, "", before, after, &list, err) != 0)
		return -1;
	ret = take_programs(reader, kind, carry, list, err);
	mysql_free_result(list);
	return ret;
}

/* ---- Routines ---- */

struct routine {
	char *db, *name, *type;
	bool wanted, taken;
};

struct routines {
	struct routine *items;
	size_t count;
};

static void routines_release(struct routines *routines)
{
	for (size_t i = 0; i < routines->count; i++) {
		free(routines->items[i].db);
		free(routines->items[i].name);
		free(routines->items[i].type);
	}
	free(routines->items);
}

static int list_routines(struct mi_ddl_reader *reader, const char *db, struct routines *routines,
                         struct mi_err *err)
{
	MYSQL_RES *list;
	MYSQL_ROW row;

	if (mi_query_schema(reader->conn, db, "",
	                    "SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES "
	                    "WHERE ROUTINE_SCHEMA = ",
	                    " ORDER BY ROUTINE_TYPE, ROUTINE_NAME", &list, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(list))) {
		struct routine *routine =
		    mi_array_add(&routines->items, &routines->count, sizeof *routine);

		*routine = (struct routine){mi_strdup(db), mi_strdup(row[0]), mi_strdup(row[1]),
		                            reader->options->routines, false};
	}
	mysql_free_result(list);
	return 0;
}

/* True when some are wanted that were not before. */
static bool mark_called(struct routines *routines, const struct mi_uses *uses)
{
	bool more = false;

	for (size_t i = 0; i < routines->count; i++) {
		struct routine *routine = &routines->items[i];

		if (routine->wanted || !mi_uses_calls(uses, routine->db, routine->name))
			continue;
		routine->wanted = more = true;
	}
	return more;
}

/* Takes those that are wanted; uses gets what they may call. */
static int take_routines(struct mi_ddl_reader *reader, struct routines *routines,
                         struct mi_uses *uses, struct mi_err *err)
{
	for (size_t i = 0; i < routines->count; i++) {
		struct routine *routine = &routines->items[i];

		if (!routine->wanted || routine->taken)
			continue;
		routine->taken = true;
		reader->db = routine->db;
		if (read_program(reader, &routine_kind, routine->type, routine->name, uses, err) !=
		    0)
			return -1;
	}
	return 0;
}

int mi_src_routines(struct mi_ddl_reader *reader, char *const *names, size_t count,
                    const struct mi_views *views, struct mi_uses *taken, struct mi_err *err)
{
	struct routines routines = {0};
	struct mi_uses uses = {0};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = list_routines(reader, names[i], &routines, err);
	for (size_t i = 0; ret == 0 && i < views->count; i++)
		if (!mi_src_leaves_view(reader, &views->items[i]))
			(void)mark_called(&routines, &views->items[i].uses);
	do
		if (ret == 0)
			ret = take_routines(reader, &routines, &uses, err);
	while (ret == 0 && mark_called(&routines, &uses));
	for (size_t i = 0; ret == 0 && i < routines.count; i++)
		if (routines.items[i].taken)
			mi_uses_add_call(taken, routines.items[i].db, routines.items[i].name);
		else
			mi_note(&reader->schema->notes, MI_NOTE_LEFT, "%s %s.%s",
			        routines.items[i].type, routines.items[i].db,
			        routines.items[i].name);
	mi_uses_release(&uses);
	routines_release(&routines);
	return ret;
}

/* ---- Triggers and events ---- */

/* In the order in which they fire, so that making them one after another keeps it. */
int mi_src_triggers(struct mi_ddl_reader *reader, struct mi_err *err)
{
	return read_programs(reader, &trigger_kind, reader->options->triggers,
	                     "SELECT TRIGGER_NAME, 'TRIGGER', EVENT_OBJECT_TABLE "
	                     "FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ",
	                     " ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, "
	                     "ACTION_ORDER",
	                     err);
}

/* An event whose last time has passed, and that is not to be kept then, may still stand here when
 * the scheduler is off. Where it is made anew it is gone at once. */
int mi_src_events(struct mi_ddl_reader *reader, struct mi_err *err)
{
	return read_programs(reader, &event_kind, reader->options->events,
	                     "SELECT EVENT_NAME, 'EVENT', NULL, "
	                     "ON_COMPLETION='NOT PRESERVE' AND COALESCE(EXECUTE_AT, ENDS) < "
	                     "CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', TIME_ZONE) "
	                     "FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ",
	                     " ORDER BY EVENT_NAME", err);
}

int mi_src_note_accounts(struct mi_ddl_reader *reader, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(reader->conn, err,
	                  "SELECT User, Host FROM mysql.user WHERE User NOT LIKE 'mysql.%' AND "
	                  "User NOT IN ('root', 'mariadb.sys', 'PUBLIC') ORDER BY User, Host",
	                  &result) != 0) {
		if (err->code == MI_UNAVAILABLE || err->code == MI_AGAIN)
			return -1;
		*err = (struct mi_err){0};
		mi_note(&reader->schema->notes, MI_NOTE_LEFT,
		        "accounts and their privileges (this account may not list them)");
		return 0;
	}
	while ((row = mysql_fetch_row(result)))
		mi_note(&reader->schema->notes, MI_NOTE_LEFT, "account '%s'@'%s'", row[0], row[1]);
	mysql_free_result(result);
	return 0;
}
