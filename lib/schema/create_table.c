#include "schema/create_table.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/literal.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

static int fail_statement(const struct mi_ddl_table *ddl, struct mi_err *err, const char *why)
{
	return mi_fail(err, MI_DATA, "cannot take apart the definition of table %s: %s",
	               ddl->name ? ddl->name : "?", why);
}

static const struct mi_lexeme *token(const struct mi_ddl_table *ddl, size_t at)
{
	/* the last token is MI_LEX_END, which is no word, name or punctuation */
	return &ddl->tokens.items[at < ddl->tokens.count ? at : ddl->tokens.count];
}

static bool is_word(const struct mi_ddl_table *ddl, size_t at, const char *word)
{
	return mi_lexeme_is_word(token(ddl, at), word);
}

/* The name after the words that begin a key or constraint, or "". */
static char *name_at(const struct mi_ddl_table *ddl, size_t at, size_t to)
{
	if (at < to && token(ddl, at)->kind == MI_LEX_NAME)
		return mi_token_name(token(ddl, at));
	return mi_strdup("");
}

static int read_constraint(const struct mi_ddl_table *ddl, struct mi_table_element *element)
{
	size_t at = element->from;

	if (is_word(ddl, at, "CONSTRAINT"))
		at++;
	element->name = name_at(ddl, at, element->to);
	if (token(ddl, at)->kind == MI_LEX_NAME)
		at++;
	if (is_word(ddl, at, "FOREIGN"))
		element->kind = MI_ELEMENT_FOREIGN_KEY;
	else if (is_word(ddl, at, "CHECK"))
		element->kind = MI_ELEMENT_CHECK;
	else
		return -1;
	return 0;
}

static int read_key(const struct mi_ddl_table *ddl, struct mi_table_element *element,
                    enum mi_table_element_kind kind, size_t words)
{
	element->kind = kind;
	if (words == 2 && !is_word(ddl, element->from + 1, "KEY") &&
	    !is_word(ddl, element->from + 1, "INDEX"))
		return -1;
	element->name = name_at(ddl, element->from + words, element->to);
	return *element->name ? 0 : -1;
}

/* Sets the element's kind and name from its first words; -1: they are not known. */
static int classify(const struct mi_ddl_table *ddl, struct mi_table_element *element)
{
	const struct mi_lexeme *first = token(ddl, element->from);

	if (first->kind == MI_LEX_NAME) {
		element->kind = MI_ELEMENT_COLUMN;
		element->name = mi_token_name(first);
		return 0;
	}
	if (mi_lexeme_is_word(first, "PRIMARY")) {
		element->kind = MI_ELEMENT_PRIMARY;
		element->name = mi_strdup("PRIMARY");
		return is_word(ddl, element->from + 1, "KEY") ? 0 : -1;
	}
	if (mi_lexeme_is_word(first, "UNIQUE"))
		return read_key(ddl, element, MI_ELEMENT_UNIQUE, 2);
	if (mi_lexeme_is_word(first, "FULLTEXT"))
		return read_key(ddl, element, MI_ELEMENT_FULLTEXT, 2);
	if (mi_lexeme_is_word(first, "SPATIAL"))
		return read_key(ddl, element, MI_ELEMENT_SPATIAL, 2);
	if (mi_lexeme_is_word(first, "VECTOR"))
		return read_key(ddl, element, MI_ELEMENT_INDEX, 2);
	if (mi_lexeme_is_word(first, "KEY") || mi_lexeme_is_word(first, "INDEX"))
		return read_key(ddl, element, MI_ELEMENT_INDEX, 1);
	if (mi_lexeme_is_word(first, "PERIOD")) {
		element->kind = MI_ELEMENT_PERIOD;
		element->name = mi_strdup("PERIOD");
		return 0;
	}
	return read_constraint(ddl, element);
}

