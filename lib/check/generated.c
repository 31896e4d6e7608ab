/* The check for stored columns whose expression depends on the session that writes a row: the copy
 * and the follower write under settings of their own, and mi-load stops where a value comes out
 * otherwise. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "server/conn.h"
#include "source/show.h"
#include "sql/lexer.h"
#include "table/table.h"

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

struct looking {
	const struct mi_check_at *at;
	const char *db;
	struct mi_check_names *names; /* with parts "column: setting" */
};

static bool is_timestamp(const struct mi_table *table, struct mi_span name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].type == MI_TYPE_TIMESTAMP &&
		    mi_span_is(name, table->columns[i].name))
			return true;
	return false;
}

/* The setting that a lexeme of an expression on table makes it depend on; NULL: none. */
static const char *setting_of(const struct mi_table *table, const struct mi_lexeme *lexeme)
{
	struct mi_span text = lexeme->text;

	if (mi_lexeme_is_punct(lexeme, '/'))
		return "div_precision_increment";
	if (lexeme->kind == MI_LEX_NAME && text.len > 2 &&
	    is_timestamp(table, mi_span(text.data + 1, text.len - 2)))
		return "time_zone";
	if (lexeme->kind != MI_LEX_WORD)
		return NULL;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mi_lex_says(text, words[i].word))
			return words[i].setting;
	return is_timestamp(table, text) ? "time_zone" : NULL;
}

static void look_at(struct looking *looking, const struct mi_table *table, const char *column,
                    const char *expression)
{
	struct mi_lexer lexer = mi_lexer(mi_span_str(expression), 0, MI_LEX_LETTERS);
	const char *setting = NULL;
	struct mi_lexeme lexeme;
	struct mi_buf what = {0};

	do {
		lexeme = mi_lex_next(&lexer);
		setting = setting_of(table, &lexeme);
	} while (!setting && lexeme.kind != MI_LEX_END && lexeme.kind != MI_LEX_BAD);
	if (!setting)
		return;
	mi_buf_addf(&what, "%s: %s", column, setting);
	mi_check_names_add_part(looking->names, table->db, table->name, mi_buf_cstr(&what));
	mi_buf_release(&what);
}

static int look_in(struct looking *looking, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_query_schema(looking->at->run->source.conn, looking->db, "the columns of ",
	                    "SELECT TABLE_NAME, COLUMN_NAME, GENERATION_EXPRESSION FROM "
	                    "information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
	                    " AND (EXTRA LIKE '%STORED GENERATED%' OR EXTRA LIKE '%PERSISTENT%')",
	                    &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		const struct mi_table *table =
		    mi_tables_find(&looking->at->run->tables, looking->db, row[0]);

		if (table && row[2])
			look_at(looking, table, row[1], row[2]);
	}
	mysql_free_result(result);
	return 0;
}

int mi_check_generated(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_names names = {0};
	struct looking looking = {.at = at, .names = &names};
	int ret = 0;

	if (mi_check_unread(at))
		return 0;
	for (size_t i = 0; ret == 0 && i < at->run->database_count; i++) {
		looking.db = at->run->databases[i];
		ret = look_in(&looking, err);
	}
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
