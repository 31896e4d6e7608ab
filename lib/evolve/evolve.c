#include "evolve/evolve.h"
#include "base/buf.h"
#include "base/err.h"
#include "evolve/change.h"
#include "evolve/column.h"
#include "evolve/cursor.h"
#include "evolve/keys.h"
#include "sql/lexer.h"
#include "sql/tokens.h"
#include "table/copy.h"
#include "table/table.h"

#include <stdlib.h>

/* Takes the text apart. False: it cannot be, or has comments that only some servers execute. */
static bool open_text(struct mi_span text, const struct mi_evolve_rules *rules,
                      struct mi_tokens *tokens, struct mi_cursor *cursor, const char **why)
{
	struct mi_err ignored = {0};

	*why = "its text";
	if (rules->modes & MI_LEX_UNKNOWN_MODE ||
	    mi_tokens_read_under(tokens, text, rules->modes, &ignored) != 0)
		return false;
	*cursor = (struct mi_cursor){.tokens = tokens, .end = tokens->count, .modes = rules->modes};
	while (cursor->end && mi_lexeme_is_punct(&tokens->items[cursor->end - 1], ';'))
		cursor->end--;
	for (size_t i = 0; i < tokens->count; i++)
		if (tokens->items[i].kind == MI_LEX_OPEN) {
			*why = "a comment that is executed";
			mi_tokens_release(tokens);
			return false;
		}
	return true;
}

/* Takes "name" or "db.name". */
static bool skip_name(struct mi_cursor *cursor)
{
	cursor->at++;
	if (mi_cursor_take_punct(cursor, '.'))
		cursor->at++;
	return !mi_cursor_at_end(cursor) || mi_cursor_fail(cursor, "a statement of a name alone");
}

/* ---- CREATE TABLE ---- */

/* Options behind the columns, up to partitions: the defaults of the columns' text. */
static bool read_options(struct mi_cursor *cursor, char **charset, char **collation, char **engine)
{
	static const char *const character_set[] = {"CHARACTER", "SET", NULL};

	while (!mi_cursor_at_end(cursor) && !mi_cursor_is(cursor, "PARTITION")) {
		if (mi_cursor_is(cursor, "SELECT") || mi_cursor_is(cursor, "AS") ||
		    mi_cursor_is(cursor, "WITH") || mi_cursor_is(cursor, "UNION"))
			return mi_cursor_fail(cursor, "a query or versions of rows");
		if (mi_cursor_take_all(cursor, character_set) ||
		    mi_cursor_take(cursor, "CHARSET")) {
			free(*charset);
			*charset = mi_evolve_charset_name(cursor);
		} else if (mi_cursor_take(cursor, "COLLATE")) {
			free(*collation);
			*collation = mi_evolve_charset_name(cursor);
		} else if (mi_cursor_take_either(cursor, "ENGINE", "TYPE")) {
			(void)mi_cursor_take_punct(cursor, '=');
			free(*engine);
			*engine = mi_cursor_name(cursor);
		} else if (!mi_cursor_skip_brackets(cursor)) {
			cursor->at++;
		}
	}
	return true;
}

/* Completes a pair of which one may be missing; both stay NULL when neither is given. */
static bool settle_pair(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                        char **charset, char **collation)
{
	struct mi_evolve_charset found;

	if (!*charset && *collation)
		*charset = mi_evolve_charset_of(*collation);
	if (!*charset)
		return !*collation || mi_cursor_fail(cursor, "a collation of many character sets");
	if (!*collation) {
		if (!rules->charset(rules->user, *charset, &found))
			return mi_cursor_fail(cursor, "a character set");
		*collation = mi_strdup(found.collation);
	}
	return true;
}

static bool read_new_column(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                            const char *charset, const char *collation, struct mi_table *table)
{
	struct mi_evolve_column made = {.column = {.name = mi_cursor_name(cursor)}};
	bool ok = (made.column.name || mi_cursor_fail(cursor, "a column's name")) &&
	          mi_evolve_column_read(cursor, rules, charset, collation, &made);

	if (ok) {
		*(struct mi_column *)mi_array_add(&table->columns, &table->column_count,
		                                  sizeof *table->columns) = made.column;
		made.column = (struct mi_column){0};
		if (made.primary)
			mi_evolve_key_of(table, MI_KEY_PRIMARY, (int)table->column_count - 1);
		if (made.unique)
			mi_evolve_key_of(table, MI_KEY_UNIQUE, (int)table->column_count - 1);
	}
	mi_evolve_column_release(&made);
	return ok;
}

/* The elements in the brackets at `open`: first the columns, then the keys. */
static bool read_elements(struct mi_cursor *cursor, size_t open,
                          const struct mi_evolve_rules *rules, const char *charset,
                          const char *collation, struct mi_table *table)
{
	struct mi_cursor inner = *cursor;
	bool ok = true;

	inner.end = mi_tokens_match(cursor->tokens, open);
	for (int keys = 0; keys < 2 && ok; keys++) {
		inner.at = open + 1;
		do {
			if (mi_evolve_is_key(&inner) != (keys == 1))
				mi_cursor_skip_item(&inner);
			else if (keys)
				ok = mi_evolve_key_read(&inner, table);
			else
				ok = read_new_column(&inner, rules, charset, collation, table);
		} while (ok && mi_cursor_take_punct(&inner, ','));
		ok = ok && (mi_cursor_at_end(&inner) || mi_cursor_fail(&inner, "an element"));
	}
	cursor->why = inner.why;
	return ok;
}

