#include "source/schema.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "schema/column.h"
#include "schema/convert.h"
#include "schema/create_table.h"
#include "schema/list.h"
#include "schema/object.h"
#include "schema/settle.h"
#include "schema/uses.h"
#include "server/conn.h"
#include "server/hidden_text.h"
#include "server/recode.h"
#include "source/databases.h"
#include "source/programs.h"
#include "source/show.h"
#include "source/tables.h"
#include "source/text.h"
#include "source/views.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdlib.h>

static struct mi_ddl_list *section(struct mi_ddl_reader *reader, enum mi_section which)
{
	return &reader->schema->list[which];
}

static void add_table_ddl(struct mi_ddl_reader *reader, struct mi_ddl_table *ddl)
{
	struct mi_buf sql = {0};

	mi_ddl_table_text(ddl, &sql);
	mi_ddl_list_add(section(reader, MI_SECTION_PRE),
	                &(struct mi_ddl){.section = "pre",
	                                 .kind = "table",
	                                 .db = reader->db,
	                                 .object = ddl->name,
	                                 .text = mi_buf_cstr(&sql)});
	mi_buf_release(&sql);
}

/* Adds the keys that are not made with the table. A UNIQUE key may be wanted before the rows;
 * foreign keys come after all other keys of all tables, so that `foreign` says which of the two to
 * add. */
static void add_key_ddl(struct mi_ddl_reader *reader, struct mi_ddl_table *ddl, bool foreign)
{
	bool early = reader->options->unique_before;

	for (size_t i = 0; i < ddl->element_count; i++) {
		struct mi_table_element *element = &ddl->elements[i];
		enum mi_section which = MI_SECTION_POST;
		struct mi_buf sql = {0};

		if (!element->later || element->dropped ||
		    foreign != (element->kind == MI_ELEMENT_FOREIGN_KEY))
			continue;
		if (early && element->kind == MI_ELEMENT_UNIQUE)
			which = MI_SECTION_PRE;
		if (early && foreign)
			which = MI_SECTION_HIGH;
		mi_buf_add_str(&sql, "ADD ");
		mi_buf_add_span(&sql, mi_buf_span(&element->text));
		mi_ddl_list_add(section(reader, which),
		                &(struct mi_ddl){.section = which == MI_SECTION_PRE    ? "pre"
		                                            : which == MI_SECTION_POST ? "post"
		                                                                       : "high",
		                                 .kind = mi_table_element_record(element->kind),
		                                 .db = reader->db,
		                                 .object = ddl->name,
		                                 .name = element->name,
		                                 .text = mi_buf_cstr(&sql)});
		mi_buf_release(&sql);
	}
}

/* Puts back text that SHOW CREATE could not print, see server/hidden_text.h. */
static int restore_column(struct mi_ddl_reader *reader, const struct mi_table *table,
                          const struct mi_column *column, struct mi_table_element *element,
                          struct mi_err *err)
{
	struct mi_buf value = {0};
	int ret = 0;

	if (column->type == MI_TYPE_ENUM || column->type == MI_TYPE_SET)
		ret = mi_ddl_column_set_members(element, column, err);
	if (ret == 0 && mi_ddl_column_default(element, &value)) {
		mi_buf_reset(&value);
		ret = mi_hidden_default(reader->conn, table, column, &value, err);
		if (ret == 0)
			ret = mi_ddl_column_set_default(element, mi_buf_span(&value), err);
	}
	mi_buf_release(&value);
	return ret;
}

/* Column elements stand in the order of table's columns: mi_ddl_table_defer has compared them. */
static int restore_columns(struct mi_ddl_reader *reader, const struct mi_table *table,
                           struct mi_ddl_table *ddl, struct mi_err *err)
{
	size_t column = 0;

	for (size_t i = 0; i < ddl->element_count; i++) {
		const struct mi_column *definition = &table->columns[column];

		if (ddl->elements[i].kind != MI_ELEMENT_COLUMN)
			continue;
		column++;
		if (mi_column_may_hide(definition) &&
		    restore_column(reader, table, definition, &ddl->elements[i], err) != 0)
			return -1;
	}
	return 0;
}

/* Foreign keys are carried by what information_schema says: one that it hides would be lost
 * unnoticed. */
static int check_fkeys(const struct mi_ddl_table *ddl, const struct mi_table *table,
                       struct mi_err *err)
{
	size_t shown = 0;

