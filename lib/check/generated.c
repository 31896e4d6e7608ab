/* The check for stored columns whose expression depends on the session that writes a row: the copy
 * and the follower write under settings of their own, and mi-load stops where a value comes out
 * otherwise. */
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "server/conn.h"
#include "source/show.h"
#include "sql/lexer.h"
#include "table/table.h"

#include <stdlib.h>

/* What an expression depends on, by the words in it. Sources: "Server System Variables" in the
 * MySQL manual (lc_time_names, default_week_format, div_precision_increment, block_encryption_mode,
 * time_zone), "Date and Time Functions" there; tried on MySQL 9.7 and MariaDB 10.11. */
static const struct {
	const char *word, *setting;
} words[] = {
    {"from_unixtime", "time_zone"},
    {"unix_timestamp", "time_zone"},
    {"convert_tz", "time_zone"},
    {"date_format", "lc_time_names"},
    {"dayname", "lc_time_names"},
    {"monthname", "lc_time_names"},
    {"str_to_date", "lc_time_names"},
    {"week", "default_week_format"},
    {"yearweek", "default_week_format"},
    {"aes_encrypt", "block_encryption_mode"},
    {"aes_decrypt", "block_encryption_mode"},
    {"format", "lc_time_names"},
};

/* Words that make a date of what they are given: a TIME becomes one of today, and which texts are
 * dates is said by sql_mode (tried on both). */
static const char *const date_words[] = {
    "date",     "datetime",  "timestamp", "year",    "quarter", "month",      "dayofmonth",
    "last_day", "dayofyear", "dayofweek", "weekday", "to_days", "to_seconds", NULL,
};

struct looking {
	const struct mi_check_at *at;
	MYSQL_RES *columns; /* generated columns of a database, in the order of enum facts */
	struct mi_check_names *names; /* with parts "column: setting" */
};

enum facts { TABLE, COLUMN, EXPRESSION, EXTRA };

/* What an expression has in it. */
struct seen {
	const char *setting; /* that some part depends on for itself; NULL: none */
	bool minus, is_unsigned, date_word, time, text;
};

static bool is_date(const struct mi_column *column)
{
	return column->type == MI_TYPE_DATE || column->type == MI_TYPE_DATETIME ||
	       column->type == MI_TYPE_TIMESTAMP || column->type == MI_TYPE_YEAR;
}

/* Digits of a second that a temporal column holds; -1: it is none. */
static int digits_of(const struct mi_column *column)
{
	const char *at = strchr(column->type_text, '(');

	if (column->type != MI_TYPE_TIME && column->type != MI_TYPE_DATETIME &&
	    column->type != MI_TYPE_TIMESTAMP)
		return -1;
	return at ? (int)strtol(at + 1, NULL, 10) : 0;
}

/* A value of column goes into the column `into`. */
static void see_column(struct seen *seen, const struct mi_column *column,
                       const struct mi_column *into)
{
	bool is_char = column->type == MI_TYPE_CHAR && column->charset;

	seen->is_unsigned |= column->type == MI_TYPE_INT && column->is_unsigned;
	seen->time |= column->type == MI_TYPE_TIME;
	seen->text |= is_char || column->type == MI_TYPE_TEXT || column->type == MI_TYPE_JSON;
	if (column->type == MI_TYPE_TIMESTAMP)
		seen->setting = "time_zone";
	else if (is_char && !column->variable)
		seen->setting = "sql_mode (PAD_CHAR_TO_FULL_LENGTH)";
	else if (digits_of(into) >= 0 && digits_of(column) > digits_of(into))
		seen->setting = "sql_mode (TIME_TRUNCATE_FRACTIONAL)";
}

static void see_word(struct seen *seen, struct mi_span text)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mi_lex_says(text, words[i].word))
			seen->setting = words[i].setting;
	seen->date_word |= mi_word_index(text, date_words) >= 0;
}

/* What comes of all that has been seen; NULL: the same under every setting. */
static const char *judge(const struct seen *seen, const struct mi_column *into)
{
	bool makes_date = seen->date_word || is_date(into);

	if (seen->setting)
		return seen->setting;
	if (into->type == MI_TYPE_TIMESTAMP)
		return "time_zone";
	if (seen->time && makes_date)
		return "the day on which it is written";
	if (seen->text && (makes_date || into->type == MI_TYPE_TIME))
		return "sql_mode (which dates are valid), time_zone";
	if (seen->minus && seen->is_unsigned)
		return "sql_mode (NO_UNSIGNED_SUBTRACTION)";
	return NULL;
}

static const char *setting_of(const struct looking *looking, const struct mi_table *table,
                              const char *column, const char *expression);

/* The setting that a generated column depends on, by its name; NULL: none, or it is not
 * generated. */
