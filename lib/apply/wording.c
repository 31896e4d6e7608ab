#include "apply/wording.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "schema/convert.h"
#include "schema/create_table.h"
#include "schema/edit.h"
#include "schema/list.h"
#include "server/conn.h"
#include "server/recode.h"
#include "sql/lexer.h"
#include "sql/logged.h"
#include "sql/tokens.h"
#include "stream/parse.h"

#include <stdlib.h>
#include <string.h>

void mi_wording_release(struct mi_wording *wording)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		free(wording->settings[i]);
	mi_buf_release(&wording->text);
	*wording = (struct mi_wording){0};
}

static void replace_setting(struct mi_wording *d, enum mi_ddl_setting setting, char *value)
{
	free(d->settings[setting]);
	d->settings[setting] = value;
	d->ddl.settings[setting] = value;
}

static unsigned modes_of(const struct mi_ddl *ddl)
{
	const char *sql_mode = ddl->settings[MI_SET_SQL_MODE];

	return mi_lex_modes(mi_span_str(sql_mode ? sql_mode : ""));
}

/* ---- The other flavour ---- */

static const char what[] = "the statement";

static void convert_settings(struct mi_wording *d, struct mi_convert *convert)
{
	static const enum mi_ddl_setting collations[] = {MI_SET_CONNECTION, MI_SET_SERVER,
	                                                 MI_SET_UTF8MB4};
	const char *sql_mode = d->ddl.settings[MI_SET_SQL_MODE];

	for (size_t i = 0; i < sizeof collations / sizeof *collations; i++)
		if (d->ddl.settings[collations[i]])
			replace_setting(
			    d, collations[i],
			    mi_convert_collation(convert, d->ddl.settings[collations[i]], what));
	if (sql_mode)
		replace_setting(d, MI_SET_SQL_MODE, mi_convert_sql_mode(convert, sql_mode, what));
}

/* What is only changed in a session is nothing to look at. */
static int check_settings(const struct mi_notes *notes, struct mi_err *err)
{
	for (size_t i = 0; i < notes->count; i++)
		if (notes->items[i].kind == MI_NOTE_REFUSED)
			return mi_fail(err, MI_DATA, "%s", notes->items[i].text);
	return 0;
}

/* A whole definition, in the form in which servers print it: CREATE TABLE ... SELECT is logged so.
 * False: it is in another form. */
static bool convert_table(struct mi_wording *d, struct mi_convert *convert, int *ret,
                          struct mi_err *err)
{
	struct mi_ddl_table table;
	struct mi_err ignored = {0};

	*ret = 0;
	if (mi_ddl_table_read(&table, mi_buf_span(&d->text), &ignored) != 0)
		return false;
	*ret = mi_convert_table(convert, &table, d->ddl.db, err);
	if (*ret == 0) {
		mi_buf_reset(&d->text);
		mi_ddl_table_text(&table, &d->text);
	}
	mi_ddl_table_release(&table);
	return true;
}

static int convert_text(struct mi_wording *d, struct mi_convert *convert, struct mi_err *err)
{
	int ret;

	if (convert_table(d, convert, &ret, err))
		return ret;
	return mi_convert_statement(convert, &d->text, what, err);
}

static int take_notes(const struct mi_notes *notes, struct mi_err *err)
{
	if (check_settings(notes, err) != 0)
		return -1;
	for (size_t i = 0; i < notes->count; i++)
		mi_warn("%s%s", notes->items[i].kind == MI_NOTE_LEFT ? "left out: " : "",
		        notes->items[i].text);
	return 0;
}

