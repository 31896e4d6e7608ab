#include "source/tables.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "server/conn.h"
#include "server/hidden_text.h"
#include "source/databases.h"
#include "source/fkeys.h"
#include "source/show.h"
#include "table/filter.h"
#include "table/table.h"
#include "table/type.h"

#include <stdlib.h>

/* One reading of information_schema. All queries name one database by a literal: MariaDB then opens
 * that directory only. Their rows are joined by this program, as the servers' information_schema
 * has no indexes. */
struct reader {
	struct mi_conn *conn;
	const struct mi_filter *filter;
	const char *db;
	struct mi_tables *tables;
	size_t first;            /* index of db's first table */
	bool *matched;           /* for each of filter->tables: the pattern matched something */
	struct mi_buf refused;   /* what cannot be carried: "why name, name; why name" */
	const char *refused_why; /* the last why in refused */
};

enum { REFUSED_SHOWN = 700 }; /* bytes of names that a message holds */

static void refuse(struct reader *r, const char *why, const char *table, const char *column)
{
	bool same = r->refused_why && strcmp(r->refused_why, why) == 0;

	if (r->refused.len > REFUSED_SHOWN) {
		if (r->refused.data[r->refused.len - 1] != '.')
			mi_buf_add_str(&r->refused, ", ...");
		return;
	}
	if (!same)
		mi_buf_addf(&r->refused, "%s%s ", r->refused.len ? "; " : "", why);
	mi_buf_addf(&r->refused, "%s%s.%s%s%s", same ? ", " : "", r->db, table, column ? "." : "",
	            column ? column : "");
	r->refused_why = why;
}

static void mark_matched(struct reader *r, const char *name)
{
	const struct mi_opt_list *patterns = &r->filter->tables;

	for (size_t i = 0; i < patterns->count; i++)
		if (mi_pattern_matches(patterns->items[i], r->db, name, r->filter->ignore_case))
			r->matched[i] = true;
}

static void add_table(struct reader *r, const char *name, const char *engine, const char *collation)
{
	struct mi_table *table = mi_alloc(sizeof *table);

	table->db = mi_strdup(r->db);
	table->name = mi_strdup(name);
	table->engine = mi_strdup(engine);
	table->collation = mi_strdup(collation ? collation : "");
	table->row_key = -1;
	*(struct mi_table **)mi_array_add(&r->tables->items, &r->tables->count,
	                                  sizeof *r->tables->items) = table;
}

static void take_object(struct reader *r, MYSQL_ROW row)
{
	const char *name = row[0], *type = row[1], *engine = row[2];

	mark_matched(r, name);
	if (!mi_filter_takes(r->filter, r->db, name))
		return;
	if (strcmp(type, "VIEW") == 0 || strcmp(type, "SYSTEM VIEW") == 0 ||
	    strcmp(type, "TEMPORARY") == 0)
		return;
	if (strcmp(type, "SEQUENCE") == 0)
		refuse(r, "sequence", name, NULL);
	else if (strcmp(type, "SYSTEM VERSIONED") == 0)
		refuse(r, "system-versioned table", name, NULL);
	else if (strcmp(type, "BASE TABLE") != 0)
		refuse(r, "object of unknown kind", name, NULL);
	else if (!engine)
		refuse(r, "table that the server cannot open", name, NULL);
	else
		add_table(r, name, engine, row[3]);
}

static int compare_tables(const void *a, const void *b)
{
	return strcmp((*(struct mi_table *const *)a)->name, (*(struct mi_table *const *)b)->name);
}