static bool read_create(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                        const char *charset, const char *collation, struct mi_table *table)
{
	char *own_charset = NULL, *own_collation = NULL, *engine = NULL;
	size_t open;
	bool ok;

	while (!mi_cursor_at_end(cursor) && !mi_cursor_is_punct(cursor, '('))
		cursor->at++;
	open = cursor->at;
	ok = (mi_cursor_skip_brackets(cursor) ||
	      mi_cursor_fail(cursor, "a table without columns")) &&
	     read_options(cursor, &own_charset, &own_collation, &engine) &&
	     settle_pair(cursor, rules, &own_charset, &own_collation);
	if (ok && own_charset) {
		charset = own_charset;
		collation = own_collation;
	}
	table->engine = engine ? engine : mi_strdup("InnoDB");
	table->collation = mi_strdup(collation ? collation : "");
	ok = ok && read_elements(cursor, open, rules, charset, collation, table);
	free(own_charset);
	free(own_collation);
	return ok;
}

/* Finishes the table, or frees it. */
static struct mi_table *end(struct mi_table *table, bool ok, struct mi_cursor *cursor,
                            struct mi_tokens *tokens, const char **why)
{
	*why = ok ? NULL : cursor->why ? cursor->why : "its end";
	mi_tokens_release(tokens);
	if (!ok) {
		mi_table_free(table);
		return NULL;
	}
	table->row_key = -1;
	mi_table_finish(table);
	return table;
}

struct mi_table *mi_evolve_create(struct mi_span text, const char *db, const char *name,
                                  const struct mi_evolve_rules *rules, const char *charset,
                                  const char *collation, const char **why)
{
	struct mi_tokens tokens;
	struct mi_cursor cursor;
	struct mi_table *table;

	if (!open_text(text, rules, &tokens, &cursor, why))
		return NULL;
	table = mi_alloc(sizeof *table);
	table->db = mi_strdup(db);
	table->name = mi_strdup(name);
	return end(table, read_create(&cursor, rules, charset, collation, table), &cursor, &tokens,
	           why);
}

/* ---- CREATE INDEX, DROP INDEX ---- */

static bool read_create_index(struct mi_cursor *cursor, struct mi_table *table)
{
	enum mi_key_kind kind = mi_cursor_take(cursor, "UNIQUE")     ? MI_KEY_UNIQUE
	                        : mi_cursor_take(cursor, "FULLTEXT") ? MI_KEY_FULLTEXT
	                        : mi_cursor_take(cursor, "SPATIAL")  ? MI_KEY_SPATIAL
	                                                             : MI_KEY_PLAIN;
	char *name;

	if (!mi_cursor_take(cursor, "INDEX") || mi_cursor_is(cursor, "IF"))
		return mi_cursor_fail(cursor, "a CREATE INDEX");
	name = mi_cursor_name(cursor);
	while (!mi_cursor_at_end(cursor) && !mi_cursor_is_punct(cursor, '('))
		cursor->at++;
	if (!name)
		return mi_cursor_fail(cursor, "a CREATE INDEX");
	return mi_evolve_key_columns(cursor, kind, name, table);
}

static bool read_drop_index(struct mi_cursor *cursor, struct mi_table *table)
{
	char *name;
	bool ok;

	if (!mi_cursor_take(cursor, "INDEX") || mi_cursor_is(cursor, "IF"))
		return mi_cursor_fail(cursor, "a DROP INDEX");
	name = mi_cursor_name(cursor);
	ok = name && mi_evolve_key_drop(table, name);
	free(name);
	return ok || mi_cursor_fail(cursor, "a DROP INDEX");
}

/* ---- ALTER TABLE ---- */

static bool read_alter(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                       struct mi_table *table)
{
	static const char *const if_exists[] = {"IF", "EXISTS", NULL};

	(void)mi_cursor_take(cursor, "ONLINE");
	(void)mi_cursor_take(cursor, "IGNORE");
	if (!mi_cursor_take(cursor, "TABLE"))
		return mi_cursor_fail(cursor, "an ALTER of what is no table");
	(void)mi_cursor_take_all(cursor, if_exists);
	if (!skip_name(cursor))
		return false;
	if (mi_cursor_take(cursor, "WAIT"))
		cursor->at++;
	(void)mi_cursor_take(cursor, "NOWAIT");
	return mi_evolve_change(cursor, rules, table);
}

static void forget_digest(struct mi_table *table)
{
	table->digest[0] = table->text_digest[0] = '\0';
	for (size_t i = 0; i < table->column_count; i++)
		table->columns[i].carried = table->columns[i].proven = false;
}

struct mi_table *mi_evolve_alter(const struct mi_table *before, struct mi_span text,
                                 const struct mi_evolve_rules *rules, const char **why)
{
	struct mi_tokens tokens;
	struct mi_cursor cursor;
	struct mi_table *table;
	bool ok;

	if (!open_text(text, rules, &tokens, &cursor, why))
		return NULL;
	table = mi_table_copy(before);
	forget_digest(table);
	if (mi_cursor_take(&cursor, "CREATE"))
		ok = read_create_index(&cursor, table);
	else if (mi_cursor_take(&cursor, "DROP"))
		ok = read_drop_index(&cursor, table);
	else
		ok = mi_cursor_take(&cursor, "ALTER") && read_alter(&cursor, rules, table);
	return end(table, ok, &cursor, &tokens, why);
}
