/* The grammar is "CREATE TABLE" of both servers' manuals, "column_definition", and "Data Types"
 * with their synonyms. What is rare is not understood, which is no failure: its table is then not
 * known until the server is asked. */
#include "evolve/column.h"
#include "base/buf.h"
#include "evolve/cursor.h"
#include "sql/lexer.h"
#include "sql/tokens.h"
#include "table/table.h"
#include "table/type.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { NUMBERS = 2, CHAR_MOST = 65535 };

/* How a type's brackets are read. */
enum brackets {
	NONE,
	WIDTH,             /* (n), which means nothing for the values */
	DIGITS,            /* (m) or (m,d) of DECIMAL */
	FLOATING,          /* (p) or (m,d) */
	FRACTION,          /* (n), 0 by default */
	LENGTH,            /* (n), 1 by default; VARCHAR and VARBINARY must have one */
	MEMBERS,           /* ('a','b') */
	NO_BRACKETS_KNOWN, /* TEXT(100): the number decides about the type */
};

/* name: of DATA_TYPE. */
static const struct type_name {
	const char *word, *name;
	enum brackets brackets;
} type_names[] = {
    {"TINYINT", "tinyint", WIDTH},
    {"INT1", "tinyint", WIDTH},
    {"BOOL", "tinyint", NONE},
    {"BOOLEAN", "tinyint", NONE},
    {"SMALLINT", "smallint", WIDTH},
    {"INT2", "smallint", WIDTH},
    {"MEDIUMINT", "mediumint", WIDTH},
    {"INT3", "mediumint", WIDTH},
    {"INT", "int", WIDTH},
    {"INTEGER", "int", WIDTH},
    {"INT4", "int", WIDTH},
    {"BIGINT", "bigint", WIDTH},
    {"INT8", "bigint", WIDTH},
    {"DECIMAL", "decimal", DIGITS},
    {"DEC", "decimal", DIGITS},
    {"NUMERIC", "decimal", DIGITS},
    {"FIXED", "decimal", DIGITS},
    {"FLOAT", "float", FLOATING},
    {"FLOAT4", "float", FLOATING},
    {"DOUBLE", "double", FLOATING},
    {"FLOAT8", "double", FLOATING},
    {"REAL", "double", FLOATING},
    {"BIT", "bit", LENGTH},
    {"YEAR", "year", WIDTH},
    {"DATE", "date", NONE},
    {"TIME", "time", FRACTION},
    {"DATETIME", "datetime", FRACTION},
    {"TIMESTAMP", "timestamp", FRACTION},
    {"CHAR", "char", LENGTH},
    {"CHARACTER", "char", LENGTH},
    {"VARCHAR", "varchar", LENGTH},
    {"VARCHARACTER", "varchar", LENGTH},
    {"BINARY", "binary", LENGTH},
    {"VARBINARY", "varbinary", LENGTH},
    {"TINYTEXT", "tinytext", NONE},
    {"TEXT", "text", NO_BRACKETS_KNOWN},
    {"MEDIUMTEXT", "mediumtext", NONE},
    {"LONGTEXT", "longtext", NONE},
    {"TINYBLOB", "tinyblob", NONE},
    {"BLOB", "blob", NO_BRACKETS_KNOWN},
    {"MEDIUMBLOB", "mediumblob", NONE},
    {"LONGBLOB", "longblob", NONE},
    {"ENUM", "enum", MEMBERS},
    {"SET", "set", MEMBERS},
    {"JSON", "json", NONE},
    {"GEOMETRY", "geometry", NONE},
    {"POINT", "point", NONE},
    {"LINESTRING", "linestring", NONE},
    {"POLYGON", "polygon", NONE},
    {"MULTIPOINT", "multipoint", NONE},
    {"MULTILINESTRING", "multilinestring", NONE},
    {"MULTIPOLYGON", "multipolygon", NONE},
    {"GEOMETRYCOLLECTION", "geometrycollection", NONE},
    {"GEOMCOLLECTION", "geometrycollection", NONE},
    {"UUID", "uuid", NONE},
    {"INET4", "inet4", NONE},
    {"INET6", "inet6", NONE},
};

/* A type as it was written; the rest of the clause may still change what it means. */
struct written {
	const char *name;
	enum brackets brackets;
	unsigned numbers[NUMBERS];
	size_t number_count;
	struct mi_buf members; /* "'a','b'" */
	bool is_unsigned, zerofill, boolean;
	bool null, not_null, auto_increment, invisible;
	enum mi_generated generated;
	char *charset, *collation;
};

