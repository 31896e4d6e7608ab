/* The check for invalid dates (such as 2023-02-00) in rows. They are copied exactly, but a server
 * with a strict sql_mode refuses statements in which the application writes or converts them. Rows
 * are read for this, within bounds: small tables whole; of large ones the least value, where there
 * is an index, and the first and last rows. The finding says how each table was read. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "chunk/range.h"
#include "server/conn.h"
#include "source/probe.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>

enum {
	SMALL_ROWS = 100000, /* by the server's estimate: such a table is read whole */
	SAMPLE_ROWS = 20000, /* from each end of a larger one */
	TABLES_AT_ONCE = 50,
	STATEMENT_SECONDS = 1,
	ALL_SECONDS = 4, /* no statement is begun later than this after the start */
};

enum looked { LOOKED_NOT, LOOKED_IN_PART, LOOKED_WHOLE };

struct dated {
	const struct mi_table *table;
	double rows; /* estimate */
	enum looked looked;
};

struct dates {
	struct mi_check_at *at;
	struct mi_conn *conn;
	struct dated *items; /* tables with a date, those with few rows first */
	size_t count, columns;
	uint64_t until; /* by mi_now_ms */
	struct mi_check_names found;
	size_t added; /* questions in sql */
	struct mi_buf sql;
	bool denied;
};

/* ---- Which tables ---- */

static bool is_date(const struct mi_column *column)
{
	return column->generated == MI_NOT_GENERATED &&
	       (column->type == MI_TYPE_DATE || column->type == MI_TYPE_DATETIME ||
	        column->type == MI_TYPE_TIMESTAMP);
}

static void add_rows(void *user, const char *name, uint64_t rows, uint64_t bytes)
{
	struct dates *dates = user;

	(void)bytes;
	for (size_t i = 0; i < dates->count; i++)
		if (strcmp(dates->items[i].table->name, name) == 0)
			dates->items[i].rows += (double)rows;
}

static int by_rows(const void *a, const void *b)
{
	const struct dated *left = a, *right = b;

	return (left->rows > right->rows) - (left->rows < right->rows);
}

/* The tables are sorted by database, so the row counts are asked for database by database. */
static int list_tables(struct dates *dates, struct mi_err *err)
{
	const struct mi_tables *tables = &dates->at->run->tables;

	for (size_t i = 0; i < tables->count; i++) {
		const struct mi_table *table = tables->items[i];
		size_t columns = 0;

		for (size_t c = 0; c < table->column_count; c++)
			columns += is_date(&table->columns[c]);
		if (columns)
			*(struct dated *)mi_array_add(&dates->items, &dates->count,
			                              sizeof *dates->items) =
			    (struct dated){.table = table};
		dates->columns += columns;
	}
	for (size_t first = 0, next; first < dates->count; first = next) {
		struct dates piece = {.items = dates->items + first};
		const char *db = piece.items->table->db;

		for (next = first; next < dates->count; next++)
			if (strcmp(dates->items[next].table->db, db) != 0)
				break;
		piece.count = next - first;
		if (mi_src_sizes(dates->conn, db, add_rows, &piece, err) != 0)
			return -1;
	}
	if (dates->count)
		qsort(dates->items, dates->count, sizeof *dates->items, by_rows);
	return 0;
}

/* ---- Questions: a row with the table's number, and a digit for each of its date columns ---- */

static void begin_question(struct dates *dates, size_t i)
{
	mi_buf_addf(&dates->sql, "%s(SELECT %zu, CONCAT(''", dates->added++ ? " UNION ALL " : "",
	            i);
}

static void add_name(struct mi_buf *sql, const char *before, const struct mi_column *column)
{
	mi_buf_add_str(sql, before);
	mi_sql_ident(sql, column->name);
}

/* Adds the question whether any row's date is invalid: 31 February is, too, which sessions here
 * allow. */
