#include "schema/convert.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/collation.h"
#include "schema/convert_note.h"
#include "schema/convert_parts.h"
#include "schema/create_table.h"
#include "schema/edit.h"
#include "schema/list.h"
#include "sql/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

bool mi_convert_target(struct mi_convert *convert, const char *text)
{
	static const struct {
		const char *word;
		enum mi_dialect dialect;
		unsigned version;
	} known[] = {{"mysql", MI_DIALECT_MYSQL, 80030},
	             {"vitess", MI_DIALECT_MYSQL, 80030},
	             {"mariadb", MI_DIALECT_MARIADB, 101100}};
	unsigned major, minor;
	int end = 0;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		size_t len = strlen(known[i].word);

		if (strncmp(text, known[i].word, len) != 0)
			continue;
		convert->to = known[i].dialect;
		convert->version = known[i].version;
		if (!text[len])
			return true;
		if (sscanf(text + len, "-%2u.%2u%n", &major, &minor, &end) < 2 || text[len + end])
			return false;
		convert->version = 100 * (100 * major + minor);
		return true;
	}
	return false;
}

static bool is_needed(const struct mi_convert *convert)
{
	return convert->from != convert->to;
}

void mi_convert_release(struct mi_convert *convert)
{
	for (size_t i = 0; i < convert->check_count; i++)
		free(convert->check_names[i]);
	free(convert->check_names);
	convert->check_names = NULL;
	convert->check_count = 0;
}

char *mi_convert_collation(struct mi_convert *convert, const char *collation, const char *what)
{
	struct mi_buf near = {0}, text = {0};
	enum mi_schema_collation_fate fate = MI_SCHEMA_COLLATION_SAME;

	if (is_needed(convert))
		fate = convert->to == MI_DIALECT_MYSQL
		           ? mi_schema_collation_to_mysql(collation, convert->version, &near)
		           : mi_schema_collation_to_mariadb(collation, convert->version, &near);
	if (fate == MI_SCHEMA_COLLATION_NONE) {
		mi_buf_addf(&text, "%s: the target has nothing like collation %s", what, collation);
		mi_notes_add_once(convert->notes, MI_NOTE_REFUSED, &text);
	}
	if (fate != MI_SCHEMA_COLLATION_NEAR) {
		mi_buf_release(&near);
		return mi_strdup(collation);
	}
	if (!mi_schema_collation_is_alias(collation, mi_buf_cstr(&near))) {
		mi_buf_addf(&text, "collation %s becomes %s: look at keys whose text it compares",
		            collation, near.data);
		mi_notes_add_once(convert->notes, MI_NOTE_CHANGED, &text);
	}
	(void)mi_buf_cstr(&near);
	return near.data;
}

/* Converts each name after COLLATE, with "=" between or without. No server prints it in quotes. */
static void convert_collations(struct mi_convert *convert, struct mi_edit *edit, const char *what)
{
	for (size_t at = 0; at < edit->tokens.count; at++) {
		size_t name_at = at + 1 + mi_edit_is_punct(edit, at + 1, '=');
		char *name, *mapped;

		if (!mi_edit_is(edit, at, "COLLATE") || name_at >= edit->tokens.count)
			continue;
		name = mi_token_name(mi_edit_token(edit, name_at));
		mapped = mi_convert_collation(convert, name, what);
		if (strcmp(name, mapped) != 0)
			mi_edit_replace(edit, name_at, name_at + 1, mapped);
		free(name);
		free(mapped);
	}
}

int mi_convert_statement(struct mi_convert *convert, struct mi_buf *statement, const char *what,
                         struct mi_err *err)
{
	struct mi_edit edit;

	if (!is_needed(convert))
		return 0;
	if (mi_edit_open(&edit, statement, err) != 0)
		return mi_within(err, "%s", what);
	convert_collations(convert, &edit, what);
	mi_edit_close(&edit);
	return 0;
}

/* Writes the collation behind CHARACTER SET, unless one is there: which collation a character set
 * has by default depends on the server's version. */
static void name_collation(struct mi_edit *edit, const char *collation)
{
	struct mi_buf clause = {0};
	size_t after = 0;

	for (size_t at = 0; at < edit->tokens.count; at++) {
		if (mi_edit_is(edit, at, "SET") && mi_edit_is(edit, at - 1, "CHARACTER"))
			after = at + 2;
		else if (mi_edit_is(edit, at, "COLLATE"))
			return;
	}
	if (!after || after > edit->tokens.count)
		return;
	mi_buf_addf(&clause, " COLLATE %s", collation);
	mi_edit_insert(edit, after, mi_buf_cstr(&clause));
	mi_buf_release(&clause);
}

/* Leaves out the settings of a database that the other flavour has not. */
static void leave_database_options(struct mi_convert *convert, struct mi_edit *edit, const char *db)
{
	for (size_t at = 0; at < edit->tokens.count; at++) {
		size_t end = mi_convert_option_end(edit, at);

		if (convert->to == MI_DIALECT_MYSQL && mi_edit_is(edit, at, "COMMENT")) {
			mi_note(convert->notes, MI_NOTE_LEFT, "database %s: COMMENT", db);
			mi_edit_drop(edit, at, end);
		} else if (convert->to == MI_DIALECT_MARIADB &&
		           mi_edit_is(edit, at, "ENCRYPTION") &&
		           mi_span_is(mi_edit_token(edit, end - 1)->text, "'Y'")) {
			mi_note(convert->notes, MI_NOTE_LEFT, "database %s: ENCRYPTION", db);
		}
	}
}