static int add_element(struct mi_ddl_table *ddl, size_t from, size_t to, struct mi_err *err)
{
	struct mi_table_element *element;

	if (from == to)
		return fail_statement(ddl, err, "an empty item");
	element = mi_array_add(&ddl->elements, &ddl->element_count, sizeof *ddl->elements);
	element->from = from;
	element->to = to;
	if (classify(ddl, element) != 0) {
		struct mi_span text = mi_tokens_span(&ddl->tokens, from, to);
		int shown = text.len > 80 ? 80 : (int)text.len;

		return mi_fail(err, MI_DATA, "table %s: unknown item in its definition: %.*s",
		               ddl->name, shown, text.data);
	}
	mi_buf_add_span(&element->text, mi_tokens_span(&ddl->tokens, from, to));
	return 0;
}

static int read_pieces(struct mi_ddl_table *ddl, size_t open, struct mi_err *err)
{
	size_t from = open + 1;

	for (size_t at = from; at < ddl->close; at++) {
		if (mi_lexeme_is_punct(token(ddl, at), '(')) {
			at = mi_tokens_match(&ddl->tokens, at);
		} else if (mi_lexeme_is_punct(token(ddl, at), ',')) {
			if (add_element(ddl, from, at, err) != 0)
				return -1;
			from = at + 1;
		}
	}
	return add_element(ddl, from, ddl->close, err);
}

int mi_ddl_table_read(struct mi_ddl_table *ddl, struct mi_span text, struct mi_err *err)
{
	size_t open = 3;

	*ddl = (struct mi_ddl_table){0};
	ddl->source = mi_strndup(text.len ? text.data : "", text.len);
	if (mi_tokens_read(&ddl->tokens, mi_span(ddl->source, text.len), err) != 0)
		goto fail;
	if (!is_word(ddl, 0, "CREATE") || !is_word(ddl, 1, "TABLE") ||
	    token(ddl, 2)->kind != MI_LEX_NAME || !mi_lexeme_is_punct(token(ddl, 3), '(')) {
		fail_statement(ddl, err, "it does not begin with CREATE TABLE `name` (");
		goto fail;
	}
	ddl->name = mi_token_name(token(ddl, 2));
	ddl->close = mi_tokens_match(&ddl->tokens, open);
	if (read_pieces(ddl, open, err) != 0)
		goto fail;
	if (ddl->close + 1 < ddl->tokens.count)
		mi_buf_add_span(&ddl->tail,
		                mi_tokens_span(&ddl->tokens, ddl->close + 1, ddl->tokens.count));
	return 0;
fail:
	mi_ddl_table_release(ddl);
	return -1;
}

void mi_ddl_table_release(struct mi_ddl_table *ddl)
{
	for (size_t i = 0; i < ddl->element_count; i++) {
		free(ddl->elements[i].name);
		mi_buf_release(&ddl->elements[i].text);
	}
	free(ddl->elements);
	free(ddl->name);
	mi_buf_release(&ddl->tail);
	mi_tokens_release(&ddl->tokens);
	free(ddl->source);
	*ddl = (struct mi_ddl_table){0};
}

static bool is_secondary(enum mi_table_element_kind kind)
{
	return kind == MI_ELEMENT_UNIQUE || kind == MI_ELEMENT_INDEX ||
	       kind == MI_ELEMENT_FULLTEXT || kind == MI_ELEMENT_SPATIAL;
}

static const struct mi_column *auto_increment(const struct mi_table *definition)
{
	for (size_t i = 0; i < definition->column_count; i++)
		if (definition->columns[i].auto_increment)
			return &definition->columns[i];
	return NULL;
}

/* True when the column is a part of the key; with first_only, the first part. */
static bool key_has(const struct mi_table *definition, const struct mi_key *key,
                    const struct mi_column *column, bool first_only)
{
	for (size_t i = 0; i < key->part_count && (i == 0 || !first_only); i++)
		if (key->parts[i].column == column - definition->columns)
			return true;
	return false;
}

