#include "source/probe.h"
#include "base/buf.h"
#include "base/err.h"
#include "chunk/cut.h"
#include "chunk/done.h"
#include "chunk/range.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>

enum {
	CLIENT_ERRORS = 2000, /* to 2999: the client library's. With TLS, many mean a lost link */
	CLIENT_ERRORS_END = 3000,
};

/* ---- Sizes ---- */

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

int mi_src_sizes(struct mi_conn *conn, const char *db, mi_size_fn *take, void *user,
                 struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SELECT TABLE_NAME, TABLE_ROWS, DATA_LENGTH FROM "
	                     "information_schema.TABLES WHERE TABLE_SCHEMA = ");
	mi_sql_string(&sql, db);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)) != NULL)
		if (row[0])
			take(user, row[0], number(row[1]), number(row[2]));
	mysql_free_result(result);
	return 0;
}

/* ---- Boundaries ---- */

void mi_src_from(const struct mi_table *table, struct mi_buf *sql)
{
	mi_buf_add_str(sql, " FROM ");
	mi_sql_name(sql, table->db, table->name);
	if (!mi_key_is_rangeable(table))
		return;
	mi_buf_add_str(sql, " FORCE INDEX (");
	mi_sql_ident(sql, mi_table_row_key(table)->name);
	mi_buf_add_str(sql, ")");
}

bool mi_src_key_is_int(const struct mi_table *table)
{
	const struct mi_key *key = mi_table_row_key(table);

	return mi_key_is_rangeable(table) && key->part_count == 1 &&
	       table->columns[key->parts[0].column].type == MI_TYPE_INT;
}

static int set_cut(const struct mi_table *table, const struct mi_column *column, MYSQL_ROW row,
                   uint64_t pieces, struct mi_keycut *cut, struct mi_err *err)
{
	*cut = (struct mi_keycut){0};
	if (!row || !row[0] || !row[1])
		return 0; /* no rows */
	if (mi_keycut_init(cut, column->is_unsigned, row[0], row[1], pieces))
		return 0;
	return mi_fail(err, MI_PROTOCOL, "keys of %s.%s from %s to %s are no integers", table->db,
	               table->name, row[0], row[1]);
}

int mi_src_read_failed(struct mi_conn *reader, const struct mi_table *table, const char *doing,
                       struct mi_err *err)
{
	unsigned number = mysql_errno(reader->mysql);

	(void)mi_conn_fail(reader, err, doing);
	(void)mi_within(err, "%s.%s", table->db, table->name);
	if (number == MI_ER_TABLE_DEF_CHANGED || number == MI_ER_NO_SUCH_TABLE) {
		err->code = MI_DATA;
		return mi_hint(err, "it has been altered or dropped since the snapshot; run it "
		                    "again, and let no DDL run meanwhile");
	}
	if ((number >= CLIENT_ERRORS && number < CLIENT_ERRORS_END) ||
	    number == MI_ER_QUERY_INTERRUPTED || number == MI_ER_CONNECTION_KILLED ||
	    number == MI_ER_SESSION_WAS_KILLED || number == MI_ER_SERVER_SHUTDOWN)
		err->code = MI_UNAVAILABLE;
	if (err->code == MI_UNAVAILABLE)
		return mi_hint(err, "the snapshot ended with its session: run it again");
	return -1;
}

int mi_src_cut(struct mi_conn *reader, const struct mi_table *table, uint64_t pieces,
               struct mi_keycut *cut, struct mi_err *err)
{
	const struct mi_key *key = mi_table_row_key(table);
	const struct mi_column *column = &table->columns[key->parts[0].column];
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	int ret;

	mi_buf_add_str(&sql, "SELECT MIN(");
	mi_sql_ident(&sql, column->name);
	mi_buf_add_str(&sql, "), MAX(");
	mi_sql_ident(&sql, column->name);
	mi_buf_add_char(&sql, ')');
	mi_src_from(table, &sql);
	ret = mi_conn_query(reader, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return mi_src_read_failed(reader, table, "cannot read keys", err);
	ret = set_cut(table, column, mysql_fetch_row(result), pieces, cut, err);
	mysql_free_result(result);
	return ret;
}

/* Appends the key text of a result's row that has only the key's columns, in key order. */
static void add_key(const struct mi_table *table, MYSQL_ROW row, const unsigned long *lengths,
                    struct mi_buf *text)
{
	const struct mi_key *key = mi_table_row_key(table);
	struct mi_span *values = mi_alloc(table->carried_count * sizeof *values);

