#include "route/catalogue/read.h"
#include "base/buf.h"
#include "base/err.h"
#include "route/catalogue/programs.h"
#include "server/conn.h"
#include "sql/class.h"
#include "sql/lexer.h"
#include "table/filter.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct mi_conn *conn;
	struct mi_filter filter;
	const char *map_from, *map_to;
	struct mi_programs *programs;
};

typedef void take_row(struct reader *reader, char **row, const unsigned long *len);

static int each_row(struct reader *reader, const char *sql, take_row *take, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(reader->conn, err, sql, &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		take(reader, row, mysql_fetch_lengths(result));
	mysql_free_result(result);
	return 0;
}

/* What clients call a database. */
static const char *as_called(const struct reader *reader, const char *db)
{
	return reader->map_to && strcmp(db, reader->map_to) == 0 ? reader->map_from : db;
}

static struct mi_span text_of(const char *text, unsigned long len)
{
	return text && len ? mi_span(text, len) : (struct mi_span){0};
}

static bool is_imported(const struct mi_filter *filter, const char *db)
{
	const struct mi_opt_list *named = &filter->databases;

	for (size_t i = 0; i < named->count; i++)
		if (mi_name_eq(named->items[i], db, filter->ignore_case))
			return true;
	if (named->count || mi_db_is_system(db))
		return false;
	for (size_t i = 0; i < filter->tables.count; i++)
		if (strchr(filter->tables.items[i], '.') &&
		    mi_pattern_takes_db(filter->tables.items[i], db, filter->ignore_case))
			return true;
	return filter->all;
}

static void take_database(struct reader *reader, char **row, const unsigned long *len)
{
	const char *db = as_called(reader, row[0]);

	(void)len;
	mi_programs_add_database(reader->programs, db, is_imported(&reader->filter, db));
}

static void take_view(struct reader *reader, char **row, const unsigned long *len)
{
	mi_programs_add(reader->programs, MI_PROGRAM_VIEW, as_called(reader, row[0]), row[1],
	                text_of(row[2], len[2]), 0);
}

/* A body in another language than SQL is not read. */
static void take_routine(struct reader *reader, char **row, const unsigned long *len)
{
	bool function = strcmp(row[2], "FUNCTION") == 0, is_sql = strcmp(row[5], "SQL") == 0;

	mi_programs_add(reader->programs, function ? MI_PROGRAM_FUNCTION : MI_PROGRAM_PROCEDURE,
	                as_called(reader, row[0]), row[1],
	                is_sql ? text_of(row[3], len[3]) : (struct mi_span){0},
	                mi_lex_modes(mi_span_str(row[4])));
}

static void take_trigger(struct reader *reader, char **row, const unsigned long *len)
{
	mi_programs_add(reader->programs, MI_PROGRAM_TRIGGER, as_called(reader, row[0]), row[1],
	                text_of(row[2], len[2]), mi_lex_modes(mi_span_str(row[3])));
}

static void take_table(struct reader *reader, char **row, const unsigned long *len)
{
	const char *db = as_called(reader, row[0]);

	(void)len;
	if (is_imported(&reader->filter, db) && !mi_filter_takes(&reader->filter, db, row[1]))
		mi_programs_add(reader->programs, MI_PROGRAM_LEFT_OUT, db, row[1],
		                (struct mi_span){0}, 0);
}

static int read_all(struct reader *reader, struct mi_err *err)
{
	bool some = reader->filter.tables.count || reader->filter.exclude.count;

	if (each_row(reader, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA", take_database,
	             err) != 0 ||
	    each_row(reader,
	             "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM "
	             "information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN "
	             "('sys', 'mysql', 'information_schema', 'performance_schema')",
	             take_view, err) != 0 ||
	    each_row(reader,
	             "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, ROUTINE_DEFINITION, "
	             "SQL_MODE, ROUTINE_BODY FROM information_schema.ROUTINES",
	             take_routine, err) != 0 ||
	    each_row(reader,
	             "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_STATEMENT, SQL_MODE "
	             "FROM information_schema.TRIGGERS",
	             take_trigger, err) != 0)
		return -1;
	return some ? each_row(reader,
	                       "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES",
	                       take_table, err)
	            : 0;
}

int mi_programs_read(struct mi_conn *conn, const struct mi_filter *filter, const char *map_from,
                     const char *map_to, struct mi_programs **programs, struct mi_err *err)
{
	struct reader reader = {
	    .conn = conn, .filter = *filter, .map_from = map_from, .map_to = map_to};
	const struct mi_class_rules server = {.mariadb = conn->flavour == MI_FLAVOUR_MARIADB,
	                                      .version = conn->version};
	uint64_t any_case;

	if (mi_conn_number(conn, err, "SELECT @@lower_case_table_names", &any_case) != 0)
		return -1;
	reader.filter.ignore_case = any_case != 0;
	reader.programs = mi_programs_new(&server, any_case != 0);
	if (read_all(&reader, err) != 0) {
		mi_programs_free(reader.programs);
		return -1;
	}
	mi_programs_settle(reader.programs);
	*programs = reader.programs;
	return 0;
}
