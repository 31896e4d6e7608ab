/* A column's clause, converted: its type, its default, and the attributes that the target writes in
 * another way or has not. */
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert_note.h"
#include "schema/convert_parts.h"
#include "schema/create_table.h"
#include "schema/edit.h"
#include "schema/list.h"
#include "sql/tokens.h"

#include <stdlib.h>
#include <strings.h>

/* Attributes that matter to others of the same column, wherever they stand. */
struct facts {
	size_t srid; /* index of SRID; 0: none */
	bool generated, invisible, not_null, has_default, auto_increment;
};

struct column {
	const struct mi_convert_table *table;
	struct mi_table_element *element;
	struct mi_edit edit;
	struct facts facts;
	struct mi_buf check; /* the CHECK clause that moves from the column to the table */
};

static bool is(const struct column *column, size_t at, const char *word)
{
	return mi_edit_is(&column->edit, at, word);
}

static size_t skip_bracket(const struct column *column, size_t at)
{
	return mi_edit_is_punct(&column->edit, at, '(') ? mi_tokens_match(&column->edit.tokens, at)
	                                                : at;
}

static void note(const struct column *column, enum mi_note_kind kind, const char *text)
{
	mi_convert_note(column->table, kind, "column", column->element->name, "%s", text);
}

static void gather(struct column *column)
{
	struct facts *facts = &column->facts;

	for (size_t at = 2; at < column->edit.tokens.count; at++) {
		if (is(column, at, "SRID"))
			facts->srid = at;
		else if (is(column, at, "GENERATED"))
			facts->generated = true;
		else if (is(column, at, "INVISIBLE"))
			facts->invisible = true;
		else if (is(column, at, "NOT") && is(column, at + 1, "NULL"))
			facts->not_null = true;
		else if (is(column, at, "DEFAULT"))
			facts->has_default = true;
		else if (is(column, at, "AUTO_INCREMENT"))
			facts->auto_increment = true;
		else
			at = skip_bracket(column, at);
	}
}

/* Leaves out an attribute that the other flavour has no word for and that does not change rows.
 * Returns the index of its last token. */
static size_t leave_out(struct column *column, size_t from, size_t to)
{
	struct mi_span text = mi_tokens_span(&column->edit.tokens, from, to);

	mi_convert_note(column->table, MI_NOTE_LEFT, "column", column->element->name, "%.*s",
	                (int)(text.len > 200 ? 200 : text.len), text.data);
	mi_edit_drop(&column->edit, from, to);
	return to - 1;
}

/* ---- for MariaDB ---- */

static void mariadb_type(struct column *column)
{
	struct mi_buf srid = {0};

	if (is(column, 1, "geomcollection"))
		mi_edit_replace(&column->edit, 1, 2, "geometrycollection");
	if (is(column, 1, "vector") && column->table->convert->version < 110700)
		note(column, MI_NOTE_REFUSED, "type vector, which MariaDB has from 11.7 on");
	if (column->facts.srid) {
		const struct mi_lexeme *number =
		    mi_edit_token(&column->edit, column->facts.srid + 1);

		mi_buf_addf(&srid, " REF_SYSTEM_ID=%.*s", (int)number->text.len, number->text.data);
		mi_edit_insert(&column->edit, 2, mi_buf_cstr(&srid));
		mi_buf_release(&srid);
		note(column, MI_NOTE_CHANGED, "its SRID is a remark in MariaDB, which checks none");
	}
}

static void mariadb_column(struct column *column)
{
	mariadb_type(column);
	if (column->facts.invisible && column->facts.not_null && !column->facts.has_default &&
	    !column->facts.auto_increment && !column->facts.generated)
		note(column, MI_NOTE_REFUSED,
		     "MariaDB wants a default for an invisible NOT NULL column");
	for (size_t at = 2; at < column->edit.tokens.count; at++) {
		enum mi_lex_kind kind = mi_edit_token(&column->edit, at)->kind;

		if (kind == MI_LEX_OPEN || kind == MI_LEX_CLOSE) {
			mi_edit_drop(&column->edit, at, at + 1);
		} else if (is(column, at, "SRID")) {
			mi_edit_drop(&column->edit, at, at + 2);
			at++;
		} else if (column->facts.generated && is(column, at, "NOT") &&
		           is(column, at + 1, "NULL")) {
			/* MariaDB's grammar has no NOT NULL for generated columns */
			at = leave_out(column, at, at + 2);
		} else if (is(column, at, "NOT") && is(column, at + 1, "SECONDARY")) {
			at = leave_out(column, at, at + 2);
		} else if (is(column, at, "COLUMN_FORMAT") || is(column, at, "STORAGE") ||
		           is(column, at, "ENGINE_ATTRIBUTE") ||
		           is(column, at, "SECONDARY_ENGINE_ATTRIBUTE")) {
			at = leave_out(column, at, mi_convert_option_end(&column->edit, at));
		} else {
			at = skip_bracket(column, at);
		}
	}
}