	for (size_t i = 0; i < key->part_count; i++) {
		size_t at = 0;

		for (int c = 0; c < key->parts[i].column; c++)
			at += table->columns[c].carried;
		values[at] = mi_span(row[i], lengths[i]);
	}
	mi_key_text(table, values, text);
	free(values);
}

int mi_src_probe(struct mi_conn *reader, const struct mi_table *table, const char *lo,
                 const char *hi, uint64_t rows, struct mi_buf *boundary, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_add_str(&sql, "SELECT ");
	mi_key_columns(table, &sql);
	mi_src_from(table, &sql);
	mi_buf_add_str(&sql, " WHERE ");
	if (mi_key_predicate(table, lo, hi, &sql, err) != 0)
		goto out;
	mi_buf_add_str(&sql, " ORDER BY ");
	mi_key_columns(table, &sql);
	mi_buf_addf(&sql, " LIMIT 1 OFFSET %llu", (unsigned long long)rows - 1);
	if (mi_conn_query(reader, err, mi_buf_cstr(&sql), &result) != 0) {
		ret = mi_src_read_failed(reader, table, "cannot read keys", err);
		goto out;
	}
	row = mysql_fetch_row(result);
	if (row)
		add_key(table, row, mysql_fetch_lengths(result), boundary);
	mysql_free_result(result);
	ret = 0;
out:
	mi_buf_release(&sql);
	return ret;
}

/* ---- What is finished ---- */

/* Appends SELECT n, side, <key> UNION ALL ... ORDER BY <key>, side: one SELECT per end of a range
 * that is not open. n numbers the ends: 2i and 2i + 1 are the lower and the upper one of range i.
 * side sorts, at the same key, a range's upper end before another's lower end. */
static int add_sorting(const struct mi_table *table, const struct mi_keyranges *runs,
                       struct mi_buf *sql, struct mi_err *err)
{
	const char *between = "";

	for (size_t i = 0; i < 2 * runs->count; i++) {
		const struct mi_keyrange *run = &runs->items[i / 2];
		const char *key = i % 2 ? run->hi : run->lo;

		if (!*key)
			continue;
		mi_buf_addf(sql, "%sSELECT %zu, %d, ", between, i, i % 2 == 0);
		if (mi_key_values(table, key, sql, err) != 0)
			return -1;
		between = " UNION ALL ";
	}
	mi_buf_add_str(sql, " ORDER BY ");
	for (size_t i = 0; i < mi_table_row_key(table)->part_count; i++)
		mi_buf_addf(sql, "%zu, ", i + 3);
	mi_buf_add_str(sql, "2");
	return 0;
}

static int sort_bounds(struct mi_conn *conn, const struct mi_table *table,
                       const struct mi_keyranges *runs, struct mi_keybounds *bounds,
                       struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	if (add_sorting(table, runs, &sql, err) != 0)
		goto out;
	if (sql.data[0] != 'S') { /* all ends are open */
		ret = 0;
		goto out;
	}
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result)) != NULL) {
		size_t *bound = mi_array_add(&bounds->items, &bounds->count, sizeof *bounds->items);

		*bound = (size_t)number(row[0]);
	}
	mysql_free_result(result);
	ret = 0;
out:
	mi_buf_release(&sql);
	return ret;
}

int mi_src_gaps(struct mi_conn *conn, const struct mi_done *done, const struct mi_table *table,
                struct mi_keyranges *gaps, struct mi_keyranges *runs, struct mi_err *err)
{
	struct mi_keybounds bounds = {0};
	int ret = -1;

	if (mi_done_has_table(done, table->db, table->name))
		return 0;
	if (mi_keyranges_join(runs, done, table->db, table->name, err) == 0 &&
	    (runs->count == 0 || sort_bounds(conn, table, runs, &bounds, err) == 0) &&
	    mi_keyranges_complement(runs, &bounds, gaps, err) == 0)
		ret = 0;
	else
		(void)mi_within(err, "finished chunks of %s.%s", table->db, table->name);
	free(bounds.items);
	return ret;
}
