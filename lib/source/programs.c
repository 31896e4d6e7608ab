#include "source/programs.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "schema/object.h"
#include "server/conn.h"
#include "source/schema.h"
#include "source/show.h"
#include "stream/parse.h"
#include "table/filter.h"

#include <stdlib.h>

/* One kind of stored program. Columns count from 0 in the answer of SHOW CREATE; those with
 * character set and collation follow the statement's, for every kind. */
struct program_kind {
	const char *record; /* kind of the DDL record */
	const char *what;   /* for SHOW CREATE and for notes; NULL: the listing's second column */
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

static int read_program(struct mi_ddl_reader *reader, const struct program_kind *kind,
                        const char *word, const char *name, struct mi_err *err)
{
	struct mi_buf what = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	if (mi_show_create(reader, word, name, kind->text, &result, &row, err) != 0)
		return -1;
	mi_buf_addf(&what, "%s %s.%s", kind->record, reader->db, name);
	ret = add_program(reader, kind, mi_buf_cstr(&what), name, row,
	                  mysql_fetch_lengths(result)[kind->text], err);
	mysql_free_result(result);
	mi_buf_release(&what);
	return ret;
}

/* list has the rows of a listing: name, kind in words, a trigger's table or NULL. */
static int take_programs(struct mi_ddl_reader *reader, const struct program_kind *kind, bool carry,
                         MYSQL_RES *list, struct mi_err *err)
{
	MYSQL_ROW row;

	while ((row = mysql_fetch_row(list))) {
		const struct mi_filter *filter = &reader->options->filter;

		if (row[2] && !mi_filter_takes(filter, reader->db, row[2]))
			continue;
		if (carry) {
			const char *word = kind->what ? kind->what : row[1];

			if (read_program(reader, kind, word, row[0], err) != 0)
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

int mi_src_routines(struct mi_ddl_reader *reader, struct mi_err *err)
{
	return read_programs(reader, &routine_kind, reader->options->routines,
	                     "SELECT ROUTINE_NAME, ROUTINE_TYPE, NULL "
	                     "FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ",
	                     " ORDER BY ROUTINE_TYPE, ROUTINE_NAME", err);
}

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

int mi_src_events(struct mi_ddl_reader *reader, struct mi_err *err)
{
	return read_programs(reader, &event_kind, reader->options->events,
	                     "SELECT EVENT_NAME, 'EVENT', NULL "
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
