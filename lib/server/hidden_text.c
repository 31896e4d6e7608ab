#include "server/hidden_text.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdlib.h>

enum { BATCH = 500 }; /* members a query; servers stop recursion after 1000 */

bool mi_column_may_hide(const struct mi_column *column)
{
	static const char *const wide[] = {"utf8mb4", "utf16", "utf16le", "utf32", "gb18030", NULL};

	return column->charset && mi_word_index(mi_span_str(column->charset), wide) >= 0;
}

/* One row in which every column of the table is NULL: no row of the table is read. */
static void add_from(struct mi_buf *sql, const struct mi_table *table)
{
	mi_buf_add_str(sql, " FROM (SELECT 1 AS one) AS o LEFT JOIN ");
	mi_sql_name(sql, table->db, table->name);
	mi_buf_add_str(sql, " AS t ON FALSE");
}

/* Asks for members first + 1 to first + count. A recursive query takes its columns' types from its
 * first SELECT: m is of the table's ENUM or SET type, and the second SELECT stores members' numbers
 * into it. */
static void members_query(struct mi_buf *sql, const struct mi_table *table,
                          const struct mi_column *column, size_t first, size_t count)
{
	mi_buf_addf(sql, "WITH RECURSIVE c(n, m) AS (SELECT %zu, t.", first);
	mi_sql_ident(sql, column->name);
	add_from(sql, table);
	mi_buf_addf(sql, " UNION ALL SELECT n + 1, %s FROM c WHERE n < %zu) ",
	            column->type == MI_TYPE_SET ? "1 << n" : "n + 1", first + count);
	mi_buf_addf(sql, "SELECT CONVERT(m USING utf8mb4) FROM c WHERE n > %zu ORDER BY n", first);
}

/* What the server prints for text: "?" for each character of four bytes. */
static void as_printed(struct mi_span text, struct mi_buf *printed)
{
	mi_buf_reset(printed);
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] < 0xf0) {
			mi_buf_add_char(printed, text.data[i]);
		} else {
			mi_buf_add_char(printed, '?');
			i += 3;
		}
	}
}

/* Appends a member quoted as information_schema's COLUMN_TYPE quotes members. */
static void add_quoted(struct mi_buf *text, struct mi_span member)
{
	mi_buf_add_char(text, '\'');
	for (size_t i = 0; i < member.len; i++) {
		char c = member.data[i];

		if (c == '\'' || c == '\\')
			mi_buf_add_char(text, c);
		if (c == '\0' || c == '\n' || c == '\r')
			mi_buf_add_char(text, '\\');
		mi_buf_add_char(text, c == '\0' ? '0' : c == '\n' ? 'n' : c == '\r' ? 'r' : c);
	}
	mi_buf_add_char(text, '\'');
}

struct members {
	struct mi_tokens printed; /* of type_text: word ( string , string ... ) */
	size_t count;
	struct mi_buf text; /* the true type text so far */
};

/* Takes the rows of one batch, from member `first`. False: they are not the members that the server
 * printed. */
static bool take_members(struct members *members, size_t first, MYSQL_RES *result)
{
	struct mi_buf wanted = {0}, printed = {0};
	MYSQL_ROW row;
	size_t at = first;
	bool ok = true;

	for (; ok && (row = mysql_fetch_row(result)); at++) {
		struct mi_span member =
		    mi_span(row[0], row[0] ? mysql_fetch_lengths(result)[0] : 0);

		ok = row[0] && at < members->count;
		if (!ok)
			break;
		mi_buf_reset(&wanted);
		mi_token_string(&members->printed.items[2 + 2 * at], &wanted);
		as_printed(member, &printed);
		ok = mi_span_eq(mi_buf_span(&wanted), mi_buf_span(&printed));
		mi_buf_add_str(&members->text, at ? "," : "(");
		add_quoted(&members->text, member);
	}
	mi_buf_release(&wanted);
	mi_buf_release(&printed);
	return ok && (at == first + BATCH || at == members->count);
}

static int ask_members(struct mi_conn *conn, const struct mi_table *table,
                       const struct mi_column *column, struct members *members, bool *known,
                       struct mi_err *err)
{
	for (size_t first = 0; first < members->count && *known; first += BATCH) {
		size_t left = members->count - first;
		struct mi_buf sql = {0};
		MYSQL_RES *result;
		int ret;

		members_query(&sql, table, column, first, left < BATCH ? left : BATCH);
		ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
		mi_buf_release(&sql);
		if (ret != 0)
			return mi_within(err, "asking for the members of %s.%s.%s", table->db,
			                 table->name, column->name);
		*known = take_members(members, first, result);
		mysql_free_result(result);
	}
	return 0;
}

int mi_hidden_members(struct mi_conn *conn, const struct mi_table *table, struct mi_column *column,
                      bool *known, struct mi_err *err)
{
	struct members members = {0};
	int ret;

	*known = conn->flavour == MI_FLAVOUR_MARIADB || conn->version >= 80000;
	if (!*known)
		return 0;
	if (mi_tokens_read(&members.printed, mi_span_str(column->type_text), err) != 0)
		return -1;
	members.count = members.printed.count > 2 ? (members.printed.count - 2) / 2 : 0;
	mi_buf_add_span(&members.text, members.printed.items[0].text);
	ret = ask_members(conn, table, column, &members, known, err);
	mi_buf_add_char(&members.text, ')');
	mi_tokens_release(&members.printed);
	if (ret == 0 && *known) {
		free(column->type_text);
		column->type_text = mi_strdup(mi_buf_cstr(&members.text));
	}
	mi_buf_release(&members.text);
	return ret;
}

int mi_hidden_default(struct mi_conn *conn, const struct mi_table *table,
                      const struct mi_column *column, struct mi_buf *value, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SELECT CONVERT(DEFAULT(t.");
	mi_sql_ident(&sql, column->name);
	mi_buf_add_str(&sql, ") USING utf8mb4)");
	add_from(&sql, table);
	ret = mi_conn_value(conn, err, mi_buf_cstr(&sql), value, NULL);
	mi_buf_release(&sql);
	return ret != 0 ? mi_within(err, "asking for the default of %s.%s.%s", table->db,
	                            table->name, column->name)
	                : 0;
}