	for (size_t i = 0; i < ddl->element_count; i++)
		shown += ddl->elements[i].kind == MI_ELEMENT_FOREIGN_KEY;
	if (shown == table->fkey_count)
		return 0;
	(void)mi_fail(
	    err, MI_DENIED,
	    "table %s has %zu foreign keys, of which information_schema shows %zu to this "
	    "account",
	    table->name, shown, table->fkey_count);
	return mi_hint(err, "GRANT REFERENCES on it to the account; or run it again, if the "
	                    "definition is being changed");
}

static int read_table(struct mi_ddl_reader *reader, struct mi_table *table,
                      struct mi_ddl_table *ddl, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	reader->db = table->db;
	if (mi_show_create(reader, "TABLE", table->name, 1, &result, &row, err) != 0)
		return -1;
	mi_table_set_text(table, mi_span(row[1], mysql_fetch_lengths(result)[1]));
	ret = mi_ddl_table_read(ddl, mi_span(row[1], mysql_fetch_lengths(result)[1]), err);
	mysql_free_result(result);
	if (ret != 0)
		return mi_within(err, "table %s.%s", table->db, table->name);
	if (check_fkeys(ddl, table, err) != 0 || mi_ddl_table_defer(ddl, table, err) != 0 ||
	    mi_ddl_table_settle(ddl, table, err) != 0 ||
	    restore_columns(reader, table, ddl, err) != 0 ||
	    mi_convert_table(reader->convert, ddl, table->db, err) != 0)
		goto fail;
	return 0;
fail:
	mi_ddl_table_release(ddl);
	return mi_within(err, "database %s", table->db);
}

static bool is_carried(const struct mi_ddl_reader *reader, const char *db, const char *name)
{
	const struct mi_tables *tables = &reader->schema->tables;
	bool ignore_case = reader->options->filter.ignore_case;

	for (size_t i = 0; i < tables->count; i++)
		if (mi_name_eq(tables->items[i]->name, name, ignore_case) &&
		    mi_name_eq(tables->items[i]->db, db, ignore_case))
			return true;
	return false;
}

/* A foreign key whose parent table is not carried fails on the target only after all rows are in: a
 * note says so beforehand. */
static void note_missing_parents(struct mi_ddl_reader *reader, const struct mi_table *table)
{
	for (size_t i = 0; i < table->fkey_count; i++) {
		const struct mi_fkey *fkey = &table->fkeys[i];

		if (!is_carried(reader, fkey->ref_db, fkey->ref_table))
			mi_note(&reader->schema->notes, MI_NOTE_LEFT,
			        "table %s.%s, which foreign key %s of table %s.%s needs",
			        fkey->ref_db, fkey->ref_table, fkey->name, table->db, table->name);
	}
}

static void forget_check_names(struct mi_convert *convert)
{
	for (size_t i = 0; i < convert->check_count; i++)
		free(convert->check_names[i]);
	free(convert->check_names);
	convert->check_names = NULL;
	convert->check_count = 0;
}

static int read_tables(struct mi_ddl_reader *reader, struct mi_err *err)
{
	const struct mi_tables *tables = &reader->schema->tables;
	struct mi_ddl_table *ddls = mi_alloc(tables->count * sizeof *ddls);
	size_t count = 0;
	int ret = -1;

	for (; count < tables->count; count++) {
		struct mi_table *table = tables->items[count];

		if (count && strcmp(table->db, tables->items[count - 1]->db) != 0)
			forget_check_names(reader->convert);
		if (mi_stop_asked()) {
			mi_stop_fail(err);
			goto done;
		}
		if (read_table(reader, table, &ddls[count], err) != 0)
			goto done;
		note_missing_parents(reader, table);
		add_table_ddl(reader, &ddls[count]);
		add_key_ddl(reader, &ddls[count], false);
	}
	for (size_t i = 0; i < count; i++) {
		reader->db = tables->items[i]->db;
		add_key_ddl(reader, &ddls[i], true);
	}
	ret = 0;
done:
	for (size_t i = 0; i < count; i++)
		mi_ddl_table_release(&ddls[i]);
	free(ddls);
	forget_check_names(reader->convert);
	return ret;
}