static void written_release(struct written *w)
{
	mi_buf_release(&w->members);
	free(w->charset);
	free(w->collation);
}

/* ---- Names ---- */

static char *lower(char *name)
{
	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return name;
}

char *mi_evolve_charset_name(struct mi_cursor *cursor)
{
	struct mi_buf value = {0};
	const struct mi_lexeme *token;
	char *name = NULL;

	(void)mi_cursor_take_punct(cursor, '=');
	token = mi_cursor_token(cursor, 0);
	if (token->kind != MI_LEX_WORD && token->kind != MI_LEX_NAME &&
	    token->kind != MI_LEX_STRING)
		return NULL;
	mi_lexeme_value(token, cursor->modes, &value);
	cursor->at++;
	name = lower(mi_strdup(mi_buf_cstr(&value)));
	mi_buf_release(&value);
	if (strcmp(name, "utf8") == 0 || strncmp(name, "utf8_", 5) == 0) {
		mi_buf_addf(&value, "utf8mb3%s", name + 4);
		free(name);
		name = mi_strdup(mi_buf_cstr(&value));
		mi_buf_release(&value);
	}
	return name;
}

char *mi_evolve_charset_of(const char *collation)
{
	const char *end = strchr(collation, '_');

	if (strcmp(collation, "binary") == 0)
		return mi_strdup(collation);
	if (!end || strncmp(collation, "uca", 3) == 0) /* MariaDB's fit many character sets */
		return NULL;
	return mi_strndup(collation, (size_t)(end - collation));
}

/* ---- The type ---- */

static bool read_numbers(struct mi_cursor *cursor, struct written *w)
{
	if (!mi_cursor_take_punct(cursor, '('))
		return true;
	do {
		const struct mi_lexeme *token = mi_cursor_token(cursor, 0);
		char *end, *text = mi_token_name(token);
		unsigned long number = strtoul(text, &end, 10);
		bool whole = *text && !*end && isdigit((unsigned char)*text);

		free(text);
		if (!whole || w->number_count == NUMBERS || number > UINT32_MAX)
			return mi_cursor_fail(cursor, "a type's length");
		w->numbers[w->number_count++] = (unsigned)number;
		cursor->at++;
	} while (mi_cursor_take_punct(cursor, ','));
	return mi_cursor_take_punct(cursor, ')') || mi_cursor_fail(cursor, "a type's length");
}

/* Servers cut spaces off the end of a member. Those with characters that servers print in their own
 * way are not understood. */
static bool add_member(struct mi_cursor *cursor, struct written *w)
{
	const struct mi_lexeme *token = mi_cursor_token(cursor, 0);
	struct mi_buf value = {0};
	bool plain = token->kind == MI_LEX_STRING && strchr("'\"", *token->text.data);

	if (plain)
		mi_lexeme_value(token, cursor->modes, &value);
	while (value.len && value.data[value.len - 1] == ' ')
		value.len--;
	mi_buf_add_str(&w->members, w->members.len ? ",'" : "'");
	for (size_t i = 0; i < value.len && plain; i++) {
		unsigned char c = (unsigned char)value.data[i];

		plain = c >= ' ' && c != '\\' && c != 127;
		if (c == '\'')
			mi_buf_add_char(&w->members, '\'');
		mi_buf_add_char(&w->members, (char)c);
	}
	mi_buf_add_char(&w->members, '\'');
	mi_buf_release(&value);
	cursor->at++;
	return plain || mi_cursor_fail(cursor, "a member of an ENUM or SET");
}

static bool read_members(struct mi_cursor *cursor, struct written *w)
{
	if (!mi_cursor_take_punct(cursor, '('))
		return mi_cursor_fail(cursor, "an ENUM or SET without members");
	do {
		if (!add_member(cursor, w))
			return false;
	} while (mi_cursor_take_punct(cursor, ','));
	return mi_cursor_take_punct(cursor, ')') || mi_cursor_fail(cursor, "a list of members");
}

