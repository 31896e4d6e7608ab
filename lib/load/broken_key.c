#include "load/broken_key.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/equal_rows.h"
#include "schema/edit.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "table/table.h"
#include "table/type.h"

#include <stdlib.h>
#include <strings.h>

/* ---- The table and the key, as far as finding rows needs them ---- */

static char *copy_or_null(const char *text)
{
	return text ? mi_strdup(text) : NULL;
}

static void add_filter(const char *into, const char *name, struct mi_buf *sql)
{
	mi_buf_add_str(sql, " WHERE TABLE_SCHEMA=");
	mi_sql_string(sql, into);
	mi_buf_add_str(sql, " AND TABLE_NAME=");
	mi_sql_string(sql, name);
}

static int read_columns(struct mi_conn *conn, struct mi_table *table, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql,
	               "SELECT COLUMN_NAME,DATA_TYPE,COLUMN_TYPE,CHARACTER_OCTET_LENGTH,"
	               "NUMERIC_PRECISION,EXTRA,CHARACTER_SET_NAME,COLLATION_NAME,IS_NULLABLE "
	               "FROM information_schema.COLUMNS");
	add_filter(table->db, table->name, &sql);
	mi_buf_add_str(&sql, " ORDER BY ORDINAL_POSITION");
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while (ret == 0 && (row = mysql_fetch_row(result))) {
		struct mi_column_facts facts = {row[1], row[2], row[3], row[4], row[5]};
		struct mi_column *column =
		    mi_array_add(&table->columns, &table->column_count, sizeof *table->columns);

		column->name = mi_strdup(row[0]);
		column->charset = copy_or_null(row[6]);
		column->collation = copy_or_null(row[7]);
		column->nullable = strcmp(row[8], "YES") == 0;
		ret = mi_column_set_type(column, &facts) ? 0 : -1;
	}
	mysql_free_result(result);
	return ret;
}