/* ---- for MySQL ---- */

static const struct {
	const char *type, *text;
} text_types[] = {
    {"uuid", "char(36) CHARACTER SET ascii COLLATE ascii_general_ci"},
    {"inet6", "varchar(39) CHARACTER SET ascii COLLATE ascii_general_ci"},
    {"inet4", "varchar(15) CHARACTER SET ascii COLLATE ascii_general_ci"},
};

static void mysql_type(struct column *column)
{
	for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++) {
		if (!is(column, 1, text_types[i].type))
			continue;
		if (column->table->convert->text_types) {
			mi_edit_replace(&column->edit, 1, 2, text_types[i].text);
			mi_convert_note(column->table, MI_NOTE_CHANGED, "column",
			                column->element->name, "type %s becomes %s",
			                text_types[i].type, text_types[i].text);
		} else {
			mi_convert_note(column->table, MI_NOTE_REFUSED, "column",
			                column->element->name,
			                "type %s, which MySQL has not (--text-types makes it text)",
			                text_types[i].type);
		}
	}
	if (is(column, 1, "vector") && column->table->convert->version < 90000)
		note(column, MI_NOTE_REFUSED, "type vector, which MySQL has from 9.0 on");
	/* its values are numbers of two digits for the application, too */
	if (is(column, 1, "year") && mi_edit_is_punct(&column->edit, 2, '(') && is(column, 3, "2"))
		note(column, MI_NOTE_REFUSED,
		     "type year(2), which MySQL has not: ALTER TABLE ... MODIFY it to YEAR");
}