static void add_flags(struct mi_buf *sql, const struct mi_table *table)
{
	for (size_t c = 0; c < table->column_count; c++) {
		const struct mi_column *column = &table->columns[c];

		if (!is_date(column))
			continue;
		add_name(sql, ", COALESCE(MAX(MONTH(", column);
		add_name(sql, ") = 0 OR DAYOFMONTH(", column);
		add_name(sql, ") = 0 OR DAYOFMONTH(", column);
		add_name(sql, ") > DAYOFMONTH(LAST_DAY(", column);
		mi_buf_add_str(sql, "))), 0)");
	}
	mi_buf_add_char(sql, ')');
}

static void ask_whole(struct dates *dates, size_t i)
{
	const struct mi_table *table = dates->items[i].table;

	begin_question(dates, i);
	add_flags(&dates->sql, table);
	mi_buf_add_str(&dates->sql, " FROM ");
	mi_sql_name(&dates->sql, table->db, table->name);
	mi_buf_add_char(&dates->sql, ')');
}

static bool leads_a_key(const struct mi_table *table, int column)
{
	for (size_t i = 0; i < table->key_count; i++)
		if (table->keys[i].kind <= MI_KEY_PRIMARY &&
		    table->keys[i].parts[0].column == column)
			return true;
	return false;
}

/* Asks for the least date, where an index makes that cheap: 0000-00-00 would be first. */
static void ask_least(struct dates *dates, size_t i)
{
	const struct mi_table *table = dates->items[i].table;
	struct mi_buf *sql = &dates->sql;

	begin_question(dates, i);
	for (size_t c = 0; c < table->column_count; c++) {
		if (!is_date(&table->columns[c]))
			continue;
		if (!leads_a_key(table, (int)c)) {
			mi_buf_add_str(sql, ", 0");
			continue;
		}
		add_name(sql, ", COALESCE((SELECT LEFT(MIN(", &table->columns[c]);
		mi_buf_add_str(sql, "), 10) = '0000-00-00' FROM ");
		mi_sql_name(sql, table->db, table->name);
		mi_buf_add_str(sql, "), 0)");
	}
	mi_buf_add_str(sql, "))");
}

/* Asks about the rows at one end of the row key; of a table without one, about any rows. */
static void ask_end(struct dates *dates, size_t i, bool last)
{
	const struct mi_table *table = dates->items[i].table;
	const struct mi_key *key = mi_key_is_rangeable(table) ? mi_table_row_key(table) : NULL;
	struct mi_buf *sql = &dates->sql;
	const char *comma = "";

	begin_question(dates, i);
	add_flags(sql, table);
	mi_buf_add_str(sql, " FROM (SELECT ");
	for (size_t c = 0; c < table->column_count; c++)
		if (is_date(&table->columns[c])) {
			add_name(sql, comma, &table->columns[c]);
			comma = ", ";
		}
	mi_src_from(table, sql);
	for (size_t k = 0; key && k < key->part_count; k++) {
		add_name(sql, k ? ", " : " ORDER BY ", &table->columns[key->parts[k].column]);
		mi_buf_add_str(sql, last ? " DESC" : "");
	}
	mi_buf_addf(sql, " LIMIT %d) AS some_rows)", SAMPLE_ROWS);
}

/* ---- Answers ---- */

static void take_answer(struct dates *dates, const struct mi_table *table, const char *flags)
{
	for (size_t c = 0; c < table->column_count && *flags; c++) {
		if (!is_date(&table->columns[c]) || *flags++ == '0')
			continue;
		mi_check_names_add_part(&dates->found, table->db, table->name,
		                        table->columns[c].name);
	}
}

/* Two answers about one table: a digit is set when either is. */
static void merge(struct mi_buf *flags, const char *more)
{
	for (size_t i = 0; more[i]; i++)
		if (i == flags->len)
			mi_buf_add_char(flags, more[i]);
		else if (more[i] != '0')
			flags->data[i] = more[i];
}

