#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "server/conn.h"
#include "sql/apply_text.h"
#include "sql/literal.h"
#include "table/dbmap.h"
#include "table/keyplan.h"
#include "table/table.h"
#include "target/compare.h"

#include <stdlib.h>
#include <strings.h>

enum { MAX_TABLES = 1 << 20, ROW_ALIAS_SINCE = 80020 };

static void shape_free(struct mi_shape *shape)
{
	if (!shape)
		return;
	mi_applytext_release(&shape->text);
	mi_computed_release(&shape->computed);
	mi_keyplan_release(&shape->key);
	free(shape->table.columns);
	free(shape->bad_fkey);
	free(shape);
}

void mi_shapes_release(struct mi_shapes *shapes)
{
	for (size_t i = 0; i < shapes->room; i++)
		shape_free(shapes->items[i]);
	free(shapes->items);
	shapes->items = NULL;
	shapes->room = 0;
}

bool mi_shape_cascades(const struct mi_shape *shape, unsigned fk_flags)
{
	return fk_flags == 0 && shape->is_parent;
}

/* ---- UNIQUE keys ---- */

/* One UNIQUE key of the server's table: consecutive rows of the query in check_keys. */
struct found_key {
	const char *name;
	size_t first, count; /* rows of the result */
};

enum { KEY_NAME, KEY_COLUMN, KEY_PREFIX };

static bool row_key_has(const struct mi_shape *shape, const char *column)
{
	const struct mi_key *key = mi_table_row_key(shape->def);

	for (size_t i = 0; i < key->part_count; i++)
		if (strcasecmp(shape->def->columns[key->parts[i].column].name, column) == 0)
			return true;
	return false;
}

static MYSQL_ROW row_at(MYSQL_RES *result, size_t i)
{
	mysql_data_seek(result, i);
	return mysql_fetch_row(result);
}

static bool is_row_key(const struct mi_shape *shape, MYSQL_RES *result, const struct found_key *key)
{
	if (key->count != mi_table_row_key(shape->def)->part_count)
		return false;
	for (size_t i = 0; i < key->count; i++) {
		MYSQL_ROW row = row_at(result, key->first + i);

		if (!row[KEY_COLUMN] || row[KEY_PREFIX] || !row_key_has(shape, row[KEY_COLUMN]))
			return false;
	}
	return true;
}

static void note_other_key(struct mi_shape *shape, MYSQL_RES *result, const struct found_key *key)
{
	for (size_t i = 0; i < key->count; i++) {
		MYSQL_ROW row = row_at(result, key->first + i);
		int column = row[KEY_COLUMN] ? mi_table_column(shape->def, row[KEY_COLUMN]) : -1;

		mi_keyplan_add_unique(&shape->key, column, !row[KEY_PREFIX]);
	}
}

/* Takes the server's UNIQUE keys. True when one of them is the row key. */
static bool take_keys(struct mi_shape *shape, MYSQL_RES *result)
{
	size_t count = mysql_num_rows(result);
	bool found = false;

	for (size_t i = 0; i < count;) {
		struct found_key key = {.name = row_at(result, i)[KEY_NAME], .first = i};

		for (; i < count && strcmp(row_at(result, i)[KEY_NAME], key.name) == 0; i++)
			key.count++;
		if (is_row_key(shape, result, &key))
			found = true;
		else
			note_other_key(shape, result, &key);
	}
	return found;
}

static int check_keys(struct mi_shape *shape, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	bool found;
	int ret;

	mi_buf_add_str(&sql, "SELECT INDEX_NAME,COLUMN_NAME,SUB_PART FROM "
	                     "information_schema.STATISTICS WHERE NON_UNIQUE=0 AND TABLE_SCHEMA=");
	mi_sql_string(&sql, shape->into);
	mi_buf_add_str(&sql, " AND TABLE_NAME=");
	mi_sql_string(&sql, shape->def->name);
	mi_buf_add_str(&sql, " ORDER BY INDEX_NAME,SEQ_IN_INDEX");
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	found = take_keys(shape, result);
	mysql_free_result(result);
	shape->upserts = !shape->key.has_unique;
	if (found)
		return 0;
	(void)mi_fail(err, MI_DATA, "the key that identifies its rows, %s, is no UNIQUE key here",
	              mi_table_row_key(shape->def)->name);
	return mi_hint(err, "create it on the target");
}

/* ---- Foreign keys ---- */

static const char with_action[] = "(r.DELETE_RULE IN ('CASCADE','SET NULL','SET DEFAULT') OR "
				  "r.UPDATE_RULE IN ('CASCADE','SET NULL','SET DEFAULT'))";