static int read_objects(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_query_schema(r->conn, r->db, "the tables of ",
	                    "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION "
	                    "FROM information_schema.TABLES WHERE TABLE_SCHEMA = ",
	                    "", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		take_object(r, row);
	mysql_free_result(result);
	if (r->tables->count > r->first)
		qsort(r->tables->items + r->first, r->tables->count - r->first,
		      sizeof *r->tables->items, compare_tables);
	return 0;
}

static struct mi_table *find_table(struct reader *r, const char *name)
{
	struct mi_table wanted = {0}, *key = &wanted, **found;
	char *copy = mi_strdup(name);

	if (r->tables->count == r->first) {
		free(copy);
		return NULL;
	}
	wanted.name = copy;
	found = bsearch(&key, r->tables->items + r->first, r->tables->count - r->first,
	                sizeof *r->tables->items, compare_tables);
	free(copy);
	return found ? *found : NULL;
}

static char *copy_or_null(const char *text)
{
	return text ? mi_strdup(text) : NULL;
}

/* Column-level grants hide the other columns from information_schema, and a copy without them would
 * look complete. */
static int fail_hidden(const struct mi_table *table, struct mi_err *err)
{
	(void)mi_fail(err, MI_DENIED,
	              "cannot read table %s.%s: the account sees some of its columns only",
	              table->db, table->name);
	return mi_hint(err, "grant SELECT on the whole table");
}

static int add_column(struct reader *r, struct mi_table *table, MYSQL_ROW row, struct mi_err *err)
{
	struct mi_column_facts facts = {row[4], row[5], row[6], row[7], row[8]};
	struct mi_column *column;

	if (strtoul(row[2], NULL, 10) != table->column_count + 1)
		return fail_hidden(table, err);
	column = mi_array_add(&table->columns, &table->column_count, sizeof *table->columns);
	column->name = mi_strdup(row[1]);
	column->nullable = strcmp(row[3], "YES") == 0;
	column->charset = copy_or_null(row[9]);
	column->collation = copy_or_null(row[10]);
	if (!mi_column_set_type(column, &facts))
		refuse(r, "column of unknown type", table->name, row[1]);
	return 0;
}

static int read_columns(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	struct mi_table *table;
	int ret = -1;

	if (mi_query_schema(
		r->conn, r->db, "the columns of ",
		"SELECT TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, "
		"COLUMN_TYPE, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, EXTRA, "
		"CHARACTER_SET_NAME, COLLATION_NAME "
		"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
		" ORDER BY TABLE_NAME, ORDINAL_POSITION", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if ((table = find_table(r, row[0])) && add_column(r, table, row, err) != 0)
			goto done;
	ret = 0;
done:
	mysql_free_result(result);
	return ret;
}

static enum mi_key_kind key_kind(const char *name, const char *non_unique, const char *type)
{
	if (strcmp(name, "PRIMARY") == 0)
		return MI_KEY_PRIMARY;
	if (strcmp(type, "FULLTEXT") == 0)
		return MI_KEY_FULLTEXT;
	if (strcmp(type, "SPATIAL") == 0)
		return MI_KEY_SPATIAL;
	return strcmp(non_unique, "0") == 0 ? MI_KEY_UNIQUE : MI_KEY_PLAIN;
}

/* The key that the row is about: the table's last one, or a new one. Rows of two tables whose names
 * differ by case only may alternate, but the rows of one key come one after another. */
static struct mi_key *key_of(struct mi_table *table, MYSQL_ROW row)
{
	struct mi_key *key = table->key_count ? &table->keys[table->key_count - 1] : NULL;

	if (key && strcmp(key->name, row[1]) == 0)
		return key;
	key = mi_array_add(&table->keys, &table->key_count, sizeof *table->keys);
	key->name = mi_strdup(row[1]);
	key->kind = key_kind(row[1], row[2], row[6]);
	key->ignored = strcmp(row[7], "YES") == 0;
	return key;
}

static int add_key_part(struct mi_table *table, MYSQL_ROW row, struct mi_err *err)
{
	struct mi_key *key = key_of(table, row);
	struct mi_key_part *part;
	int column = row[3] ? mi_table_column(table, row[3]) : -1;

	if (row[3] && column < 0)
		return fail_hidden(table, err);
	part = mi_array_add(&key->parts, &key->part_count, sizeof *key->parts);
	part->column = column;
	part->descending = row[5] && strcmp(row[5], "D") == 0;
	/* a spatial key's SUB_PART is no prefix, but an internal of the server */
	if (row[4] && key->kind != MI_KEY_SPATIAL)
		part->prefix = (unsigned)strtoul(row[4], NULL, 10);
	return 0;
}

#define KEYS_QUERY(ignored)                                                             \
	"SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, COLLATION, " \
	"INDEX_TYPE, " ignored " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = "

static int read_keys(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	struct mi_table *table;
	int ret = -1;

	if (mi_query_schema(r->conn, r->db, "the keys of ",
	                    r->conn->flavour == MI_FLAVOUR_MARIADB && r->conn->version >= 100600
	                        ? KEYS_QUERY("IGNORED")
	                        : KEYS_QUERY("'NO'"),
	                    " ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if ((table = find_table(r, row[0])) && add_key_part(table, row, err) != 0)
			goto done;
	ret = 0;
done:
	mysql_free_result(result);
	return ret;
}

/* Replaces "?" in ENUM and SET members by what the server cannot print. */
static int read_hidden(struct reader *r, struct mi_err *err)
{
	for (size_t i = r->first; i < r->tables->count; i++) {
		struct mi_table *table = r->tables->items[i];

		for (size_t j = 0; j < table->column_count; j++) {
			struct mi_column *column = &table->columns[j];
			bool known = true;

			if ((column->type != MI_TYPE_ENUM && column->type != MI_TYPE_SET) ||
			    !mi_column_may_hide(column) || !strchr(column->type_text, '?'))
				continue;
			if (mi_hidden_members(r->conn, table, column, &known, err) != 0)
				return -1;
			if (!known)
				refuse(r, "column with members that the server prints as '?':",
				       table->name, column->name);
		}
	}
	return 0;
}

/* A table that was created, changed or dropped between the queries is half read. */
static int check_complete(const struct mi_table *table, struct mi_err *err)
{
	if (table->column_count == 0)
		return fail_hidden(table, err);
	for (size_t i = 0; i < table->fkey_count; i++)
		if (!table->fkeys[i].ref_table)
			return mi_fail(err, MI_AGAIN,
			               "table %s.%s changed while its definition was read",
			               table->db, table->name);
	return 0;
}

static int read_database(struct reader *r, struct mi_err *err)
{
	r->first = r->tables->count;
	if (read_objects(r, err) != 0)
		return -1;
	if (r->tables->count == r->first)
		return 0;
	if (read_columns(r, err) != 0 || read_hidden(r, err) != 0 || read_keys(r, err) != 0)
		return -1;
	return mi_src_fkeys(r->conn, r->db, r->tables->items + r->first,
	                    r->tables->count - r->first, err);
}

static int finish(struct reader *r, struct mi_err *err)
{
	if (r->refused.len) {
		(void)mi_fail(err, MI_DATA, "cannot carry %s", mi_buf_cstr(&r->refused));
		return mi_hint(err, "leave a table out with --exclude=DB.TABLE");
	}
	for (size_t i = 0; i < r->filter->tables.count; i++)
		if (!r->matched[i])
			return mi_fail(err, MI_CONFIG, "--tables=%s: no table matches",
			               r->filter->tables.items[i]);
	for (size_t i = 0; i < r->tables->count; i++) {
		if (check_complete(r->tables->items[i], err) != 0)
			return -1;
		r->tables->items[i]->id = (uint32_t)i + 1;
		mi_table_finish(r->tables->items[i]);
	}
	return 0;
}

/* Generated invisible primary keys (MySQL from 8.0.30 on) must be shown to be carried. */
static int show_invisible_keys(struct mi_conn *conn, struct mi_err *err)
{
	uint64_t shown;

	if (conn->flavour == MI_FLAVOUR_MARIADB || conn->version < 80030)
		return 0;
	if (mi_conn_number(conn, err,
	                   "SELECT @@SESSION.show_gipk_in_create_table_and_information_schema",
	                   &shown) != 0)
		return -1;
	return shown ? 0
	             : mi_conn_exec(conn, err,
	                            "SET SESSION "
	                            "show_gipk_in_create_table_and_information_schema = ON");
}

int mi_src_tables(struct mi_conn *conn, struct mi_filter *filter, struct mi_tables *tables,
                  struct mi_err *err)
{
	struct reader r = {.conn = conn, .filter = filter, .tables = tables};
	char **names = NULL;
	size_t count = 0;
	int ret = -1;

	*tables = (struct mi_tables){0};
	if (show_invisible_keys(conn, err) != 0 ||
	    mi_src_databases(conn, filter, &names, &count, err) != 0)
		return -1;
	r.matched = mi_alloc(filter->tables.count * sizeof *r.matched);
	for (size_t i = 0; i < count; i++) {
		r.db = names[i];
		if (read_database(&r, err) != 0)
			goto done;
	}
	ret = finish(&r, err);
done:
	if (ret != 0)
		mi_tables_release(tables);
	mi_src_databases_free(names, count);
	mi_buf_release(&r.refused);
	free(r.matched);
	return ret;
}
