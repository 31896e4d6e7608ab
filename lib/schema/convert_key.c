/* Keys and CHECK constraints, converted. */
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert.h"
#include "schema/convert_note.h"
#include "schema/convert_parts.h"
#include "schema/create_table.h"
#include "schema/edit.h"
#include "schema/list.h"
#include "sql/tokens.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

static void leave_key(const struct mi_convert_table *table, struct mi_table_element *element,
                      const char *why)
{
	mi_convert_note(table, MI_NOTE_LEFT, "key", element->name, "%s", why);
	element->dropped = true;
}

/* A UNIQUE key is refused rather than left out, because without it the table takes other rows. */
static void leave_or_refuse(const struct mi_convert_table *table, struct mi_table_element *element,
                            const char *why)
{
	if (element->kind == MI_ELEMENT_UNIQUE || element->kind == MI_ELEMENT_PRIMARY)
		mi_convert_note(table, MI_NOTE_REFUSED, "key", element->name, "%s", why);
	else
		leave_key(table, element, why);
}

/* Index of the bracket that opens the key's list of parts. */
static size_t parts_open(const struct mi_edit *edit)
{
	size_t at = 0;

	while (at < edit->tokens.count && !mi_edit_is_punct(edit, at, '('))
		at++;
	return at;
}

static bool has_expression(const struct mi_edit *edit, size_t open, size_t close)
{
	for (size_t at = open; at < close; at++) {
		bool starts_part = at == open || mi_edit_is_punct(edit, at, ',');

		if (starts_part && mi_edit_is_punct(edit, at + 1, '('))
			return true;
		if (at > open && mi_edit_is_punct(edit, at, '('))
			at = mi_tokens_match(&edit->tokens, at);
	}
	return false;
}

static bool has_word(const struct mi_edit *edit, size_t from, size_t to, const char *word)
{
	for (size_t at = from; at < to; at++)
		if (mi_edit_is(edit, at, word))
			return true;
	return false;
}

static void check_descending(const struct mi_convert_table *table,
                             const struct mi_table_element *element, const struct mi_edit *edit,
                             size_t open, size_t close)
{
	if (table->convert->version < 100800 && has_word(edit, open, close, "DESC"))
		mi_convert_note(table, MI_NOTE_CHANGED, "key", element->name,
		                "MariaDB before 10.8 takes DESC for ASC");
}

static bool is_generated(const struct mi_ddl_table *ddl, const char *name)
{
	for (size_t i = 0; i < ddl->element_count; i++) {
		const struct mi_table_element *element = &ddl->elements[i];

		if (element->kind != MI_ELEMENT_COLUMN || strcmp(element->name, name) != 0)
			continue;
		for (size_t at = element->from; at < element->to; at++)
			if (mi_lexeme_is_word(&ddl->tokens.items[at], "GENERATED"))
				return true;
	}
	return false;
}

static void check_primary(const struct mi_convert_table *table,
                          const struct mi_table_element *element, const struct mi_edit *edit,
                          size_t open, size_t close)
{
	for (size_t at = open; at < close && element->kind == MI_ELEMENT_PRIMARY; at++) {
		char *name = mi_token_name(mi_edit_token(edit, at));

		if (mi_edit_token(edit, at)->kind == MI_LEX_NAME && is_generated(table->ddl, name))
			mi_convert_note(table, MI_NOTE_REFUSED, "column", name,
			                "MariaDB takes no generated column into a primary key");
		free(name);
	}
}

static void mariadb_key(const struct mi_convert_table *table, struct mi_table_element *element,
                        struct mi_edit *edit)
{
	size_t open = parts_open(edit), close = mi_tokens_match(&edit->tokens, open);

	if (has_expression(edit, open, close))
		leave_or_refuse(table, element, "MariaDB has no keys on expressions");
	else if (has_word(edit, close, edit->tokens.count, "PARSER"))
		leave_key(table, element, "MariaDB has not its full-text parser");
	check_descending(table, element, edit, open, close);
	check_primary(table, element, edit, open, close);
	for (size_t at = close + 1; at < edit->tokens.count; at++) {
		enum mi_lex_kind kind = mi_edit_token(edit, at)->kind;

		if (kind == MI_LEX_OPEN || kind == MI_LEX_CLOSE) {
			mi_edit_drop(edit, at, at + 1);
		} else if (mi_edit_is(edit, at, "INVISIBLE") && table->convert->version >= 100600) {
			mi_edit_replace(edit, at, at + 1, "IGNORED");
		} else if (mi_edit_is(edit, at, "INVISIBLE")) {
			mi_convert_note(table, MI_NOTE_LEFT, "key", element->name, "INVISIBLE");
			mi_edit_drop(edit, at, at + 1);
		} else if (mi_edit_is(edit, at, "ENGINE_ATTRIBUTE") ||
		           mi_edit_is(edit, at, "SECONDARY_ENGINE_ATTRIBUTE")) {
			size_t end = mi_convert_option_end(edit, at);

			mi_edit_drop(edit, at, end);
			mi_convert_note(table, MI_NOTE_LEFT, "key", element->name,
			                "ENGINE_ATTRIBUTE");
			at = end - 1;
		}
	}
}