int mi_convert_database(struct mi_convert *convert, struct mi_buf *statement, const char *db,
                        const char *collation, struct mi_err *err)
{
	struct mi_edit edit;

	if (mi_edit_open(&edit, statement, err) != 0)
		return mi_within(err, "database %s", db);
	name_collation(&edit, collation);
	mi_edit_close(&edit);
	if (!is_needed(convert))
		return 0;
	if (mi_edit_open(&edit, statement, err) != 0)
		return mi_within(err, "database %s", db);
	leave_database_options(convert, &edit, db);
	mi_edit_close(&edit);
	return mi_convert_statement(convert, statement, db, err);
}

static int convert_element(const struct mi_convert_table *table, struct mi_table_element *element,
                           struct mi_err *err)
{
	switch (element->kind) {
	case MI_ELEMENT_COLUMN:
		return mi_convert_column(table, element, err);
	case MI_ELEMENT_PRIMARY:
	case MI_ELEMENT_UNIQUE:
	case MI_ELEMENT_INDEX:
	case MI_ELEMENT_FULLTEXT:
	case MI_ELEMENT_SPATIAL:
		return mi_convert_key(table, element, err);
	case MI_ELEMENT_CHECK:
		return mi_convert_check(table, element, err);
	case MI_ELEMENT_FOREIGN_KEY:
		return 0;
	case MI_ELEMENT_PERIOD:
		mi_convert_note(table, MI_NOTE_REFUSED, NULL, NULL, "it has a period");
		return 0;
	}
	return 0;
}

int mi_convert_table(struct mi_convert *convert, struct mi_ddl_table *ddl, const char *db,
                     struct mi_err *err)
{
	struct mi_convert_table table = {convert, ddl, db};
	struct mi_buf what = {0};
	int ret = 0;

	if (!is_needed(convert))
		return convert->to == MI_DIALECT_MYSQL ? mi_convert_tablespaces(&table, err) : 0;
	mi_buf_addf(&what, "table %s.%s", db, ddl->name);
	for (size_t i = 0; i < ddl->element_count && ret == 0; i++) {
		struct mi_buf *text = &ddl->elements[i].text;

		ret = mi_convert_statement(convert, text, mi_buf_cstr(&what), err);
		if (ret == 0)
			ret = mi_convert_literals(convert, text, mi_buf_cstr(&what), err);
		if (ret == 0)
			ret = convert_element(&table, &ddl->elements[i], err);
	}
	if (ret == 0)
		ret = mi_convert_statement(convert, &ddl->tail, mi_buf_cstr(&what), err);
	if (ret == 0)
		ret = mi_convert_literals(convert, &ddl->tail, mi_buf_cstr(&what), err);
	if (ret == 0)
		ret = mi_convert_options(&table, err);
	mi_buf_release(&what);
	return ret;
}

enum mode_fate { MODE_KEEP, MODE_DROP, MODE_REFUSE };

/* MySQL 8 has given some modes up; those of them that change what a program does are refused. */
static enum mode_fate mode_fate(const struct mi_convert *convert, const char *mode)
{
	static const char *const idle[] = {"NO_AUTO_CREATE_USER", "NO_FIELD_OPTIONS",
	                                   "NO_KEY_OPTIONS", "NO_TABLE_OPTIONS"};
	static const char *const mariadb_only[] = {"ORACLE",
	                                           "MSSQL",
	                                           "DB2",
	                                           "POSTGRESQL",
	                                           "MAXDB",
	                                           "MYSQL323",
	                                           "MYSQL40",
	                                           "EMPTY_STRING_IS_NULL",
	                                           "SIMULTANEOUS_ASSIGNMENT",
	                                           "TIME_ROUND_FRACTIONAL"};

	if (convert->to == MI_DIALECT_MYSQL && convert->version >= 80000) {
		for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
			if (strcasecmp(mode, idle[i]) == 0)
				return MODE_DROP;
		for (size_t i = 0; i < sizeof mariadb_only / sizeof *mariadb_only; i++)
			if (strcasecmp(mode, mariadb_only[i]) == 0)
				return MODE_REFUSE;
	}
	if (convert->to == MI_DIALECT_MARIADB && strcasecmp(mode, "TIME_TRUNCATE_FRACTIONAL") == 0)
		return MODE_REFUSE;
	return MODE_KEEP;
}

char *mi_convert_sql_mode(struct mi_convert *convert, const char *sql_mode, const char *what)
{
	struct mi_buf kept = {0};
	char *copy = mi_strdup(sql_mode), *save = NULL;

	for (char *mode = strtok_r(copy, ",", &save); mode; mode = strtok_r(NULL, ",", &save)) {
		enum mode_fate fate = mode_fate(convert, mode);

		if (fate == MODE_REFUSE)
			mi_note(convert->notes, MI_NOTE_REFUSED,
			        "%s: the target has no sql_mode %s", what, mode);
		if (fate != MODE_DROP)
			mi_buf_addf(&kept, "%s%s", kept.len ? "," : "", mode);
	}
	free(copy);
	(void)mi_buf_cstr(&kept);
	return kept.data;
}