static int check_parent(struct mi_shape *shape, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t count;
	int ret;

	if (conn->flavour == MI_FLAVOUR_VITESS)
		return 0;
	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS AS r "
	                     "WHERE r.UNIQUE_CONSTRAINT_SCHEMA=");
	mi_sql_string(&sql, shape->into);
	mi_buf_add_str(&sql, " AND r.REFERENCED_TABLE_NAME=");
	mi_sql_string(&sql, shape->def->name);
	mi_buf_addf(&sql, " AND %s", with_action);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &count);
	shape->is_parent = ret == 0 && count > 0;
	mi_buf_release(&sql);
	return ret;
}

static bool has_action(const struct mi_fkey *fkey)
{
	static const char *const actions[] = {"CASCADE", "SET NULL", "SET DEFAULT", NULL};

	return mi_word_index(mi_span_str(fkey->on_update), actions) >= 0 ||
	       mi_word_index(mi_span_str(fkey->on_delete), actions) >= 0;
}

/* Appends a condition on a foreign key's rule; NO ACTION and RESTRICT are equal in InnoDB. */
static void add_rule(struct mi_buf *sql, const char *column, const char *rule)
{
	if (strcmp(rule, "NO ACTION") == 0 || strcmp(rule, "RESTRICT") == 0) {
		mi_buf_addf(sql, " AND r.%s IN ('NO ACTION','RESTRICT')", column);
		return;
	}
	mi_buf_addf(sql, " AND r.%s=", column);
	mi_sql_string(sql, rule);
}

/* *same: the server's table has this foreign key. */
static int has_fkey(const struct mi_shape *shape, const struct mi_map *map,
                    const struct mi_fkey *fkey, struct mi_conn *conn, bool *same,
                    struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t found;
	int ret;

	mi_buf_add_str(&sql,
	               "SELECT COUNT(*) FROM (SELECT r.CONSTRAINT_NAME FROM "
	               "information_schema.REFERENTIAL_CONSTRAINTS AS r JOIN "
	               "information_schema.KEY_COLUMN_USAGE AS k ON "
	               "k.CONSTRAINT_SCHEMA=r.CONSTRAINT_SCHEMA AND k.TABLE_NAME=r.TABLE_NAME AND "
	               "k.CONSTRAINT_NAME=r.CONSTRAINT_NAME WHERE r.CONSTRAINT_SCHEMA=");
	mi_sql_string(&sql, shape->into);
	mi_buf_add_str(&sql, " AND r.TABLE_NAME=");
	mi_sql_string(&sql, shape->def->name);
	mi_buf_add_str(&sql, " AND r.REFERENCED_TABLE_NAME=");
	mi_sql_string(&sql, fkey->ref_table);
	mi_buf_add_str(&sql, " AND r.UNIQUE_CONSTRAINT_SCHEMA=");
	mi_sql_string(&sql, mi_map_db(map, fkey->ref_db));
	add_rule(&sql, "UPDATE_RULE", fkey->on_update);
	add_rule(&sql, "DELETE_RULE", fkey->on_delete);
	mi_buf_addf(&sql, " GROUP BY r.CONSTRAINT_NAME HAVING COUNT(*)=%zu AND SUM(",
	            fkey->column_count);
	for (size_t i = 0; i < fkey->column_count; i++) {
		mi_buf_add_str(&sql, i ? " OR (k.COLUMN_NAME=" : "(k.COLUMN_NAME=");
		mi_sql_string(&sql, fkey->columns[i]);
		mi_buf_add_str(&sql, " AND k.REFERENCED_COLUMN_NAME=");
		mi_sql_string(&sql, fkey->ref_columns[i]);
		mi_buf_add_char(&sql, ')');
	}
	mi_buf_addf(&sql, ")=%zu) AS f", fkey->column_count);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &found);
	*same = ret == 0 && found > 0;
	mi_buf_release(&sql);
	return ret;
}

static int check_fkeys(struct mi_shape *shape, const struct mi_map *map, struct mi_conn *conn,
                       struct mi_err *err)
{
	bool same;

	for (size_t i = 0; i < shape->def->fkey_count && !shape->bad_fkey; i++) {
		const struct mi_fkey *fkey = &shape->def->fkeys[i];

		if (conn->flavour == MI_FLAVOUR_VITESS || !has_action(fkey))
			continue;
		if (has_fkey(shape, map, fkey, conn, &same, err) != 0)
			return -1;
		if (!same)
			shape->bad_fkey = mi_strdup(fkey->name);
	}
	return 0;
}

/* ---- The order of the columns ---- */

