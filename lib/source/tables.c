#include "source/tables.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "server/conn.h"
#include "server/hidden_text.h"
#include "server/mysql_errors.h"
#include "source/databases.h"
#include "source/fkeys.h"
#include "source/show.h"
#include "sql/literal.h"
#include "table/filter.h"
#include "table/table.h"
#include "table/type.h"

#include <stdlib.h>

/* A table's name, and when this one of that name was made; "" when that is not known. */
struct object {
	char *name, *made;
	/* What was read of it does not fit together: it was made, changed or dropped between the
	 * queries, or the account sees a part of it. */
	bool doubted;
};

/* Sorted by name. */
struct objects {
	struct object *items;
	size_t count;
};

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
	struct objects objects;  /* db's tables, as they were first seen */
	const char *only;        /* this table alone is read; NULL: all of db */
	bool hidden;             /* a table has columns that the account does not see */
};

enum {
	REFUSED_SHOWN = 700, /* bytes of names that a message holds */
	LOOKS = 20,          /* at a table that changes all the time */
};

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

	if (r->only && strcmp(name, r->only) != 0)
		return;
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

/* A query about r's tables; order: what comes after the condition. */
static int query(struct reader *r, const char *what, const char *select, const char *order,
                 MYSQL_RES **result, struct mi_err *err)
{
	struct mi_buf after = {0};
	int ret;

	if (r->only) {
		mi_buf_add_str(&after, " AND TABLE_NAME = ");
		mi_sql_string(&after, r->only);
	}
	mi_buf_add_str(&after, order);
	ret = mi_query_schema(r->conn, r->db, what, select, mi_buf_cstr(&after), result, err);
	mi_buf_release(&after);
	return ret;
}

static void objects_release(struct objects *objects)
{
	for (size_t i = 0; i < objects->count; i++) {
		free(objects->items[i].name);
		free(objects->items[i].made);
	}
	free(objects->items);
	*objects = (struct objects){0};
}

static int compare_objects(const void *a, const void *b)
{
	return strcmp(((const struct object *)a)->name, ((const struct object *)b)->name);
}

/* NULL when there is none. */
static struct object *find_object(const struct objects *objects, const char *name)
{
	char *copy = mi_strdup(name);
	struct object wanted = {.name = copy}, *found = NULL;

	if (objects->count)
		found = bsearch(&wanted, objects->items, objects->count, sizeof wanted,
		                compare_objects);
	free(copy);
	return found;
}

static int query_objects(struct reader *r, MYSQL_RES **result, struct mi_err *err)
{
	return query(r, "the tables of ",
	             "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, CREATE_TIME "
	             "FROM information_schema.TABLES WHERE TABLE_SCHEMA = ",
	             "", result, err);
}

static void note_object(struct objects *objects, MYSQL_ROW row)
{
	struct object *object = mi_array_add(&objects->items, &objects->count, sizeof *object);

	*object =
	    (struct object){.name = mi_strdup(row[0]), .made = mi_strdup(row[4] ? row[4] : "")};
}

static void sort_objects(struct objects *objects)
{
	if (objects->count)
		qsort(objects->items, objects->count, sizeof *objects->items, compare_objects);
}

static int compare_tables(const void *a, const void *b)
{
	return strcmp((*(struct mi_table *const *)a)->name, (*(struct mi_table *const *)b)->name);
}