/* Texts are taken apart as the tools write them: in UTF-8, with backslashes that escape. */
static int check_readable(const struct mi_ddl *ddl, struct mi_err *err)
{
	const char *charset = ddl->settings[MI_SET_CLIENT];
	struct mi_span text = mi_span_str(ddl->text);

	if (mi_logged_is_conditional(text, modes_of(ddl)))
		return mi_fail(err, MI_DATA, "a comment that only some servers run");
	if (charset && !mi_span_is_ascii(text) &&
	    mi_lex_charset(mi_span_str(charset)) != MI_LEX_UTF8)
		return mi_fail(err, MI_DATA, "a text in %s for a server of the other flavour",
		               charset);
	if ((modes_of(ddl) & MI_LEX_NO_BACKSLASH_ESCAPES) && strchr(ddl->text, '\\'))
		return mi_fail(err, MI_DATA,
		               "a backslash under NO_BACKSLASH_ESCAPES for a server of the other "
		               "flavour");
	return 0;
}

static int convert_flavour(struct mi_wording *d, struct mi_conn *conn, struct mi_err *err)
{
	bool to_mariadb = conn->flavour == MI_FLAVOUR_MARIADB;
	struct mi_notes notes = {0};
	struct mi_convert convert = {
	    .from = to_mariadb ? MI_DIALECT_MYSQL : MI_DIALECT_MARIADB,
	    .to = to_mariadb ? MI_DIALECT_MARIADB : MI_DIALECT_MYSQL,
	    .version = conn->version,
	    .notes = &notes,
	    .recode = mi_recode,
	    .user = conn,
	};
	int ret = check_readable(&d->ddl, err);

	if (ret == 0) {
		convert_settings(d, &convert);
		ret = check_settings(&notes, err);
		mi_notes_release(&notes);
	}
	if (ret == 0)
		ret = convert_text(d, &convert, err);
	if (ret == 0)
		ret = take_notes(&notes, err);
	mi_convert_release(&convert);
	mi_notes_release(&notes);
	return ret;
}

/* ---- Default collations ---- */

static size_t depth_at(const struct mi_edit *edit, size_t at)
{
	size_t depth = 0;

	for (size_t i = 0; i < at; i++) {
		if (mi_edit_is_punct(edit, i, '('))
			depth++;
		else if (mi_edit_is_punct(edit, i, ')') && depth)
			depth--;
	}
	return depth;
}

/* Is a collation named between the commas around the token at `at`? With options, which may stand
 * between commas of their own, anywhere at its depth. */
static bool names_collation(const struct mi_edit *edit, size_t at, bool options)
{
	size_t depth = depth_at(edit, at), from = 0;

	for (size_t i = 0; i < edit->tokens.count; i++) {
		bool here = depth_at(edit, i) == depth;

		if (!options && here && mi_edit_is_punct(edit, i, ',')) {
			if (i > at)
				return false;
			from = i;
		}
		if (here && i >= from && mi_edit_is(edit, i, "COLLATE") &&
		    (options || i > at || !mi_edit_is_punct(edit, from, ',') || from < i))
			return true;
	}
	return false;
}

/* Does the token at `at` begin an option of the table or database, and not a column's? */
static bool is_option(const struct mi_edit *edit, size_t at)
{
	if (depth_at(edit, at) > 0)
		return false;
	if (mi_edit_is(edit, 0, "CREATE") || mi_edit_is(edit, 1, "DATABASE") ||
	    mi_edit_is(edit, 1, "SCHEMA"))
		return true;
	if (at > 0 && mi_edit_is(edit, at - 1, "DEFAULT"))
		at--;
	return at == 3 || (at > 0 && mi_edit_is_punct(edit, at - 1, ','));
}

/* Index behind CHARACTER SET [=] name, when that stands at `at`; 0: it does not. */
static size_t behind_charset(const struct mi_edit *edit, size_t at, const char *charset)
{
	bool two = mi_edit_is(edit, at, "CHARACTER") || mi_edit_is(edit, at, "CHAR");
	size_t name = at + 1 + two;
	struct mi_span text;

	if (two ? !mi_edit_is(edit, at + 1, "SET") : !mi_edit_is(edit, at, "CHARSET"))
		return 0;
	name += mi_edit_is_punct(edit, name, '=');
	text = mi_edit_token(edit, name)->text;
	if (text.len > 2 && strchr("'\"`", *text.data))
		text = mi_span(text.data + 1, text.len - 2);
	return mi_lex_says(text, charset) ? name + 1 : 0;
}