/* Runs the questions in sql. *answered is false when they took too long, or a lock was in the way.
 */
static int ask(struct dates *dates, bool *answered, struct mi_err *err)
{
	struct mi_buf flags = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	size_t last = 0;
	int ret = mi_conn_query(dates->conn, err, mi_buf_cstr(&dates->sql), &result);

	mi_buf_reset(&dates->sql);
	dates->added = 0;
	*answered = ret == 0;
	if (ret != 0) {
		if (err->code == MI_UNAVAILABLE)
			return -1;
		dates->denied |= err->code == MI_DENIED;
		*err = (struct mi_err){0};
		return 0;
	}
	while ((row = mysql_fetch_row(result))) {
		size_t i = strtoul(row[0], NULL, 10);

		if (i != last && flags.len)
			take_answer(dates, dates->items[last].table, mi_buf_cstr(&flags));
		if (i != last)
			mi_buf_reset(&flags);
		last = i;
		merge(&flags, row[1] ? row[1] : "");
	}
	if (flags.len)
		take_answer(dates, dates->items[last].table, mi_buf_cstr(&flags));
	mi_buf_release(&flags);
	mysql_free_result(result);
	return 0;
}

static int look_in_part(struct dates *dates, size_t i, struct mi_err *err)
{
	bool answered;

	ask_least(dates, i);
	ask_end(dates, i, false);
	ask_end(dates, i, true);
	if (ask(dates, &answered, err) != 0)
		return -1;
	if (answered)
		dates->items[i].looked = LOOKED_IN_PART;
	return 0;
}

static int look_whole(struct dates *dates, size_t first, size_t count, bool *answered,
                      struct mi_err *err)
{
	for (size_t i = first; i < first + count; i++)
		ask_whole(dates, i);
	if (ask(dates, answered, err) != 0)
		return -1;
	for (size_t i = first; *answered && i < first + count; i++)
		dates->items[i].looked = LOOKED_WHOLE;
	return 0;
}

/* How many of the small tables from first on are read in one statement. */
static size_t batch(const struct dates *dates, size_t first)
{
	double rows = 0;
	size_t count = 0;

	while (first + count < dates->count && count < TABLES_AT_ONCE) {
		rows += dates->items[first + count].rows;
		if (rows > SMALL_ROWS)
			break;
		count++;
	}
	return count;
}

/* The servers' row counts are estimates: when a batch cannot be read in time, its tables are read
 * one by one. */
static int look_at_all(struct dates *dates, struct mi_err *err)
{
	for (size_t first = 0, count; first < dates->count && mi_now_ms() < dates->until;
	     first += count) {
		bool answered = false;

		count = batch(dates, first);
		if (count && look_whole(dates, first, count, &answered, err) != 0)
			return -1;
		count += count == 0;
		for (size_t i = first; !answered && i < first + count && mi_now_ms() < dates->until;
		     i++)
			if (look_in_part(dates, i, err) != 0)
				return -1;
	}
	return 0;
}

/* Limits how long a statement runs, with either flavour's setting and unit, and waits for locks to
 * 1 s. */
static int limit_statements(struct mi_conn *conn, bool on, struct mi_err *err)
{
	if (on && mi_conn_exec(conn, err, "SET SESSION lock_wait_timeout = 1") != 0)
		return -1;
	return conn->flavour == MI_FLAVOUR_MARIADB
	           ? mi_conn_execf(conn, err, "SET SESSION max_statement_time = %d",
	                           on ? STATEMENT_SECONDS : 0)
	           : mi_conn_execf(conn, err, "SET SESSION max_execution_time = %d",
	                           on ? 1000 * STATEMENT_SECONDS : 0);
}

/* ---- Findings ---- */