static const char *setting_of_generated(const struct looking *looking, const struct mi_table *table,
                                        const char *column)
{
	MYSQL_ROW row;

	mysql_data_seek(looking->columns, 0);
	while ((row = mysql_fetch_row(looking->columns)))
		if (row[EXPRESSION] && strcmp(row[TABLE], table->name) == 0 &&
		    strcmp(row[COLUMN], column) == 0)
			return setting_of(looking, table, column, row[EXPRESSION]);
	return NULL;
}

/* A lexeme that may be a column's name: those of generated columns stand for their expressions,
 * which cannot go round in a circle. */
static void see_name(const struct looking *looking, struct seen *seen, const struct mi_table *table,
                     struct mi_span name, const struct mi_column *into)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *column = &table->columns[i];
		const char *setting;

		if (column == into || !mi_span_is(name, column->name))
			continue;
		see_column(seen, column, into);
		if (column->generated != MI_NOT_GENERATED &&
		    (setting = setting_of_generated(looking, table, column->name)))
			seen->setting = setting;
	}
}

static const char *setting_of(const struct looking *looking, const struct mi_table *table,
                              const char *column, const char *expression)
{
	struct mi_lexer lexer = mi_lexer(mi_span_str(expression), 0, MI_LEX_LETTERS);
	int place = mi_table_column(table, column);
	struct mi_lexeme lexeme;
	struct seen seen = {0};

	if (place < 0)
		return NULL;
	do {
		lexeme = mi_lex_next(&lexer);
		seen.minus |= mi_lexeme_is_punct(&lexeme, '-');
		if (mi_lexeme_is_punct(&lexeme, '/'))
			seen.setting = "div_precision_increment";
		if (lexeme.kind == MI_LEX_WORD)
			see_word(&seen, lexeme.text);
		if (lexeme.kind == MI_LEX_NAME && lexeme.text.len > 2)
			lexeme.text = mi_span(lexeme.text.data + 1, lexeme.text.len - 2);
		if (lexeme.kind == MI_LEX_NAME || lexeme.kind == MI_LEX_WORD)
			see_name(looking, &seen, table, lexeme.text, &table->columns[place]);
	} while (!seen.setting && lexeme.kind != MI_LEX_END && lexeme.kind != MI_LEX_BAD);
	return judge(&seen, &table->columns[place]);
}

static bool is_stored(const char *extra)
{
	return strstr(extra, "STORED GENERATED") || strstr(extra, "PERSISTENT");
}

static void look_at(const struct looking *looking, const struct mi_table *table, MYSQL_ROW row)
{
	const char *setting = setting_of(looking, table, row[COLUMN], row[EXPRESSION]);
	struct mi_buf what = {0};

	if (!setting)
		return;
	mi_buf_addf(&what, "%s: %s", row[COLUMN], setting);
	mi_check_names_add_part(looking->names, table->db, table->name, mi_buf_cstr(&what));
	mi_buf_release(&what);
}

/* A look at one column moves the result's place. */
static void look_at_all(const struct looking *looking, const char *db)
{
	for (uint64_t i = 0; i < mysql_num_rows(looking->columns); i++) {
		const struct mi_table *table;
		MYSQL_ROW row;

		mysql_data_seek(looking->columns, i);
		row = mysql_fetch_row(looking->columns);
		table = mi_tables_find(&looking->at->run->tables, db, row[TABLE]);
		if (table && row[EXPRESSION] && row[EXTRA] && is_stored(row[EXTRA]))
			look_at(looking, table, row);
	}
}

static int look_in(struct looking *looking, const char *db, struct mi_err *err)
{
	if (mi_query_schema(looking->at->run->source.conn, db, "the columns of ",
	                    "SELECT TABLE_NAME, COLUMN_NAME, GENERATION_EXPRESSION, EXTRA FROM "
	                    "information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
	                    " AND GENERATION_EXPRESSION <> ''", &looking->columns, err) != 0)
		return -1;
	look_at_all(looking, db);
	mysql_free_result(looking->columns);
	return 0;
}

int mi_check_generated(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_names names = {0};
	struct looking looking = {.at = at, .names = &names};
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	for (size_t i = 0; ret == 0 && i < at->run->database_count; i++)
		ret = look_in(&looking, at->run->databases[i], err);
	if (ret == 0 && names.count)
		mi_check_warn(at,
		              "a column that the application fills, or an expression that gives "
		              "the same under every "
		              "setting",
		              "stored columns that are computed by a setting of the session that "
		              "writes, and the tools "
		              "write in UTC with the server's defaults: %s",
		              mi_check_names_text(&names));
	else if (ret == 0)
		mi_check_ok(at, "no stored column is computed by a session's settings");
	mi_check_names_release(&names);
	return ret;
}