static bool read_type(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                      struct written *w)
{
	const struct mi_lexeme *token = mi_cursor_token(cursor, 0);
	const struct type_name *type = NULL;

	for (size_t i = 0; i < sizeof type_names / sizeof *type_names && !type; i++)
		if (mi_lexeme_is_word(token, type_names[i].word))
			type = &type_names[i];
	if (!type)
		return mi_cursor_fail(cursor, "a column's type");
	w->name = type->name;
	w->brackets = type->brackets;
	w->boolean = type->brackets == NONE && strcmp(type->name, "tinyint") == 0;
	if (mi_lexeme_is_word(token, "REAL") && rules->real_is_float)
		w->name = "float";
	cursor->at++;
	if (mi_lexeme_is_word(token, "DOUBLE"))
		(void)mi_cursor_take(cursor, "PRECISION");
	if (strcmp(w->name, "char") == 0 && mi_cursor_take(cursor, "VARYING"))
		w->name = "varchar";
	if (w->brackets == MEMBERS)
		return read_members(cursor, w);
	if (w->brackets == NO_BRACKETS_KNOWN && mi_cursor_is_punct(cursor, '('))
		return mi_cursor_fail(cursor, "a TEXT or BLOB with a length");
	return read_numbers(cursor, w);
}

/* ---- What follows the type ---- */

/* DEFAULT and ON UPDATE: a value, a call, an expression in brackets. */
static bool skip_value(struct mi_cursor *cursor)
{
	if (mi_cursor_skip_brackets(cursor))
		return true;
	if (!mi_cursor_take_punct(cursor, '-'))
		(void)mi_cursor_take_punct(cursor, '+');
	if (mi_cursor_at_end(cursor))
		return mi_cursor_fail(cursor, "a DEFAULT");
	cursor->at++;
	/* _utf8mb4 'a', 'a' 'b', NOW(6) */
	while (mi_cursor_token(cursor, 0)->kind == MI_LEX_STRING)
		cursor->at++;
	(void)mi_cursor_skip_brackets(cursor);
	return true;
}

static bool read_generated(struct mi_cursor *cursor, struct written *w)
{
	if (!mi_cursor_skip_brackets(cursor))
		return mi_cursor_fail(cursor, "a generated column");
	w->generated =
	    mi_cursor_take_either(cursor, "STORED", "PERSISTENT") ? MI_STORED : MI_VIRTUAL;
	if (w->generated == MI_VIRTUAL)
		(void)mi_cursor_take(cursor, "VIRTUAL");
	return true;
}

static bool read_charset(struct mi_cursor *cursor, char **name, const char *what)
{
	free(*name);
	*name = mi_evolve_charset_name(cursor);
	return *name || mi_cursor_fail(cursor, what);
}

/* Attributes of a word and a value that mean nothing for the rows. */
static bool skip_attribute(struct mi_cursor *cursor)
{
	static const char *const words[] = {"COMMENT",          "COLUMN_FORMAT",
	                                    "STORAGE",          "SRID",
	                                    "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!mi_cursor_take(cursor, words[i]))
			continue;
		(void)mi_cursor_take_punct(cursor, '=');
		cursor->at++;
		return true;
	}
	return false;
}

static bool read_check(struct mi_cursor *cursor)
{
	if (!mi_cursor_skip_brackets(cursor))
		return mi_cursor_fail(cursor, "a CHECK");
	(void)mi_cursor_take(cursor, "NOT");
	(void)mi_cursor_take(cursor, "ENFORCED");
	return true;
}

static bool read_place(struct mi_cursor *cursor, struct mi_evolve_column *into, bool *taken)
{
	*taken = true;
	if (mi_cursor_take(cursor, "FIRST"))
		into->first = true;
	else if (mi_cursor_take(cursor, "AFTER"))
		into->after = mi_cursor_name(cursor);
	else
		*taken = false;
	return !*taken || into->first || into->after || mi_cursor_fail(cursor, "an AFTER");
}

static bool read_key(struct mi_cursor *cursor, struct mi_evolve_column *into, bool *taken)
{
	*taken = true;
	if (mi_cursor_take(cursor, "UNIQUE")) {
		into->unique = true;
		(void)mi_cursor_take(cursor, "KEY");
	} else if (mi_cursor_take(cursor, "KEY")) {
		into->primary = true;
	} else if (mi_cursor_take(cursor, "PRIMARY")) {
		into->primary = true;
		return mi_cursor_take(cursor, "KEY") || mi_cursor_fail(cursor, "a PRIMARY KEY");
	} else {
		*taken = false;
	}
	return true;
}

static bool read_nulls(struct mi_cursor *cursor, struct written *w, bool *taken)
{
	*taken = true;
	if (mi_cursor_take(cursor, "NOT")) {
		w->not_null = true;
		return mi_cursor_take(cursor, "NULL") || mi_cursor_fail(cursor, "a NOT");
	}
	if (mi_cursor_take(cursor, "NULL"))
		w->null = true;
	else
		*taken = false;
	return true;
}

