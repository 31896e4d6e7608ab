#include "source/views.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "schema/object.h"
#include "schema/uses.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "source/schema.h"
#include "source/show.h"
#include "sql/literal.h"
#include "sql/tokens.h"
#include "stream/parse.h"
#include "table/filter.h"

#include <stdlib.h>

enum { HEAD_TOKENS = 32 }; /* up to AS, with a definer of several */

/* With the view's database as default, SHOW CREATE prints the view's text without that name: so the
 * text keeps its meaning when the database has another name on the target. */
static int use_database(struct mi_ddl_reader *reader, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "USE ");
	mi_sql_ident(&sql, reader->db);
	ret = mi_conn_exec(reader->conn, err, mi_buf_cstr(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* An INVOKER's view is read with this account's privileges: that it cannot be read says nothing
 * about the view. */
static bool is_invokers(const struct mi_view *view)
{
	struct mi_tokens tokens;
	bool found = false;

	mi_tokens_read_head(&tokens, mi_buf_span(&view->text), HEAD_TOKENS);
	for (size_t i = 0; i + 2 < tokens.count; i++)
		found |= mi_lexeme_is_word(&tokens.items[i], "SQL") &&
		         mi_lexeme_is_word(&tokens.items[i + 1], "SECURITY") &&
		         mi_lexeme_is_word(&tokens.items[i + 2], "INVOKER");
	mi_tokens_release(&tokens);
	return found;
}

/* Has the server resolve the view, without reading a row. Only the answer that it is invalid
 * counts: every other failure, such as a missing privilege, leaves the question open. */
static int look_whether_valid(struct mi_ddl_reader *reader, struct mi_view *view,
                              struct mi_err *err)
{
	struct mi_buf select = {0}, sql = {0};
	int ret;

	if (is_invokers(view))
		return 0;
	mi_buf_add_str(&select, "SELECT * FROM ");
	mi_sql_name(&select, view->db, view->name);
	mi_buf_add_str(&sql, "PREPARE mi_view FROM ");
	mi_sql_string(&sql, mi_buf_cstr(&select));
	ret = mi_conn_exec(reader->conn, err, mi_buf_cstr(&sql));
	mi_buf_release(&select);
	mi_buf_release(&sql);
	if (ret == 0)
		return mi_conn_exec(reader->conn, err, "DEALLOCATE PREPARE mi_view");
	if (err->code == MI_UNAVAILABLE || err->code == MI_AGAIN)
		return -1;
	if (mysql_errno(reader->conn->mysql) == MI_ER_VIEW_INVALID)
		view->invalid = mi_strdup(mysql_error(reader->conn->mysql));
	*err = (struct mi_err){0};
	return 0;
}

static int read_view(struct mi_ddl_reader *reader, struct mi_views *views, const char *name,
                     struct mi_err *err)
{
	struct mi_view *view;
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_show_create(reader, "VIEW", name, 1, &result, &row, err) != 0)
		return -1;
	view = mi_array_add(&views->items, &views->count, sizeof *views->items);
	view->db = mi_strdup(reader->db);
	view->name = mi_strdup(name);
	mi_buf_add(&view->text, row[1], mysql_fetch_lengths(result)[1]);
	view->charset = mi_strdup(row[2] ? row[2] : "");
	view->collation = mi_strdup(row[3] ? row[3] : "");
	mysql_free_result(result);
	mi_view_uses(mi_buf_span(&view->text), view->db, &view->uses);
	return look_whether_valid(reader, view, err);
}

int mi_src_views(struct mi_ddl_reader *reader, struct mi_views *views, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	if (use_database(reader, err) != 0 ||
	    mi_query_schema(reader->conn, reader->db, "",
	                    "SELECT TABLE_NAME FROM information_schema.TABLES "
	                    "WHERE TABLE_TYPE = 'VIEW' AND TABLE_SCHEMA = ",
	                    " ORDER BY TABLE_NAME", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if (mi_filter_takes(&reader->options->filter, reader->db, row[0]) &&
		    read_view(reader, views, row[0], err) != 0)
			goto done;
	ret = 0;
done:
	mysql_free_result(result);
	return ret;
}

static int add_view(struct mi_ddl_reader *reader, struct mi_view *view, struct mi_err *err)
{
	struct mi_buf what = {0};
	char *collation = NULL;
	int ret = -1;

	mi_buf_addf(&what, "view %s.%s", view->db, view->name);
	if (reader->options->strip_definers)
		mi_ddl_strip_definer(&view->text);
	if (mi_convert_statement(reader->convert, &view->text, mi_buf_cstr(&what), err) != 0)
		goto done;
	collation = mi_convert_collation(reader->convert, view->collation, mi_buf_cstr(&what));
	mi_ddl_list_add(
	    &reader->schema->list[MI_SECTION_POST],
	    &(struct mi_ddl){
		.section = "post",
		.kind = "view",
		.db = view->db,
		.object = view->name,
		.text = mi_buf_cstr(&view->text),
		.settings = {[MI_SET_CLIENT] = view->charset, [MI_SET_CONNECTION] = collation}});
	ret = 0;
done:
	free(collation);
	mi_buf_release(&what);
	return ret;
}

bool mi_src_leaves_view(const struct mi_ddl_reader *reader, const struct mi_view *view)
{
	return reader->options->skip_invalid_views && view->invalid;
}

int mi_src_add_views(struct mi_ddl_reader *reader, struct mi_views *views, struct mi_err *err)
{
	size_t *order = mi_alloc(views->count * sizeof *order);
	int ret = 0;

	mi_views_order(views, order);
	for (size_t i = 0; i < views->count && ret == 0; i++) {
		struct mi_view *view = &views->items[order[i]];

		if (!mi_src_leaves_view(reader, view))
			ret = add_view(reader, view, err);
	}
	free(order);
	return ret;
}

/* ---- Faults ---- */

static void add_fault(struct mi_ddl_reader *reader, const struct mi_view *view,
                      const struct mi_use *need)
{
	struct mi_schema *schema = reader->schema;
	struct mi_view_fault *fault =
	    mi_array_add(&schema->faults, &schema->fault_count, sizeof *fault);

	*fault = (struct mi_view_fault){.db = mi_strdup(view->db), .view = mi_strdup(view->name)};
	if (!need) {
		mi_note(&schema->notes, MI_NOTE_FAULT,
		        "view %s.%s is invalid on the source, and a target will refuse it "
		        "(--skip-invalid-views leaves such views out): %s",
		        view->db, view->name, view->invalid);
		return;
	}
	fault->need_db = mi_strdup(need->db);
	fault->need = mi_strdup(need->name);
	fault->is_call = need->is_call;
	mi_note(&schema->notes, MI_NOTE_FAULT,
	        "view %s.%s needs %s %s.%s, which is not carried: a target that lacks it will "
	        "refuse the view (--exclude leaves it out)",
	        view->db, view->name, need->is_call ? "function" : "table or view", need->db,
	        need->name);
}

static bool is_one_of(const char *db, char *const *names, size_t count, bool ignore_case)
{
	for (size_t i = 0; i < count; i++)
		if (mi_name_eq(names[i], db, ignore_case))
			return true;
	return false;
}

static bool is_carried(const struct mi_ddl_reader *reader, const struct mi_views *views,
                       const struct mi_use *use)
{
	const struct mi_tables *tables = &reader->schema->tables;
	bool ignore_case = views->ignore_case;

	for (size_t i = 0; i < tables->count; i++)
		if (mi_name_eq(tables->items[i]->name, use->name, ignore_case) &&
		    mi_name_eq(tables->items[i]->db, use->db, ignore_case))
			return true;
	for (size_t i = 0; i < views->count; i++)
		if (!mi_src_leaves_view(reader, &views->items[i]) &&
		    mi_name_eq(views->items[i].name, use->name, ignore_case) &&
		    mi_name_eq(views->items[i].db, use->db, ignore_case))
			return true;
	return false;
}

/* A routine of a database that is carried comes along when a view calls it, if this account may see
 * it. In `a`.`f`() a may be a package, and no database. */
static int lacks_routine(struct mi_ddl_reader *reader, const struct mi_use *use,
                         const struct mi_uses *routines, char *const *names, size_t count,
                         bool *lacks, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t found = 0;
	int ret;

	*lacks = false;
	if (mi_uses_calls(routines, use->db, use->name) || mi_db_is_system(use->db))
		return 0;
	if (is_one_of(use->db, names, count, false)) {
		*lacks = use->is_sure;
		return 0;
	}
	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=");
	mi_sql_string(&sql, use->db);
	ret = mi_conn_number(reader->conn, err, mi_buf_cstr(&sql), &found);
	*lacks = found > 0;
	mi_buf_release(&sql);
	return ret;
}

static int find_needs(struct mi_ddl_reader *reader, char *const *names, size_t count,
                      const struct mi_views *views, const struct mi_uses *routines,
                      const struct mi_view *view, struct mi_err *err)
{
	for (size_t i = 0; i < view->uses.count; i++) {
		const struct mi_use *use = &view->uses.items[i];
		bool lacks;

		if (!use->is_call)
			lacks = !mi_db_is_system(use->db) && !is_carried(reader, views, use);
		else if (lacks_routine(reader, use, routines, names, count, &lacks, err) != 0)
			return -1;
		if (lacks)
			add_fault(reader, view, use);
	}
	return 0;
}

int mi_src_find_faults(struct mi_ddl_reader *reader, char *const *names, size_t count,
                       const struct mi_views *views, const struct mi_uses *routines,
                       struct mi_err *err)
{
	for (size_t i = 0; i < views->count; i++) {
		const struct mi_view *view = &views->items[i];

		if (mi_src_leaves_view(reader, view))
			mi_note(&reader->schema->notes, MI_NOTE_FAULT,
			        "view %s.%s is left out, because it is invalid on the source: %s",
			        view->db, view->name, view->invalid);
		else if (view->invalid)
			add_fault(reader, view, NULL);
		else if (find_needs(reader, names, count, views, routines, view, err) != 0)
			return -1;
	}
	return 0;
}