/* True for a UNIQUE key over long text, which MariaDB checks by a hidden hash. */
static bool is_long_unique(const struct mi_table_element *element, const struct mi_edit *edit,
                           size_t close)
{
	return element->kind == MI_ELEMENT_UNIQUE &&
	       has_word(edit, close, edit->tokens.count, "HASH");
}

static void mysql_key(const struct mi_convert_table *table, struct mi_table_element *element,
                      struct mi_edit *edit)
{
	size_t open = parts_open(edit), close = mi_tokens_match(&edit->tokens, open);
	bool memory = false;

	for (size_t i = 0; i + 6 < table->ddl->tail.len && !memory; i++)
		memory = strncasecmp(table->ddl->tail.data + i, "MEMORY", 6) == 0;
	if (has_word(edit, open, close, "OVERLAPS"))
		leave_or_refuse(table, element, "WITHOUT OVERLAPS, which MySQL has not");
	else if (mi_edit_is(edit, 0, "VECTOR"))
		leave_key(table, element, "MySQL has no vector keys");
	else if (has_word(edit, close, edit->tokens.count, "PARSER"))
		leave_key(table, element, "MySQL has not its full-text parser");
	else if (!memory && is_long_unique(element, edit, close))
		leave_or_refuse(table, element, "USING HASH over long text, which MySQL has not");
	for (size_t at = close + 1; at < edit->tokens.count; at++) {
		enum mi_lex_kind kind = mi_edit_token(edit, at)->kind;

		if (kind == MI_LEX_OPEN || kind == MI_LEX_CLOSE) {
			mi_edit_drop(edit, at, at + 1);
		} else if (mi_edit_is(edit, at, "IGNORED")) {
			mi_edit_replace(edit, at, at + 1, "INVISIBLE");
		} else if (mi_edit_is_punct(edit, at + 1, '=') &&
		           !mi_edit_is(edit, at, "KEY_BLOCK_SIZE")) {
			mi_convert_note(table, MI_NOTE_LEFT, "key", element->name, "%.*s",
			                (int)mi_edit_token(edit, at)->text.len,
			                mi_edit_token(edit, at)->text.data);
			mi_edit_drop(edit, at, at + 3);
			at += 2;
		}
	}
}

int mi_convert_key(const struct mi_convert_table *table, struct mi_table_element *element,
                   struct mi_err *err)
{
	struct mi_edit edit;

	if (mi_edit_open(&edit, &element->text, err) != 0)
		return -1;
	if (mi_convert_to_mysql(table))
		mysql_key(table, element, &edit);
	else
		mariadb_key(table, element, &edit);
	mi_edit_close(&edit);
	return 0;
}

/* True for the names that MariaDB makes itself: CONSTRAINT_1, CONSTRAINT_2, ... in every table. */
static bool is_given_name(const char *name)
{
	static const char prefix[] = "CONSTRAINT_";

	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return false;
	name += sizeof prefix - 1;
	while (isdigit((unsigned char)*name))
		name++;
	return *name == '\0';
}

static bool is_taken(const struct mi_convert *convert, const char *name)
{
	for (size_t i = 0; i < convert->check_count; i++)
		if (strcasecmp(convert->check_names[i], name) == 0)
			return true;
	return false;
}

/* MySQL wants the name of a CHECK to be the only one in its database, and makes one where there is
 * none: names that may come twice are taken out. */
static void mysql_check(const struct mi_convert_table *table, struct mi_table_element *element,
                        struct mi_edit *edit)
{
	struct mi_convert *convert = table->convert;

	if (!*element->name)
		return;
	if (!is_given_name(element->name) && !is_taken(convert, element->name)) {
		*(char **)mi_array_add(&convert->check_names, &convert->check_count,
		                       sizeof *convert->check_names) = mi_strdup(element->name);
		return;
	}
	if (!is_given_name(element->name))
		mi_convert_note(table, MI_NOTE_CHANGED, "constraint", element->name,
		                "renamed, another table has one of that name");
	mi_edit_replace(edit, 0, 3, "CHECK"); /* CONSTRAINT `name` CHECK */
}

static void mariadb_check(const struct mi_convert_table *table, struct mi_table_element *element,
                          struct mi_edit *edit)
{
	size_t close = mi_tokens_match(&edit->tokens, parts_open(edit));

	if (has_word(edit, close, edit->tokens.count, "ENFORCED")) {
		mi_convert_note(table, MI_NOTE_LEFT, "constraint", element->name,
		                "NOT ENFORCED, which MariaDB has not");
		element->dropped = true;
	}
}

int mi_convert_check(const struct mi_convert_table *table, struct mi_table_element *element,
                     struct mi_err *err)
{
	struct mi_edit edit;

	if (mi_edit_open(&edit, &element->text, err) != 0)
		return -1;
	if (mi_convert_to_mysql(table))
		mysql_check(table, element, &edit);
	else
		mariadb_check(table, element, &edit);
	mi_edit_close(&edit);
	return 0;
}