static int read_objects(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (query_objects(r, &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		take_object(r, row);
		note_object(&r->objects, row);
	}
	mysql_free_result(result);
	sort_objects(&r->objects);
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

static void doubt(struct reader *r, const struct mi_table *table)
{
	struct object *object = find_object(&r->objects, table->name);

	if (object)
		object->doubted = true;
}

static void add_column(struct reader *r, struct mi_table *table, MYSQL_ROW row)
{
	struct mi_column_facts facts = {row[4], row[5], row[6], row[7], row[8]};
	struct mi_column *column;

	/* column-level grants hide the other columns, and a copy without them would look complete
	 */
	if (strtoul(row[2], NULL, 10) != table->column_count + 1) {
		doubt(r, table);
		r->hidden = true;
		return;
	}
	column = mi_array_add(&table->columns, &table->column_count, sizeof *table->columns);
	column->name = mi_strdup(row[1]);
	column->nullable = strcmp(row[3], "YES") == 0;
	column->charset = copy_or_null(row[9]);
	column->collation = copy_or_null(row[10]);
	if (!mi_column_set_type(column, &facts))
		refuse(r, "column of unknown type", table->name, row[1]);
}

static int read_columns(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	struct mi_table *table;

	if (query(r, "the columns of ",
	          "SELECT TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, "
	          "COLUMN_TYPE, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, EXTRA, "
	          "CHARACTER_SET_NAME, COLLATION_NAME "
	          "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
	          " ORDER BY TABLE_NAME, ORDINAL_POSITION", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if ((table = find_table(r, row[0])))
			add_column(r, table, row);
	mysql_free_result(result);
	return 0;
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

static void add_key_part(struct reader *r, struct mi_table *table, MYSQL_ROW row)
{
	struct mi_key *key = key_of(table, row);
	struct mi_key_part *part;
	int column = row[3] ? mi_table_column(table, row[3]) : -1;

	if (row[3] && column < 0)
		doubt(r, table);
	part = mi_array_add(&key->parts, &key->part_count, sizeof *key->parts);
	part->column = column;
	part->descending = row[5] && strcmp(row[5], "D") == 0;
	/* a spatial key's SUB_PART is no prefix, but an internal of the server */
	if (row[4] && key->kind != MI_KEY_SPATIAL)
		part->prefix = (unsigned)strtoul(row[4], NULL, 10);
}

#define KEYS_QUERY(ignored)                                                             \
	"SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, COLLATION, " \
	"INDEX_TYPE, " ignored " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = "

static int read_keys(struct reader *r, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	struct mi_table *table;

	if (query(r, "the keys of ",
	          r->conn->flavour == MI_FLAVOUR_MARIADB && r->conn->version >= 100600
	              ? KEYS_QUERY("IGNORED")
	              : KEYS_QUERY("'NO'"),
	          " ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX", &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		if ((table = find_table(r, row[0])))
			add_key_part(r, table, row);
	mysql_free_result(result);
	return 0;
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
			if (mi_hidden_members(r->conn, table, column, &known, err) != 0) {
				if (mysql_errno(r->conn->mysql) != MI_ER_NO_SUCH_TABLE)
					return -1;
				*err = (struct mi_err){0};
				doubt(r, table);
			}
			if (!known)
				refuse(r, "column with members that the server prints as '?':",
				       table->name, column->name);
		}
	}
	return 0;
}

/* ---- One look ---- */

static void check_complete(struct reader *r, const struct mi_table *table)
{
	if (table->column_count == 0)
		doubt(r, table);
	for (size_t i = 0; i < table->fkey_count; i++)
		if (!table->fkeys[i].ref_table)
			doubt(r, table);
}

static int look_at_fkeys(struct reader *r, struct mi_err *err)
{
	size_t count = r->tables->count - r->first;
	struct mi_table **tables = r->tables->items + r->first;
	bool *gone = mi_alloc(count * sizeof *gone);
	int ret = mi_src_fkeys(r->conn, r->db, tables, count, gone, err);

	for (size_t i = 0; i < count; i++)
		if (gone[i])
			doubt(r, tables[i]);
	free(gone);
	return ret;
}

static int look(struct reader *r, struct mi_err *err)
{
	if (read_objects(r, err) != 0)
		return -1;
	if (r->tables->count == r->first)
		return 0;
	if (read_columns(r, err) != 0 || read_hidden(r, err) != 0 || read_keys(r, err) != 0 ||
	    look_at_fkeys(r, err) != 0)
		return -1;
	for (size_t i = r->first; i < r->tables->count; i++)
		check_complete(r, r->tables->items[i]);
	return 0;
}

/* ---- Until nothing has changed meanwhile ---- */

/* Takes out the tables that are gone, and doubts those that were made anew or changed. *doubted:
 * how many tables are left that are doubted, for whatever reason. */
static int look_again(struct reader *r, size_t *doubted, struct mi_err *err)
{
	struct objects now = {0};
	size_t kept = r->first;
	MYSQL_RES *result;
	MYSQL_ROW row;

	*doubted = 0;
	if (query_objects(r, &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		note_object(&now, row);
	mysql_free_result(result);
	sort_objects(&now);
	for (size_t i = r->first; i < r->tables->count; i++) {
		struct mi_table *table = r->tables->items[i];
		struct object *then = find_object(&r->objects, table->name);
		const struct object *here = find_object(&now, table->name);

		if (!here) {
			mi_table_free(table);
			continue;
		}
		then->doubted |= strcmp(then->made, here->made) != 0;
		*doubted += then->doubted;
		r->tables->items[kept++] = table;
	}
	r->tables->count = kept;
	objects_release(&now);
	return 0;
}

/* One look at the table of that name alone. *table: NULL when it is gone. *doubted: not to be used.
 */
static int look_alone(struct reader *r, const char *name, struct mi_table **table, bool *doubted,
                      struct mi_err *err)
{
	struct mi_tables tables = {0};
	struct reader one = *r;
	size_t refused_len = r->refused.len, count = 0;
	int ret;

	one.tables = &tables;
	one.first = 0;
	one.objects = (struct objects){0};
	one.only = name;
	one.hidden = false;
	ret = look(&one, err);
	if (ret == 0)
		ret = look_again(&one, &count, err);
	*doubted = count > 0;
	*table = tables.count ? tables.items[0] : NULL;
	free(tables.items);
	objects_release(&one.objects);
	if (count > 0)
		one.refused.len = refused_len;
	r->refused = one.refused;
	r->refused_why = count > 0 ? NULL : one.refused_why;
	r->hidden = one.hidden;
	return ret;
}

static int fail_doubted(const struct reader *r, const struct mi_table *table, struct mi_err *err)
{
	if (!r->hidden && table->column_count)
		return mi_fail(err, MI_AGAIN, "table %s.%s changed while its definition was read",
		               r->db, table->name);
	(void)mi_fail(err, MI_DENIED,
	              "cannot read table %s.%s: the account sees some of its columns only", r->db,
	              table->name);
	return mi_hint(err, "grant SELECT on the whole table");
}

/* Reads a doubted table by itself, until all that is read fits together. */
static int read_alone(struct reader *r, struct mi_table **table, struct mi_err *err)
{
	char *name = mi_strdup((*table)->name);
	bool doubted = true;
	int ret = 0;

	for (int looks = 0; ret == 0 && doubted && looks < LOOKS; looks++) {
		mi_table_free(*table);
		ret = look_alone(r, name, table, &doubted, err);
	}
	if (ret == 0 && doubted)
		ret = fail_doubted(r, *table, err);
	free(name);
	return ret;
}

/* A table that is made, changed or dropped between the queries is half read: what is gone is left
 * out, and what is in doubt is read by itself. */
static int read_database(struct reader *r, struct mi_err *err)
{
	size_t doubted, kept;
	int ret;

	r->first = kept = r->tables->count;
	ret = look(r, err);
	if (ret == 0)
		ret = look_again(r, &doubted, err);
	for (size_t i = r->first; i < r->tables->count; i++) {
		struct mi_table *table = r->tables->items[i];

		if (ret == 0 && doubted > 0 && find_object(&r->objects, table->name)->doubted)
			ret = read_alone(r, &table, err);
		if (table)
			r->tables->items[kept++] = table;
	}
	r->tables->count = kept;
	objects_release(&r->objects);
	return ret;
}

static int finish(struct reader *r, struct mi_err *err)
{
	if (r->refused.len) {
		(void)mi_fail(err, MI_DATA, "cannot carry %s", mi_buf_cstr(&r->refused));
		return mi_hint(err, "leave a table out with --exclude=DB.TABLE");
	}
	for (size_t i = 0; i < r->filter->tables.count; i++)
		if (!r->matched[i] && !r->filter->absent_is_none)
			return mi_fail(err, MI_CONFIG, "--tables=%s: no table matches",
			               r->filter->tables.items[i]);
	for (size_t i = 0; i < r->tables->count; i++) {
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
	objects_release(&r.objects);
	free(r.matched);
	return ret;
}