static int column_named(const struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (strcasecmp(table->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void add_part(const struct mi_table *table, struct mi_key *key, const char *name,
                     const char *prefix)
{
	struct mi_key_part *part = mi_array_add(&key->parts, &key->part_count, sizeof *key->parts);

	part->column = column_named(table, name);
	part->prefix = prefix ? (unsigned)strtoul(prefix, NULL, 10) : 0;
}

/* The UNIQUE keys that the table has: by one of them its rows can be named. */
static int read_keys(struct mi_conn *conn, struct mi_table *table, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SELECT INDEX_NAME,COLUMN_NAME,SUB_PART FROM "
	                     "information_schema.STATISTICS");
	add_filter(table->db, table->name, &sql);
	mi_buf_add_str(&sql, " AND NON_UNIQUE=0 ORDER BY INDEX_NAME,SEQ_IN_INDEX");
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		struct mi_key *key = table->key_count ? &table->keys[table->key_count - 1] : NULL;

		if (!key || strcmp(key->name, row[0]) != 0) {
			key = mi_array_add(&table->keys, &table->key_count, sizeof *table->keys);
			key->name = mi_strdup(row[0]);
			key->kind = strcmp(row[0], "PRIMARY") == 0 ? MI_KEY_PRIMARY : MI_KEY_UNIQUE;
		}
		add_part(table, key, row[1] ? row[1] : "", row[2]);
	}
	mysql_free_result(result);
	mi_table_finish(table);
	return 0;
}

/* Takes the key's parts out of "ADD UNIQUE KEY `k` (`a`,`b`(10) DESC)". False: one of them is an
 * expression, or no column of the table. */
static bool parse_parts(const struct mi_table *table, const char *clause, struct mi_key *key)
{
	struct mi_buf text = {0}, name = {0}, prefix = {0};
	struct mi_edit edit;
	struct mi_err ignored = {0};
	size_t at = 0;
	bool good = true;

	mi_buf_add_str(&text, clause);
	if (mi_edit_open(&edit, &text, &ignored) != 0) {
		mi_buf_release(&text);
		return false;
	}
	while (at < edit.tokens.count && !mi_edit_is_punct(&edit, at, '('))
		at++;
	do {
		bool cut = mi_edit_is_punct(&edit, at + 2, '(');

		mi_buf_reset(&name);
		mi_buf_reset(&prefix);
		mi_lexeme_value(mi_edit_token(&edit, at + 1), 0, &name);
		if (cut)
			mi_lexeme_value(mi_edit_token(&edit, at + 3), 0, &prefix);
		add_part(table, key, mi_buf_cstr(&name), cut ? mi_buf_cstr(&prefix) : NULL);
		good = good && key->parts[key->part_count - 1].column >= 0;
		at += cut ? 5 : 2;
		while (at < edit.tokens.count && !mi_edit_is_punct(&edit, at, ',') &&
		       !mi_edit_is_punct(&edit, at, ')'))
			at++; /* ASC, DESC */
	} while (good && mi_edit_is_punct(&edit, at, ','));
	mi_edit_close(&edit);
	mi_buf_release(&text);
	mi_buf_release(&name);
	mi_buf_release(&prefix);
	return good;
}

/* ---- Two rows ---- */

/* The values of one group of rows that are equal in the key. */
static bool find_group(const struct mi_unique *u, struct mi_conn *conn,
                       struct mi_key_values *copies)
{
	struct mi_buf sql = {0};
	bool found;

	mi_buf_add_str(&sql, "SELECT ");
	mi_unique_select(u, &sql);
	mi_buf_add_str(&sql, " FROM ");
	mi_sql_name(&sql, u->into, u->table->name);
	for (size_t i = 0; i < u->key->part_count; i++) {
		mi_buf_add_str(&sql, i ? " AND " : " WHERE ");
		mi_sql_ident(&sql, u->table->columns[u->key->parts[i].column].name);
		mi_buf_add_str(&sql, " IS NOT NULL");
	}
	for (size_t i = 0; i < u->key->part_count; i++) {
		mi_buf_add_str(&sql, i ? "," : " GROUP BY ");
		mi_unique_compared(u, i, &sql);
	}
	mi_buf_add_str(&sql, " HAVING COUNT(*)>1 LIMIT 1");
	found = mi_unique_fetch(u, conn, mi_buf_cstr(&sql), 0, copies);
	mi_buf_release(&sql);
	return found;
}

/* Appends "of rows (1) and (2)": the row keys of two rows that are equal to these values. */
static void add_rows(const struct mi_unique *u, struct mi_conn *conn, const struct mi_span *values,
                     struct mi_buf *out)
{
	struct mi_unique row = {u->into, u->table, mi_table_row_key(u->table)};
	struct mi_buf sql = {0};

	if (!row.key)
		return;
	mi_buf_add_str(&sql, "SELECT ");
	mi_unique_select(&row, &sql);
	mi_buf_add_str(&sql, " FROM ");
	mi_sql_name(&sql, u->into, u->table->name);
	mi_buf_add_str(&sql, " WHERE ");
	mi_unique_equal(u, values, &sql);
	mi_buf_add_str(&sql, " LIMIT 2");
	for (size_t i = 0; i < 2; i++) {
		struct mi_key_values copies = {0};

		if (mi_unique_fetch(&row, conn, mi_buf_cstr(&sql), i, &copies)) {
			mi_buf_add_str(out, i ? " and " : " of rows ");
			mi_unique_show(&row, copies.values, out);
		}
		mi_key_values_release(&copies, row.key->part_count);
	}
	mi_buf_release(&sql);
}

static void say_pair(const struct mi_unique *u, struct mi_conn *conn, const struct mi_span *values,
                     struct mi_err *err)
{
	size_t count = u->key->part_count;
	struct mi_key_values one = {0}, other = {0};
	struct mi_buf sql = {0}, what = {0};

	mi_buf_add_str(&sql, "SELECT ");
	mi_unique_select(u, &sql);
	mi_buf_add_str(&sql, " FROM ");
	mi_sql_name(&sql, u->into, u->table->name);
	mi_buf_add_str(&sql, " WHERE ");
	mi_unique_equal(u, values, &sql);
	mi_buf_add_str(&sql, " LIMIT 2");
	if (mi_unique_fetch(u, conn, mi_buf_cstr(&sql), 0, &one) &&
	    mi_unique_fetch(u, conn, mi_buf_cstr(&sql), 1, &other)) {
		mi_buf_add_str(&what, "two rows are equal here");
		if (!mi_unique_same_bytes(one.values, other.values, count))
			mi_buf_add_str(&what, ", though not in their bytes,");
		add_rows(u, conn, values, &what);
		(void)mi_unique_say_equal(u, conn, one.values, other.values, mi_buf_cstr(&what),
		                          err);
		if (mi_unique_same_bytes(one.values, other.values, count))
			(void)mi_hint(err,
			              "rows from several snapshots can break a UNIQUE key until "
			              "the follower has caught up: keep UNIQUE keys in the "
			              "pre-data section, or dump %s.%s anew",
			              u->into, u->table->name);
	}
	mi_key_values_release(&one, count);
	mi_key_values_release(&other, count);
	mi_buf_release(&sql);
	mi_buf_release(&what);
}

bool mi_broken_key_is_named(const char *message, const char *key)
{
	static const char before[] = "for key '";
	const char *at = strstr(message, before), *next;
	size_t len = strlen(key), all;

	if (!at)
		return false;
	while ((next = strstr(at + 1, before)))
		at = next;
	at += sizeof before - 1;
	all = strcspn(at, "'");
	return all >= len && strncmp(at + all - len, key, len) == 0 &&
	       (all == len || at[all - len - 1] == '.');
}

int mi_broken_key_explain(struct mi_conn *conn, const char *into, const char *table,
                          const char *name, const char *clause, struct mi_err *err)
{
	struct mi_table *here = mi_alloc(sizeof *here);
	struct mi_key key = {.name = mi_strdup(name), .kind = MI_KEY_UNIQUE};
	struct mi_unique u = {into, here, &key};
	struct mi_key_values group = {0};
	struct mi_err ignored = {0};

	here->db = mi_strdup(into);
	here->name = mi_strdup(table);
	if (read_columns(conn, here, &ignored) == 0 && read_keys(conn, here, &ignored) == 0 &&
	    parse_parts(here, clause, &key) && find_group(&u, conn, &group))
		say_pair(&u, conn, group.values, err);
	mi_key_values_release(&group, key.part_count);
	free(key.name);
	free(key.parts);
	mi_table_free(here);
	return -1;
}
