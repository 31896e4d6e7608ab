#include "source/views.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "schema/object.h"
#include "server/conn.h"
#include "source/schema.h"
#include "source/show.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "table/filter.h"

#include <stdlib.h>

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
	return 0;
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

int mi_src_add_views(struct mi_ddl_reader *reader, struct mi_views *views, struct mi_err *err)
{
	size_t *order = mi_alloc(views->count * sizeof *order);
	int ret = 0;

	mi_views_order(views, order);
	for (size_t i = 0; i < views->count && ret == 0; i++)
		ret = add_view(reader, &views->items[order[i]], err);
	free(order);
	return ret;
}
