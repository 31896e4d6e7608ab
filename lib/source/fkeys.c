#include "source/fkeys.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "schema/fkey.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "source/show.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

struct reader {
	struct mi_conn *conn;
	const char *db;
	struct mi_table **tables;
	size_t count;
	bool *gone; /* for each table */
};

static int by_name(const void *name, const void *table)
{
	return strcmp(name, (*(struct mi_table *const *)table)->name);
}

static struct mi_table *find_table(struct reader *r, const char *name)
{
	struct mi_table **found = bsearch(name, r->tables, r->count, sizeof *r->tables, by_name);

	return found ? *found : NULL;
}

/* ---- What information_schema shows ---- */

static int read_rules(struct reader *r, bool *any, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	struct mi_table *table;

	if (mi_query_schema(
		r->conn, r->db, "the foreign keys of ",
		"SELECT TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE "
		"FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ",
		" ORDER BY TABLE_NAME, CONSTRAINT_NAME", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		struct mi_fkey *fkey;

		if (!(table = find_table(r, row[0])))
			continue;
		fkey = mi_array_add(&table->fkeys, &table->fkey_count, sizeof *table->fkeys);
		fkey->name = mi_strdup(row[1]);
		fkey->on_update = mi_strdup(row[2]);
		fkey->on_delete = mi_strdup(row[3]);
		*any = true;
	}
	mysql_free_result(result);
	return 0;
}

static struct mi_fkey *find_fkey(struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->fkey_count; i++)
		if (strcmp(table->fkeys[i].name, name) == 0)
			return &table->fkeys[i];
	return NULL;
}

static void add_pair(struct mi_fkey *fkey, MYSQL_ROW row)
{
	size_t refs = fkey->column_count;

	if (!fkey->ref_table) {
		fkey->ref_db = mi_strdup(row[3]);
		fkey->ref_table = mi_strdup(row[4]);
	}
	*(char **)mi_array_add(&fkey->columns, &fkey->column_count, sizeof *fkey->columns) =
	    mi_strdup(row[2]);
	*(char **)mi_array_add(&fkey->ref_columns, &refs, sizeof *fkey->ref_columns) =
	    mi_strdup(row[5]);
}

static int read_columns(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	struct mi_table *table;
	struct mi_fkey *fkey;

	if (mi_query_schema(
		r->conn, r->db, "the foreign keys of ",
		"SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, "
		"REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME "
		"FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = ",
		" AND REFERENCED_TABLE_NAME IS NOT NULL "
		"ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION",
		&result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if ((table = find_table(r, row[0])) && (fkey = find_fkey(table, row[1])))
			add_pair(fkey, row);
	mysql_free_result(result);
	return 0;
}

/* ---- What it may hide ---- */

static int by_constraint(const void *a, const void *b)
{
	const struct mi_fkey *left = a, *right = b;
	int order = strcasecmp(left->name, right->name);

	return order ? order : strcmp(left->name, right->name);
}

static int read_statement(struct reader *r, struct mi_table *table, struct mi_span text,
                          struct mi_err *err)
{
	struct mi_ddl_table ddl = {0};
	int ret = 0;

	if (mi_ddl_table_read(&ddl, text, err) != 0)
		return mi_within(err, "database %s", r->db);
	for (size_t i = 0; ret == 0 && i < ddl.element_count; i++)
		if (ddl.elements[i].kind == MI_ELEMENT_FOREIGN_KEY)
			ret = mi_ddl_fkey_read(
			    &ddl, &ddl.elements[i], r->db,
			    mi_array_add(&table->fkeys, &table->fkey_count, sizeof *table->fkeys),
			    err);
	mi_ddl_table_release(&ddl);
	/* as information_schema sorts foreign keys */
	if (ret == 0 && table->fkey_count)
		qsort(table->fkeys, table->fkey_count, sizeof *table->fkeys, by_constraint);
	return ret;
}

static int ask_table(struct reader *r, size_t number, struct mi_err *err)
{
	struct mi_table *table = r->tables[number];
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SHOW CREATE TABLE ");
	mi_sql_name(&sql, r->db, table->name);
	ret = mi_conn_query(r->conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0 && mysql_errno(r->conn->mysql) == MI_ER_NO_SUCH_TABLE) {
		*err = (struct mi_err){0};
		r->gone[number] = true;
		return 0;
	}
	if (ret != 0)
		return mi_within(err, "reading the foreign keys of %s.%s", r->db, table->name);
	row = mysql_fetch_row(result);
	if (row && row[1]) {
		ret =
		    read_statement(r, table, mi_span(row[1], mysql_fetch_lengths(result)[1]), err);
	} else {
		(void)mi_fail(err, MI_DENIED, "cannot see whether %s.%s has foreign keys", r->db,
		              table->name);
		ret = mi_hint(err, "GRANT SELECT, REFERENCES on it to the account");
	}
	mysql_free_result(result);
	return ret;
}

/* Asks with SHOW CREATE for each table that shows no constraint of any kind; a table that shows one
 * hides none. */
static int ask_hidden(struct reader *r, struct mi_err *err)
{
	bool *seen = mi_alloc(r->count * sizeof *seen);
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	ret =
	    mi_query_schema(r->conn, r->db, "the foreign keys of ",
	                    "SELECT DISTINCT TABLE_NAME FROM information_schema.TABLE_CONSTRAINTS "
	                    "WHERE TABLE_SCHEMA = ",
	                    "", &result, err);
	if (ret == 0) {
		while ((row = mysql_fetch_row(result))) {
			struct mi_table **found =
			    bsearch(row[0], r->tables, r->count, sizeof *r->tables, by_name);

			if (found)
				seen[found - r->tables] = true;
		}
		mysql_free_result(result);
	}
	for (size_t i = 0; ret == 0 && i < r->count; i++)
		if (!seen[i] && !r->tables[i]->fkey_count)
			ret = ask_table(r, i, err);
	free(seen);
	return ret;
}

static bool may_hide(const struct mi_conn *conn)
{
	return conn->flavour == MI_FLAVOUR_MARIADB ||
	       (conn->flavour == MI_FLAVOUR_MYSQL && conn->version < 80000);
}

int mi_src_fkeys(struct mi_conn *conn, const char *db, struct mi_table **tables, size_t count,
                 bool *gone, struct mi_err *err)
{
	struct reader r = {conn, db, tables, count, gone};
	bool any = false;

	if (count == 0)
		return 0;
	if (read_rules(&r, &any, err) != 0 || (any && read_columns(&r, err) != 0))
		return -1;
	return may_hide(conn) ? ask_hidden(&r, err) : 0;
}