/* The columns in the order of the definition by which the log was decoded. A log that names no
 * columns and a definition of another time would put values of one column into another. */
static int check_order(const struct mi_shape *shape, struct mi_conn *conn, struct mi_err *err)
{
	const struct mi_table *def = shape->def;
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int last = -1, column, ret;

	mi_buf_add_str(&sql,
	               "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=");
	mi_sql_string(&sql, shape->into);
	mi_buf_add_str(&sql, " AND TABLE_NAME=");
	mi_sql_string(&sql, def->name);
	mi_buf_add_str(&sql, " ORDER BY ORDINAL_POSITION");
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while (ret == 0 && (row = mysql_fetch_row(result))) {
		column = mi_table_column(def, row[0]);
		if (column >= 0 && column < last) {
			(void)mi_fail(err, MI_DATA,
			              "column %s stands before %s here, and after it in the "
			              "definition by which the log was read",
			              def->columns[last].name, row[0]);
			ret =
			    mi_hint(err, "the two are of different times, or were never the same: "
			                 "give this table the source's order of columns, or copy "
			                 "it again");
		}
		last = column >= 0 ? column : last;
	}
	mysql_free_result(result);
	return ret;
}

/* ---- All of it ---- */

/* The row key may be NULL, and Vitess is not asked. */
static void prepare_reading_back(struct mi_shape *shape, const struct mi_shapes *shapes,
                                 const struct mi_conn *conn)
{
	bool is_mariadb = conn->flavour == MI_FLAVOUR_MARIADB;

	if (shape->def->proven_count > 0 && !shape->keyless && !shapes->no_proof &&
	    conn->flavour != MI_FLAVOUR_VITESS)
		mi_computed_init(&shape->computed, shape->def, &shape->table, conn,
		                 is_mariadb == shapes->of_mariadb);
}

static int check(struct mi_shape *shape, const struct mi_shapes *shapes, struct mi_conn *conn,
                 struct mi_err *err)
{
	const struct mi_table *def = shape->def;
	bool exists;

	shape->keyless = !mi_table_row_key(def);
	if (shape->keyless && !shapes->new_table) {
		(void)mi_fail(err, MI_DATA,
		              "it has no PRIMARY KEY and no UNIQUE key of NOT NULL "
		              "columns: its rows cannot be told apart");
		return mi_hint(err, "add a primary key on the source, or leave the table out of "
		                    "the import");
	}
	if (mi_target_compare(def, shape->into, conn, &exists, &shape->table, err) != 0)
		return -1;
	if (!exists) {
		(void)mi_fail(err, MI_DATA, "it does not exist here");
		return mi_hint(err, "create it as it is on the source");
	}
	if (!shape->keyless)
		mi_keyplan_init(&shape->key, def);
	if (check_order(shape, conn, err) != 0 ||
	    mi_target_is_writable(shape->into, def->name, conn, err) != 0 ||
	    (!shape->keyless && check_keys(shape, conn, err) != 0) ||
	    check_parent(shape, conn, err) != 0 || check_fkeys(shape, shapes->map, conn, err) != 0)
		return -1;
	mi_applytext_init(&shape->text, shape->into, &shape->table, &shape->key,
	                  conn->flavour == MI_FLAVOUR_MYSQL && conn->version >= ROW_ALIAS_SINCE);
	prepare_reading_back(shape, shapes, conn);
	return 0;
}

static void make_room(struct mi_shapes *shapes, uint32_t id)
{
	size_t room = shapes->room ? shapes->room : 64;

	while (room <= id)
		room *= 2;
	if (room == shapes->room)
		return;
	shapes->items = mi_realloc_array(shapes->items, room, sizeof *shapes->items);
	memset(shapes->items + shapes->room, 0, (room - shapes->room) * sizeof *shapes->items);
	shapes->room = room;
}

int mi_shapes_get(struct mi_shapes *shapes, const struct mi_table *def, struct mi_conn *conn,
                  struct mi_shape **shape, struct mi_err *err)
{
	struct mi_shape *s;

	if (def->id < shapes->room && shapes->items[def->id]) {
		*shape = shapes->items[def->id];
		return 0;
	}
	if (def->id >= MAX_TABLES)
		return mi_fail(err, MI_DATA, "bad stream: table number %u is too great", def->id);
	s = mi_alloc(sizeof *s);
	s->def = def;
	s->into = mi_map_db(shapes->map, def->db);
	if (check(s, shapes, conn, err) != 0) {
		(void)mi_within(err, "table %s.%s", s->into, def->name);
		shape_free(s);
		return -1;
	}
	make_room(shapes, def->id);
	*shape = shapes->items[def->id] = s;
	return 0;
}