/* One word without a value. */
static bool take_flag(struct mi_cursor *cursor, struct written *w)
{
	if (mi_cursor_take(cursor, "UNSIGNED"))
		return w->is_unsigned = true;
	if (mi_cursor_take(cursor, "ZEROFILL"))
		return w->zerofill = w->is_unsigned = true;
	if (mi_cursor_take(cursor, "AUTO_INCREMENT"))
		return w->auto_increment = true;
	if (mi_cursor_take(cursor, "INVISIBLE"))
		return w->invisible = true;
	return mi_cursor_take_either(cursor, "SIGNED", "VISIBLE");
}

static bool read_attribute(struct mi_cursor *cursor, struct written *w,
                           struct mi_evolve_column *into)
{
	static const char *const character_set[] = {"CHARACTER", "SET", NULL};
	static const char *const char_set[] = {"CHAR", "SET", NULL};
	static const char *const generated[] = {"GENERATED", "ALWAYS", "AS", NULL};
	static const char *const on_update[] = {"ON", "UPDATE", NULL};
	bool taken;

	if (take_flag(cursor, w) || skip_attribute(cursor))
		return true;
	if (!read_nulls(cursor, w, &taken) || taken || !read_key(cursor, into, &taken) || taken ||
	    !read_place(cursor, into, &taken) || taken)
		return !cursor->why;
	if (mi_cursor_take_all(cursor, generated) || mi_cursor_take(cursor, "AS"))
		return read_generated(cursor, w);
	if (mi_cursor_take(cursor, "DEFAULT") || mi_cursor_take_all(cursor, on_update))
		return skip_value(cursor);
	if (mi_cursor_take_all(cursor, character_set) || mi_cursor_take_all(cursor, char_set) ||
	    mi_cursor_take(cursor, "CHARSET"))
		return read_charset(cursor, &w->charset, "a CHARACTER SET");
	if (mi_cursor_take(cursor, "COLLATE"))
		return read_charset(cursor, &w->collation, "a COLLATE");
	if (mi_cursor_take(cursor, "CONSTRAINT") && !mi_cursor_is(cursor, "CHECK"))
		cursor->at++;
	if (mi_cursor_take(cursor, "CHECK"))
		return read_check(cursor);
	return mi_cursor_fail(cursor, "a word of a column's clause");
}

/* ---- The column ---- */

static bool has_text(const struct written *w)
{
	static const char *const names[] = {"char",       "varchar",  "tinytext", "text",
	                                    "mediumtext", "longtext", "enum",     "set"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(w->name, names[i]) == 0)
			return true;
	return false;
}

/* The character set and collation of the column: its own, or the table's. */
static bool settle_charset(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                           const char *charset, const char *collation, struct written *w,
                           struct mi_evolve_charset *found)
{
	*found = (struct mi_evolve_charset){.most = 1};
	if (!has_text(w))
		return (!w->charset && !w->collation) ||
		       mi_cursor_fail(cursor, "a character set of what is no text");
	if (!w->charset && w->collation)
		w->charset = mi_evolve_charset_of(w->collation);
	else if (!w->charset && charset && collation) {
		w->charset = mi_strdup(charset);
		w->collation = mi_strdup(collation);
	}
	if (!w->charset || !rules->charset(rules->user, w->charset, found))
		return mi_cursor_fail(cursor, "a character set");
	if (!w->collation)
		w->collation = mi_strdup(found->collation);
	/* text of the character set binary is bytes */
	return strcmp(w->charset, "binary") != 0 || mi_cursor_fail(cursor, "text of bytes");
}

static bool is_name(const struct written *w, const char *name)
{
	return strcmp(w->name, name) == 0;
}

/* FLOAT(p) is a double from 25 bits on. */
static void settle_float(struct written *w)
{
	if (w->number_count == 1) {
		if (is_name(w, "float") && w->numbers[0] > 24)
			w->name = "double";
		w->number_count = 0;
	}
}

static bool settle_length(struct mi_cursor *cursor, const struct written *w, unsigned most,
                          struct mi_buf *octets)
{
	bool must = is_name(w, "varchar") || is_name(w, "varbinary");
	uint64_t bytes = (uint64_t)(w->number_count ? w->numbers[0] : 1) * most;