/* True for types whose DEFAULT MySQL takes as an expression only. */
static bool wants_expression(const struct column *column)
{
	static const char *const types[] = {"tinytext",     "text",
	                                    "mediumtext",   "longtext",
	                                    "tinyblob",     "blob",
	                                    "mediumblob",   "longblob",
	                                    "geometry",     "point",
	                                    "linestring",   "polygon",
	                                    "multipoint",   "multilinestring",
	                                    "multipolygon", "geometrycollection"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (is(column, 1, types[i]))
			return true;
	return false;
}

/* Index after the value of a DEFAULT, which MariaDB prints as a literal, a call, a name, or in
 * brackets. */
static size_t value_end(const struct column *column, size_t at)
{
	if (mi_edit_is_punct(&column->edit, at, '-') || mi_edit_is_punct(&column->edit, at, '+'))
		at++;
	if (mi_edit_token(&column->edit, at)->kind == MI_LEX_WORD &&
	    *mi_edit_token(&column->edit, at)->text.data == '_' &&
	    !mi_edit_is_punct(&column->edit, at + 1, '('))
		at++; /* an introducer */
	if (mi_edit_is_punct(&column->edit, at + 1, '('))
		at++;
	at = skip_bracket(column, at);
	return at < column->edit.tokens.count ? at + 1 : column->edit.tokens.count;
}

/* The digits in "datetime(6)" or "current_timestamp(6)", whose word is at `at`; 0: there are
 * none. */
static unsigned precision(const struct column *column, size_t at)
{
	const struct mi_lexeme *digits = mi_edit_token(&column->edit, at + 2);

	if (!mi_edit_is_punct(&column->edit, at + 1, '(') || digits->kind != MI_LEX_WORD)
		return 0;
	return (unsigned)strtoul(digits->text.data, NULL, 10);
}

static bool is_automatic_time(const struct column *column, size_t at)
{
	return is(column, at, "current_timestamp") &&
	       (is(column, 1, "timestamp") || is(column, 1, "datetime")) &&
	       precision(column, 1) == precision(column, at);
}

static void replace_time(struct column *column, size_t from, size_t to)
{
	struct mi_buf text = {0};
	unsigned digits = precision(column, from);

	mi_buf_add_str(&text, "CURRENT_TIMESTAMP");
	if (digits)
		mi_buf_addf(&text, "(%u)", digits);
	mi_edit_replace(&column->edit, from, to, mi_buf_cstr(&text));
	mi_buf_release(&text);
}

static bool is_literal(const struct column *column, size_t from, size_t to)
{
	const struct mi_lexeme *last = mi_edit_token(&column->edit, to - 1);
	bool alone = to == from + 1 || mi_edit_is_punct(&column->edit, from, '-') ||
	             mi_edit_is_punct(&column->edit, from, '+');

	if (!alone)
		return false;
	return last->kind == MI_LEX_STRING || mi_lexeme_is_word(last, "NULL") ||
	       mi_lexeme_is_word(last, "TRUE") || mi_lexeme_is_word(last, "FALSE") ||
	       (last->kind == MI_LEX_WORD && *last->text.data >= '0' && *last->text.data <= '9');
}

static void wrap(struct column *column, size_t from, size_t to)
{
	struct mi_buf text = {0};
	struct mi_span value = mi_tokens_span(&column->edit.tokens, from, to);

	mi_buf_add_char(&text, '(');
	mi_buf_add_span(&text, value);
	mi_buf_add_char(&text, ')');
	mi_edit_replace(&column->edit, from, to, mi_buf_cstr(&text));
	mi_buf_release(&text);
	if (column->table->convert->version < 80013)
		note(column, MI_NOTE_REFUSED,
		     "a default that is an expression, which MySQL has from 8.0.13 on");
}

/* Converts the value after DEFAULT, which is at `at`: what MySQL takes as an expression only is put
 * into brackets. Returns the index of the value's last token. */
static size_t mysql_default(struct column *column, size_t at)
{
	size_t from = at + 1, to = value_end(column, from);

	if (to <= from || mi_edit_is_punct(&column->edit, from, '('))
		return to - 1;
	if (is(column, from, "nextval") || is(column, from, "lastval"))
		note(column, MI_NOTE_REFUSED, "its default comes from a sequence");
	else if (is_automatic_time(column, from))
		replace_time(column, from, to);
	else if (is_literal(column, from, to)
	             ? wants_expression(column) && !is(column, from, "NULL")
	             : true)
		wrap(column, from, to);
	return to - 1;
}

/* True for an attribute that an engine has defined, as "`PAGE_COMPRESSED`=1". */
static bool is_engine_attribute(const struct column *column, size_t at)
{
	enum mi_lex_kind kind = mi_edit_token(&column->edit, at)->kind;

	return (kind == MI_LEX_NAME || kind == MI_LEX_WORD) &&
	       mi_edit_is_punct(&column->edit, at + 1, '=');
}

static size_t mysql_attribute(struct column *column, size_t at)
{
	if (is(column, at, "DEFAULT"))
		return mysql_default(column, at);
	if (is(column, at, "ON") && is(column, at + 1, "UPDATE")) {
		size_t to = value_end(column, at + 2);

		if (is(column, at + 2, "current_timestamp"))
			replace_time(column, at + 2, to);
		return to - 1;
	}
	/* a CHECK of a column may name no other columns in MySQL: it becomes one of the table */
	if (is(column, at, "CHECK") && mi_edit_is_punct(&column->edit, at + 1, '(')) {
		size_t to = skip_bracket(column, at + 1) + 1;

		mi_buf_add_span(&column->check, mi_tokens_span(&column->edit.tokens, at, to));
		mi_edit_drop(&column->edit, at, to);
		return to - 1;
	}
	if (is(column, at, "PERSISTENT")) {
		mi_edit_replace(&column->edit, at, at + 1, "STORED");
		return at;
	}
	if (is(column, at, "WITHOUT") && is(column, at + 1, "SYSTEM")) {
		mi_edit_drop(&column->edit, at, at + 3);
		return at + 2;
	}
	if (is(column, at, "ROW") && (is(column, at + 1, "START") || is(column, at + 1, "END")))
		note(column, MI_NOTE_REFUSED, "it belongs to system versioning");
	if (is_engine_attribute(column, at))
		return leave_out(column, at, at + 3);
	if (is(column, at, "COMPRESSED"))
		return leave_out(column, at, at + 1);
	return skip_bracket(column, at);
}

static void mysql_column(struct column *column)
{
	mysql_type(column);
	for (size_t at = 2; at < column->edit.tokens.count; at++) {
		enum mi_lex_kind kind = mi_edit_token(&column->edit, at)->kind;

		if (kind == MI_LEX_OPEN || kind == MI_LEX_CLOSE)
			mi_edit_drop(&column->edit, at, at + 1);
		else
			at = mysql_attribute(column, at);
	}
}

int mi_convert_column(const struct mi_convert_table *table, struct mi_table_element *element,
                      struct mi_err *err)
{
	struct column column = {.table = table, .element = element};

	if (mi_edit_open(&column.edit, &element->text, err) != 0)
		return -1;
	gather(&column);
	if (mi_convert_to_mysql(table))
		mysql_column(&column);
	else
		mariadb_column(&column);
	mi_edit_close(&column.edit);
	if (column.check.len) {
		/* the array moves, so that element is not good any more */
		struct mi_table_element *check =
		    mi_array_add(&table->ddl->elements, &table->ddl->element_count, sizeof *check);

		check->kind = MI_ELEMENT_CHECK;
		check->name = mi_strdup("");
		check->text = column.check;
	}
	return 0;
}