/* Does the target accept invalid dates in the application's statements? */
static bool target_takes(const struct mi_check_at *at)
{
	const struct mi_check_server *target = &at->run->target;
	const char *mode = target->conn ? mi_check_var(target, "sql_mode") : NULL;

	return mi_check_kind(at->run) < MI_SERVER_VITESS && mode && !strstr(mode, "NO_ZERO_DATE") &&
	       !strstr(mode, "NO_ZERO_IN_DATE");
}

static void add_coverage(const struct dates *dates, struct mi_buf *text)
{
	struct mi_check_names part = {0}, not = {0};
	size_t whole = 0;

	for (size_t i = 0; i < dates->count; i++) {
		const struct mi_table *table = dates->items[i].table;

		if (dates->items[i].looked == LOOKED_WHOLE)
			whole++;
		else
			mi_check_names_add(dates->items[i].looked == LOOKED_NOT ? &not : &part,
			                   table->db, table->name);
	}
	mi_buf_addf(text, "%zu table%s looked at whole", whole, whole == 1 ? "" : "s");
	if (part.count)
		mi_buf_addf(text,
		            "; %zu in part, that is an index's least value and %d rows from each "
		            "end: %s",
		            part.count, SAMPLE_ROWS, mi_check_names_text(&part));
	if (not .count)
		mi_buf_addf(text, "; %zu not at all, for %s: %s", not .count,
		            dates->denied ? "lack of privileges or time" : "lack of time",
		            mi_check_names_text(&not ));
	mi_check_names_release(&part);
	mi_check_names_release(&not );
}

static bool all_whole(const struct dates *dates)
{
	for (size_t i = 0; i < dates->count; i++)
		if (dates->items[i].looked != LOOKED_WHOLE)
			return false;
	return true;
}

static void say_dates(struct mi_check_at *at, struct dates *dates)
{
	bool takes = target_takes(at);
	struct mi_buf coverage = {0};

	add_coverage(dates, &coverage);
	if (dates->found.count)
		mi_check_say(at,
		             takes                                        ? MI_CHECK_OK
		             : mi_check_kind(at->run) >= MI_SERVER_VITESS ? MI_CHECK_BLOCK
		                                                          : MI_CHECK_WARN,
		             takes
		                 ? NULL
		                 : "UPDATE ... SET the column = NULL, or a date, WHERE MONTH(it) = "
		                   "0 OR DAYOFMONTH(it) = 0",
		             "dates of zeros, or of no calendar day, which are copied as they are "
		             "and %s: in %s (%s)",
		             takes ? "the target's sql_mode takes"
		                   : "a strict server refuses in the application's statements",
		             mi_check_names_text(&dates->found), mi_buf_cstr(&coverage));
	else if (!dates->count)
		mi_check_ok(at, "no columns of dates");
	else if (takes || all_whole(dates))
		mi_check_ok(at, "no date of zeros in %zu columns: %s", dates->columns,
		            mi_buf_cstr(&coverage));
	else
		mi_check_warn(at,
		              "look at the rest when there is time: SELECT COUNT(*) FROM ... WHERE "
		              "MONTH(column) = 0 OR DAYOFMONTH(column) = 0",
		              "no date of zeros was found in %zu columns, but not every row was "
		              "looked at: %s",
		              dates->columns, mi_buf_cstr(&coverage));
	mi_buf_release(&coverage);
}

int mi_check_date_values(struct mi_check_at *at, struct mi_err *err)
{
	struct dates dates = {.at = at, .conn = at->server->conn};
	int ret = -1;

	if (mi_check_unread(at))
		return 0;
	if (list_tables(&dates, err) != 0)
		goto out;
	dates.until = mi_now_ms() + ALL_SECONDS * 1000;
	if (dates.count &&
	    (limit_statements(dates.conn, true, err) != 0 || look_at_all(&dates, err) != 0 ||
	     limit_statements(dates.conn, false, err) != 0))
		goto out;
	say_dates(at, &dates);
	ret = 0;
out:
	free(dates.items);
	mi_check_names_release(&dates.found);
	mi_buf_release(&dates.sql);
	return ret;
}