static const struct mi_key *definition_key(const struct mi_table *definition, const char *name)
{
	for (size_t i = 0; i < definition->key_count; i++)
		if (strcmp(definition->keys[i].name, name) == 0)
			return &definition->keys[i];
	return NULL;
}

/* Index of the element whose key AUTO_INCREMENT can use, or -1. Most engines want the column first
 * in the key; MyISAM and Aria take it anywhere. */
static int auto_increment_key(const struct mi_ddl_table *ddl, const struct mi_table *definition,
                              bool first_only)
{
	const struct mi_column *column = auto_increment(definition);

	for (size_t i = 0; column && i < ddl->element_count; i++) {
		const struct mi_table_element *element = &ddl->elements[i];
		const struct mi_key *key;

		if (element->kind != MI_ELEMENT_PRIMARY && !is_secondary(element->kind))
			continue;
		key = definition_key(definition, element->name);
		if (key && key_has(definition, key, column, first_only))
			return (int)i;
	}
	return -1;
}

static int row_key_element(const struct mi_ddl_table *ddl, const struct mi_table *definition)
{
	const struct mi_key *key = mi_table_row_key(definition);

	for (size_t i = 0; key && i < ddl->element_count; i++)
		if (is_secondary(ddl->elements[i].kind) &&
		    strcmp(ddl->elements[i].name, key->name) == 0)
			return (int)i;
	return -1;
}

static bool same_columns(const struct mi_ddl_table *ddl, const struct mi_table *definition)
{
	size_t column = 0;

	for (size_t i = 0; i < ddl->element_count; i++) {
		if (ddl->elements[i].kind != MI_ELEMENT_COLUMN)
			continue;
		if (column == definition->column_count ||
		    strcmp(ddl->elements[i].name, definition->columns[column].name) != 0)
			return false;
		column++;
	}
	return column == definition->column_count;
}

int mi_ddl_table_defer(struct mi_ddl_table *ddl, const struct mi_table *definition,
                       struct mi_err *err)
{
	int last = row_key_element(ddl, definition);
	int needed = auto_increment_key(ddl, definition, true);

	if (!same_columns(ddl, definition))
		return fail_statement(ddl, err,
		                      "its columns are not those that information_schema names");
	if (needed < 0)
		needed = auto_increment_key(ddl, definition, false);
	if (auto_increment(definition) && needed < 0)
		return fail_statement(ddl, err, "no key holds its AUTO_INCREMENT column");
	if (needed > last)
		last = needed;
	for (size_t i = 0; i < ddl->element_count; i++) {
		struct mi_table_element *element = &ddl->elements[i];

		element->later = element->kind == MI_ELEMENT_FOREIGN_KEY ||
		                 (is_secondary(element->kind) && (int)i > last);
	}
	return 0;
}

void mi_ddl_table_text(const struct mi_ddl_table *ddl, struct mi_buf *sql)
{
	const char *between = "\n  ";

	mi_buf_add_str(sql, "CREATE TABLE ");
	mi_sql_ident(sql, ddl->name);
	mi_buf_add_str(sql, " (");
	for (size_t i = 0; i < ddl->element_count; i++) {
		const struct mi_table_element *element = &ddl->elements[i];

		if (element->later || element->dropped)
			continue;
		mi_buf_add_str(sql, between);
		mi_buf_add_span(sql, mi_buf_span(&element->text));
		between = ",\n  ";
	}
	mi_buf_add_str(sql, "\n)");
	if (ddl->tail.len) {
		mi_buf_add_char(sql, ' ');
		mi_buf_add_span(sql, mi_buf_span(&ddl->tail));
	}
}

const char *mi_table_element_record(enum mi_table_element_kind kind)
{
	switch (kind) {
	case MI_ELEMENT_UNIQUE:
		return "unique";
	case MI_ELEMENT_FULLTEXT:
		return "fulltext";
	case MI_ELEMENT_SPATIAL:
		return "spatial";
	case MI_ELEMENT_FOREIGN_KEY:
		return "foreign-key";
	default:
		return "index";
	}
}
