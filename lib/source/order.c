#include "source/order.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>

/* What has been asked already: one answer for each collation. */
struct answers {
	struct answer {
		const char *collation; /* a column's */
		bool misordered;
	} * items;
	size_t count;
};

/* Appends a derived table of the numbers n from 0 to count - 1. */
static void add_numbers(unsigned count, struct mi_buf *sql)
{
	mi_buf_add_str(sql, "(SELECT 0 AS n");
	for (unsigned i = 1; i < count; i++)
		mi_buf_addf(sql, " UNION ALL SELECT %u", i);
	mi_buf_add_char(sql, ')');
}

/* Appends a derived table of characters: none, and those of one byte, which are 128 where a byte
 * may begin a longer one. A blank alone is left out: CHAR values have none at their end. */
static void add_characters(const struct mi_column *column, bool eight_bits, struct mi_buf *sql)
{
	mi_buf_addf(sql,
	            "(SELECT CONVERT('' USING %s) COLLATE %s AS s UNION ALL "
	            "SELECT CHAR(16*h.n+l.n USING %s) COLLATE %s FROM ",
	            column->charset, column->collation, column->charset, column->collation);
	add_numbers(eight_bits ? 16 : 8, sql);
	mi_buf_add_str(sql, " AS h JOIN ");
	add_numbers(16, sql);
	mi_buf_add_str(sql, " AS l WHERE 16*h.n+l.n<>32)");
}

/* Whether each byte is a character. ASCII has half of them. */
static int ask_eight_bits(struct mi_conn *conn, const struct mi_column *column, bool *eight_bits,
                          struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t found;
	int ret;

	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM information_schema.CHARACTER_SETS WHERE "
	                     "MAXLEN=1 AND CHARACTER_SET_NAME<>'ascii' AND CHARACTER_SET_NAME=");
	mi_sql_string(&sql, column->charset);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &found);
	mi_buf_release(&sql);
	*eight_bits = ret == 0 && found > 0;
	return ret;
}

/* Appends "sign of a compared with b": -1, 0 or 1. */
static void add_compared(const char *a, const char *b, struct mi_buf *sql)
{
	mi_buf_addf(sql, "((%s>%s)-(%s<%s))", a, b, a, b);
}

static int ask_padded(struct mi_conn *conn, const struct mi_column *column, bool *misordered,
                      struct mi_err *err)
{
	struct mi_buf sql = {0};
	bool eight_bits;
	uint64_t found;
	int ret;

	if (ask_eight_bits(conn, column, &eight_bits, err) != 0)
		return -1;
	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM ");
	add_characters(column, eight_bits, &sql);
	mi_buf_add_str(&sql, " AS a JOIN ");
	add_characters(column, eight_bits, &sql);
	mi_buf_add_str(&sql, " AS b WHERE ");
	add_compared("a.s", "b.s", &sql);
	mi_buf_add_str(&sql, "<>");
	add_compared("RPAD(a.s,3,' ')", "RPAD(b.s,3,' ')", &sql);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &found);
	mi_buf_release(&sql);
	*misordered = ret == 0 && found > 0;
	return ret;
}

/* Whether a blank at the end counts: NO PAD. */
static int ask_no_pad(struct mi_conn *conn, const struct mi_column *column, bool *no_pad,
                      struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t equal;
	int ret;

	mi_buf_addf(&sql, "SELECT CONVERT('a' USING %s) COLLATE %s = CONVERT('a ' USING %s)",
	            column->charset, column->collation, column->charset);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &equal);
	mi_buf_release(&sql);
	*no_pad = ret == 0 && equal == 0;
	return ret;
}

static int ask(struct mi_conn *conn, const struct mi_column *column, bool *misordered,
               struct mi_err *err)
{
	bool no_pad = false;

	*misordered = false;
	if (conn->flavour != MI_FLAVOUR_MARIADB && ask_no_pad(conn, column, &no_pad, err) != 0)
		return -1;
	return no_pad ? 0 : ask_padded(conn, column, misordered, err);
}

static int look_up(struct answers *answers, struct mi_conn *conn, struct mi_column *column,
                   struct mi_err *err)
{
	struct answer *answer;

	for (size_t i = 0; i < answers->count; i++)
		if (strcmp(answers->items[i].collation, column->collation) == 0) {
			column->misordered = answers->items[i].misordered;
			return 0;
		}
	if (ask(conn, column, &column->misordered, err) != 0)
		return mi_within(err, "how collation %s sorts", column->collation);
	answer = mi_array_add(&answers->items, &answers->count, sizeof *answers->items);
	answer->collation = column->collation;
	answer->misordered = column->misordered;
	return 0;
}

int mi_src_find_misordered(struct mi_conn *conn, struct mi_tables *tables, struct mi_err *err)
{
	struct answers answers = {0};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < tables->count; i++) {
		struct mi_table *table = tables->items[i];
		const struct mi_key *key = mi_table_row_key(table);

		for (size_t k = 0; ret == 0 && key && k < key->part_count; k++) {
			struct mi_column *column = &table->columns[key->parts[k].column];

			if (column->type == MI_TYPE_CHAR && !column->variable && column->charset)
				ret = look_up(&answers, conn, column, err);
		}
	}
	free(answers.items);
	return ret;
}