static int read_database(struct mi_ddl_reader *reader, struct mi_err *err)
{
	struct mi_buf sql = {0}, text = {0}, collation = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_add_str(&sql, "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
	                     "WHERE SCHEMA_NAME = ");
	mi_sql_string(&sql, reader->db);
	if (mi_conn_value(reader->conn, err, mi_buf_cstr(&sql), &collation, NULL) != 0)
		goto done;
	mi_buf_reset(&sql);
	mi_buf_add_str(&sql, "SHOW CREATE DATABASE ");
	mi_sql_ident(&sql, reader->db);
	if (mi_conn_query(reader->conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto done;
	row = mysql_fetch_row(result);
	if (row && row[1])
		mi_buf_add_str(&text, row[1]);
	mysql_free_result(result);
	if (!text.len) {
		(void)mi_fail(err, MI_DENIED, "cannot read the definition of database %s",
		              reader->db);
		goto done;
	}
	mi_ddl_if_not_exists(&text);
	if (mi_convert_database(reader->convert, &text, reader->db, mi_buf_cstr(&collation), err) <
	    0)
		goto done;
	mi_ddl_list_add(section(reader, MI_SECTION_PRE),
	                &(struct mi_ddl){.section = "pre",
	                                 .kind = "database",
	                                 .object = reader->db,
	                                 .text = mi_buf_cstr(&text)});
	ret = 0;
done:
	mi_buf_release(&sql);
	mi_buf_release(&text);
	mi_buf_release(&collation);
	return ret;
}

static int read_databases(struct mi_ddl_reader *reader, char *const *names, size_t count,
                          struct mi_err *err)
{
	for (size_t i = 0; i < count; i++) {
		reader->db = names[i];
		if (read_database(reader, err) != 0)
			return -1;
	}
	return 0;
}

static int read_views(struct mi_ddl_reader *reader, char *const *names, size_t count,
                      struct mi_views *views, struct mi_err *err)
{
	views->ignore_case = reader->options->filter.ignore_case;
	for (size_t i = 0; i < count; i++) {
		reader->db = names[i];
		if (mi_src_views(reader, views, err) != 0)
			return -1;
	}
	return 0;
}

/* Routines before the views that call them, triggers and events last. */
static int read_programs(struct mi_ddl_reader *reader, char *const *names, size_t count,
                         struct mi_err *err)
{
	struct mi_views views = {0};
	struct mi_uses routines = {0};
	int ret = -1;

	if (read_views(reader, names, count, &views, err) != 0 ||
	    mi_src_routines(reader, names, count, &views, &routines, err) != 0 ||
	    mi_src_add_views(reader, &views, err) != 0 ||
	    mi_src_find_faults(reader, names, count, &views, &routines, err) != 0)
		goto done;
	for (size_t i = 0; i < count; i++) {
		reader->db = names[i];
		if (mi_src_triggers(reader, err) != 0)
			goto done;
	}
	for (size_t i = 0; i < count; i++) {
		reader->db = names[i];
		if (mi_src_events(reader, err) != 0)
			goto done;
	}
	ret = mi_src_note_accounts(reader, err);
done:
	mi_uses_release(&routines);
	mi_views_release(&views);
	return ret;
}

int mi_src_schema(struct mi_conn *conn, struct mi_schema_options *options,
                  struct mi_convert *convert, struct mi_schema *schema, struct mi_err *err)
{
	struct mi_ddl_reader reader = {conn, options, convert, schema, NULL};
	char **names = NULL;
	size_t count = 0;
	int ret = -1;

	*schema = (struct mi_schema){0};
	convert->notes = &schema->notes;
	convert->recode = mi_recode;
	convert->user = conn;
	if (mi_src_text_session(conn, err) != 0 ||
	    mi_src_tables(conn, &options->filter, &schema->tables, err) != 0 ||
	    mi_src_databases(conn, &options->filter, &names, &count, err) != 0 ||
	    read_databases(&reader, names, count, err) != 0 || read_tables(&reader, err) != 0 ||
	    read_programs(&reader, names, count, err) != 0)
		goto done;
	ret = 0;
done:
	if (ret != 0)
		mi_schema_release(schema);
	mi_src_databases_free(names, count);
	return ret;
}

static void free_faults(struct mi_view_fault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(faults[i].db);
		free(faults[i].view);
		free(faults[i].need_db);
		free(faults[i].need);
	}
	free(faults);
}

void mi_schema_release(struct mi_schema *schema)
{
	mi_tables_release(&schema->tables);
	for (size_t i = 0; i < 3; i++)
		mi_ddl_list_release(&schema->list[i]);
	mi_notes_release(&schema->notes);
	free_faults(schema->faults, schema->fault_count);
	schema->faults = NULL;
	schema->fault_count = 0;
}