	if (w->number_count > 1 || (must && w->number_count == 0))
		return mi_cursor_fail(cursor, "a length");
	if (bytes > CHAR_MOST) /* outside of strict mode it becomes a TEXT or BLOB */
		return mi_cursor_fail(cursor, "a length that a server may change");
	mi_buf_addf(octets, "%llu", (unsigned long long)bytes);
	return true;
}

/* The type as COLUMN_TYPE has it, but for display widths. */
static void print_type(struct written *w, struct mi_buf *text)
{
	mi_buf_add_str(text, w->name);
	if (w->brackets == MEMBERS)
		mi_buf_addf(text, "(%s)", mi_buf_cstr(&w->members));
	else if (w->brackets == DIGITS)
		mi_buf_addf(text, "(%u,%u)", w->number_count ? w->numbers[0] : 10,
		            w->number_count > 1 ? w->numbers[1] : 0);
	else if (w->brackets == FLOATING && w->number_count == 2)
		mi_buf_addf(text, "(%u,%u)", w->numbers[0], w->numbers[1]);
	else if (w->brackets == LENGTH)
		mi_buf_addf(text, "(%u)", w->number_count ? w->numbers[0] : 1);
	else if (w->brackets == FRACTION && w->number_count && w->numbers[0])
		mi_buf_addf(text, "(%u)", w->numbers[0]);
	else if (w->boolean)
		mi_buf_add_str(text, "(1)");
	if (w->is_unsigned)
		mi_buf_add_str(text, " unsigned");
	if (w->zerofill)
		mi_buf_add_str(text, " zerofill");
}

static void print_extra(const struct written *w, struct mi_buf *extra)
{
	if (w->auto_increment)
		mi_buf_add_str(extra, "auto_increment ");
	if (w->generated == MI_VIRTUAL)
		mi_buf_add_str(extra, "VIRTUAL GENERATED ");
	if (w->generated == MI_STORED)
		mi_buf_add_str(extra, "STORED GENERATED ");
	if (w->invisible)
		mi_buf_add_str(extra, "INVISIBLE");
}

static bool set_type(struct mi_cursor *cursor, struct written *w, unsigned most,
                     struct mi_column *column)
{
	struct mi_buf type = {0}, octets = {0}, extra = {0};
	struct mi_column_facts facts = {.data_type = w->name};
	bool ok = w->brackets != LENGTH || settle_length(cursor, w, most, &octets);

	if (ok) {
		print_type(w, &type);
		print_extra(w, &extra);
		facts.column_type = mi_buf_cstr(&type);
		facts.octet_length = facts.precision = mi_buf_cstr(&octets);
		facts.extra = mi_buf_cstr(&extra);
		ok =
		    mi_column_set_type(column, &facts) || mi_cursor_fail(cursor, "a column's type");
	}
	mi_buf_release(&type);
	mi_buf_release(&octets);
	mi_buf_release(&extra);
	return ok;
}

/* MariaDB's JSON is a name for text. */
static void settle_json(const struct mi_evolve_rules *rules, struct written *w)
{
	if (!rules->mariadb || !is_name(w, "json"))
		return;
	w->name = "longtext";
	free(w->charset);
	free(w->collation);
	w->charset = mi_strdup("utf8mb4");
	w->collation = mi_strdup("utf8mb4_bin");
}

static bool settle(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                   const char *charset, const char *collation, struct written *w,
                   struct mi_evolve_column *into)
{
	struct mi_column *column = &into->column;
	struct mi_evolve_charset found;

	settle_json(rules, w);
	if (w->brackets == FLOATING)
		settle_float(w);
	if (!settle_charset(cursor, rules, charset, collation, w, &found) ||
	    !set_type(cursor, w, found.most, column))
		return false;
	column->charset = w->charset;
	column->collation = w->collation;
	w->charset = w->collation = NULL;
	column->nullable = !w->not_null && !into->primary &&
	                   (w->null || !(rules->timestamps_default && is_name(w, "timestamp")));
	return true;
}

bool mi_evolve_column_read(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                           const char *charset, const char *collation,
                           struct mi_evolve_column *into)
{
	struct written w = {0};
	bool ok = read_type(cursor, rules, &w);

	while (ok && !mi_cursor_at_end(cursor) && !mi_cursor_is_punct(cursor, ',') &&
	       !mi_cursor_is_punct(cursor, ')'))
		ok = read_attribute(cursor, &w, into);
	ok = ok && settle(cursor, rules, charset, collation, &w, into);
	written_release(&w);
	return ok;
}

void mi_evolve_column_release(struct mi_evolve_column *column)
{
	mi_column_release(&column->column);
	free(column->after);
}