/* Writes the collation behind each mention of the character set that has none. */
static int name_default(struct mi_buf *text, const char *charset, const char *collation,
                        struct mi_err *err)
{
	struct mi_buf clause = {0};
	struct mi_edit edit;

	if (mi_edit_open(&edit, text, err) != 0)
		return -1;
	mi_buf_addf(&clause, " COLLATE %s", collation);
	for (size_t at = 0; at < edit.tokens.count; at++) {
		size_t behind = behind_charset(&edit, at, charset);

		if (behind && !names_collation(&edit, at, is_option(&edit, at)))
			mi_edit_insert(&edit, behind, mi_buf_cstr(&clause));
	}
	mi_edit_close(&edit);
	mi_buf_release(&clause);
	return 0;
}

static int has_variable(struct mi_conn *conn, const char *name, bool *has, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	int ret;

	mi_buf_addf(&sql, "SHOW SESSION VARIABLES LIKE '%s'", name);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	*has = mysql_num_rows(result) > 0;
	mysql_free_result(result);
	return 0;
}

/* *differs: the target's session cannot be told what the source meant by utf8mb4 alone, and means
 * something else. */
static int look_at_default(const struct mi_wording *d, bool same_flavour, struct mi_conn *conn,
                           bool *differs, struct mi_err *err)
{
	static const char query[] = "SELECT DEFAULT_COLLATE_NAME FROM "
				    "information_schema.CHARACTER_SETS "
				    "WHERE CHARACTER_SET_NAME = 'utf8mb4'";
	bool mariadb = conn->flavour == MI_FLAVOUR_MARIADB, told = false;
	struct mi_buf here = {0};

	*differs = false;
	if (same_flavour && (!mariadb || d->ddl.settings[MI_SET_COLLATIONS]) &&
	    has_variable(conn,
	                 mariadb ? "character_set_collations" : "default_collation_for_utf8mb4",
	                 &told, err) != 0)
		return -1;
	if (told)
		return 0;
	if (mi_conn_value(conn, err, query, &here, NULL) != 0)
		return -1;
	*differs = !mi_span_is(mi_buf_span(&here), d->ddl.settings[MI_SET_UTF8MB4]);
	mi_buf_release(&here);
	return 0;
}

static int convert_defaults(struct mi_wording *d, bool same_flavour, struct mi_conn *conn,
                            struct mi_err *err)
{
	bool differs;

	if (!d->ddl.settings[MI_SET_UTF8MB4] || !strcasestr(mi_buf_cstr(&d->text), "utf8mb4"))
		return 0;
	if (look_at_default(d, same_flavour, conn, &differs, err) != 0)
		return -1;
	return differs ? name_default(&d->text, "utf8mb4", d->ddl.settings[MI_SET_UTF8MB4], err)
	               : 0;
}

/* ---- All of it ---- */

static bool is_program(const struct mi_ddl *ddl)
{
	return strcmp(ddl->kind, "routine") == 0 || strcmp(ddl->kind, "view") == 0;
}

int mi_wording_convert(struct mi_wording *d, const struct mi_ddl *ddl, bool of_mariadb,
                       struct mi_conn *conn, struct mi_err *err)
{
	bool same = of_mariadb == (conn->flavour == MI_FLAVOUR_MARIADB);
	int ret = 0;

	*d = (struct mi_wording){.ddl = *ddl};
	mi_buf_add_str(&d->text, ddl->text);
	if (!same)
		ret = convert_flavour(d, conn, err);
	if (ret == 0 && !is_program(ddl))
		ret = convert_defaults(d, same, conn, err);
	if (ret != 0)
		return mi_within(err, "%.200s", ddl->text);
	d->ddl.text = mi_buf_cstr(&d->text);
	return 0;
}
