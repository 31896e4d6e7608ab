/* The clauses are those of "ALTER TABLE" in both servers' manuals. What they do together is done by
 * evolve/order.h. */
#include "evolve/change.h"
#include "base/buf.h"
#include "evolve/column.h"
#include "evolve/cursor.h"
#include "evolve/keys.h"
#include "evolve/order.h"
#include "sql/lexer.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

static void release(struct mi_evolve_changes *c)
{
	for (size_t i = 0; i < c->definition_count; i++)
		mi_evolve_column_release(&c->definitions[i].made);
	for (size_t i = 0; i < c->table->column_count && c->old; i++)
		free(c->old[i].renamed);
	free(c->definitions);
	free(c->old);
	free(c->keys);
	free(c->charset);
	free(c->convert_charset);
	free(c->convert_collation);
}

static bool fail(struct mi_evolve_changes *c, const char *why)
{
	return mi_cursor_fail(c->cursor, why);
}

static bool take(struct mi_evolve_changes *c, const char *word)
{
	return mi_cursor_take(c->cursor, word);
}

static bool take_if_exists(struct mi_evolve_changes *c)
{
	static const char *const words[] = {"IF", "EXISTS", NULL};

	return mi_cursor_take_all(c->cursor, words);
}

/* Takes the name of a column of the table before; -1: there is none of that name. */
static int old_column(struct mi_evolve_changes *c)
{
	char *name = mi_cursor_name(c->cursor);
	int index = name ? mi_evolve_column_index(c->table, name) : -1;

	free(name);
	return index;
}

/* ---- Columns ---- */

static bool read_column(struct mi_evolve_changes *c, char *name, int old)
{
	struct mi_evolve_definition *d =
	    mi_array_add(&c->definitions, &c->definition_count, sizeof *c->definitions);

	*d = (struct mi_evolve_definition){.made = {.column = {.name = name}}, .old = old};
	if (!name)
		return fail(c, "a column's name");
	return mi_evolve_column_read(c->cursor, c->rules, c->charset, c->table->collation,
	                             &d->made);
}

static bool add_column(struct mi_evolve_changes *c)
{
	static const char *const unless[] = {"IF", "NOT", "EXISTS", NULL};
	bool maybe = mi_cursor_take_all(c->cursor, unless);
	char *name = mi_cursor_name(c->cursor);

	if (maybe && name && mi_evolve_column_index(c->table, name) >= 0) {
		free(name);
		mi_cursor_skip_item(c->cursor);
		return true;
	}
	return read_column(c, name, -1);
}

static bool note_key(struct mi_evolve_changes *c)
{
	*(size_t *)mi_array_add(&c->keys, &c->key_count, sizeof *c->keys) = c->cursor->at;
	mi_cursor_skip_item(c->cursor);
	return true;
}

/* ADD (a INT, KEY (a)) */
static bool add_list(struct mi_evolve_changes *c)
{
	do {
		if (!(mi_evolve_is_key(c->cursor) ? note_key(c) : add_column(c)))
			return false;
	} while (mi_cursor_take_punct(c->cursor, ','));
	return mi_cursor_take_punct(c->cursor, ')') || fail(c, "a list of columns");
}

/* Parts of a table, and what is in them, are no matter of its columns. */
static bool is_of_partitions(const struct mi_cursor *cursor)
{
	return mi_cursor_is(cursor, "PARTITION") || mi_cursor_is(cursor, "PARTITIONING");
}

static bool read_add(struct mi_evolve_changes *c)
{
	if (take(c, "COLUMN"))
		return mi_cursor_take_punct(c->cursor, '(') ? add_list(c) : add_column(c);
	if (mi_cursor_take_punct(c->cursor, '('))
		return add_list(c);
	if (mi_evolve_is_key(c->cursor))
		return note_key(c);
	if (is_of_partitions(c->cursor)) {
		c->cursor->at = c->cursor->end;
		return true;
	}
	if (mi_cursor_is(c->cursor, "PERIOD") || mi_cursor_is(c->cursor, "SYSTEM"))
		return fail(c, "versions of rows");
	return add_column(c);
}

/* MODIFY of a column, or CHANGE, which gives it a name. */
static bool redefine(struct mi_evolve_changes *c, bool renames)
{
	struct mi_cursor before;
	bool maybe;
	int old;

	(void)take(c, "COLUMN");
	maybe = take_if_exists(c);
	before = *c->cursor;
	old = old_column(c);
	if (old < 0 && maybe) {
		mi_cursor_skip_item(c->cursor);
		return true;
	}
	if (old < 0)
		return fail(c, "a column that was not there");
	/* MODIFY gives the column its name anew, in the letters of this statement */
	return read_column(c, mi_cursor_name(renames ? c->cursor : &before), old);
}

static bool drop_column(struct mi_evolve_changes *c)
{
	bool maybe = take_if_exists(c);
	int old = old_column(c);

	if (old >= 0)
		c->old[old].dropped = true;
	(void)mi_cursor_take_either(c->cursor, "CASCADE", "RESTRICT");
	return old >= 0 || maybe || fail(c, "a column that was not there");
}

static bool drop_key(struct mi_evolve_changes *c,
                     bool (*drop)(struct mi_table *table, const char *name), bool must)
{
	bool maybe = take_if_exists(c), found;
	char *name = mi_cursor_name(c->cursor);

	found = name && drop(c->table, name);
	free(name);
	return found || maybe || !must || fail(c, "a key that was not there");
}

/* DROP CONSTRAINT may be of a key, a foreign key or a CHECK. */
static bool drop_constraint(struct mi_table *table, const char *name)
{
	return mi_evolve_fkey_drop(table, name) || mi_evolve_key_drop(table, name);
}

static bool read_drop(struct mi_evolve_changes *c)
{
	static const char *const primary_key[] = {"PRIMARY", "KEY", NULL};
	static const char *const foreign_key[] = {"FOREIGN", "KEY", NULL};

	if (take(c, "COLUMN"))
		return drop_column(c);
	if (mi_cursor_take_all(c->cursor, primary_key))
		return mi_evolve_key_drop(c->table, "PRIMARY") ||
		       fail(c, "a key that was not there");
	if (mi_cursor_take_all(c->cursor, foreign_key))
		return drop_key(c, mi_evolve_fkey_drop, false);
	if (mi_cursor_take_either(c->cursor, "KEY", "INDEX"))
		return drop_key(c, mi_evolve_key_drop, true);
	if (mi_cursor_take_either(c->cursor, "CONSTRAINT", "CHECK"))
		return drop_key(c, drop_constraint, false);
	if (is_of_partitions(c->cursor)) {
		c->cursor->at = c->cursor->end;
		return true;
	}
	if (mi_cursor_is(c->cursor, "PERIOD") || mi_cursor_is(c->cursor, "SYSTEM"))
		return fail(c, "versions of rows");
	return drop_column(c);
}

static bool rename_column(struct mi_evolve_changes *c)
{
	bool maybe = take_if_exists(c);
	int old = old_column(c);
	char *name = take(c, "TO") ? mi_cursor_name(c->cursor) : NULL;

	if (old < 0 || !name || c->old[old].renamed) {
		free(name);
		return (old < 0 && maybe) || fail(c, "a column's new name");
	}
	c->old[old].renamed = name;
	return true;
}

static bool rename_key(struct mi_evolve_changes *c)
{
	bool maybe = take_if_exists(c);
	char *from = mi_cursor_name(c->cursor);
	char *to = take(c, "TO") ? mi_cursor_name(c->cursor) : NULL;
	bool found = false;

	for (size_t i = 0; i < c->table->key_count && from && to && !found; i++) {
		struct mi_key *key = &c->table->keys[i];

		found = strcasecmp(key->name, from) == 0;
		if (found) {
			free(key->name);
			key->name = to;
			to = NULL;
		}
	}
	free(from);
	free(to);
	return found || maybe || fail(c, "a key that was not there");
}

static bool read_rename(struct mi_evolve_changes *c)
{
	if (take(c, "COLUMN"))
		return rename_column(c);
	if (mi_cursor_take_either(c->cursor, "KEY", "INDEX"))
		return rename_key(c);
	mi_cursor_skip_item(c->cursor); /* the table */
	return true;
}

/* ---- What is not about single columns ---- */

/* The new default counts for the columns of later statements. */
static bool read_default(struct mi_evolve_changes *c, bool collates)
{
	char *name = mi_evolve_charset_name(c->cursor);
	struct mi_evolve_charset found;
	const char *collation = name;

	if (!name)
		return fail(c, "a character set");
	if (!collates) {
		if (!c->rules->charset(c->rules->user, name, &found)) {
			free(name);
			return fail(c, "a character set");
		}
		collation = found.collation;
	}
	free(c->table->collation);
	c->table->collation = mi_strdup(collation);
	free(name);
	return true;
}

static bool read_convert(struct mi_evolve_changes *c)
{
	static const char *const character_set[] = {"CHARACTER", "SET", NULL};
	struct mi_evolve_charset found;

	if (!take(c, "TO") ||
	    (!mi_cursor_take_all(c->cursor, character_set) && !take(c, "CHARSET")))
		return fail(c, "a CONVERT");
	c->convert_charset = mi_evolve_charset_name(c->cursor);
	if (!c->convert_charset || !c->rules->charset(c->rules->user, c->convert_charset, &found))
		return fail(c, "a character set");
	if (strcmp(c->convert_charset, "binary") == 0) /* text becomes bytes */
		return fail(c, "text of bytes");
	c->convert_collation =
	    take(c, "COLLATE") ? mi_evolve_charset_name(c->cursor) : mi_strdup(found.collation);
	if (!c->convert_collation)
		return fail(c, "a COLLATE");
	free(c->table->collation);
	c->table->collation = mi_strdup(c->convert_collation);
	return true;
}

/* ALTER [COLUMN] a SET DEFAULT 1, SET INVISIBLE; ALTER INDEX, CHECK, CONSTRAINT. */
static bool read_alter(struct mi_evolve_changes *c)
{
	static const char *const set_visible[] = {"SET", "VISIBLE", NULL};
	static const char *const set_invisible[] = {"SET", "INVISIBLE", NULL};
	int old;

	if (mi_cursor_is(c->cursor, "INDEX") || mi_cursor_is(c->cursor, "KEY") ||
	    mi_cursor_is(c->cursor, "CHECK") || mi_cursor_is(c->cursor, "CONSTRAINT")) {
		mi_cursor_skip_item(c->cursor);
		return true;
	}
	(void)take(c, "COLUMN");
	(void)take_if_exists(c);
	old = old_column(c);
	if (old < 0)
		return fail(c, "a column that was not there");
	if (mi_cursor_take_all(c->cursor, set_visible))
		c->table->columns[old].invisible = false;
	else if (mi_cursor_take_all(c->cursor, set_invisible))
		c->table->columns[old].invisible = true;
	else
		mi_cursor_skip_item(c->cursor);
	return true;
}

/* Clauses that leave columns and keys as they are. "KEY = value" is an option; those of partitions
 * are the last of a statement. */
static bool skip_clause(struct mi_evolve_changes *c)
{
	static const char *const words[] = {
	    "ALGORITHM",
	    "AUTO_INCREMENT",
	    "AUTOEXTEND_SIZE",
	    "AVG_ROW_LENGTH",
	    "CHECKSUM",
	    "COMMENT",
	    "COMPRESSION",
	    "CONNECTION",
	    "DELAY_KEY_WRITE",
	    "DISABLE",
	    "ENABLE",
	    "ENCRYPTED",
	    "ENCRYPTION",
	    "ENGINE",
	    "ENGINE_ATTRIBUTE",
	    "FORCE",
	    "INSERT_METHOD",
	    "KEY_BLOCK_SIZE",
	    "LOCK",
	    "MAX_ROWS",
	    "MIN_ROWS",
	    "ORDER",
	    "PACK_KEYS",
	    "PAGE_COMPRESSED",
	    "ROW_FORMAT",
	    "STATS_PERSISTENT",
	    "STATS_AUTO_RECALC",
	    "STATS_SAMPLE_PAGES",
	    "TABLESPACE",
	    "TRANSACTIONAL",
	    "WITHOUT",
	    "WITH",
	};
	static const char *const partitions[] = {"ANALYZE",   "CHECK",   "COALESCE", "OPTIMIZE",
	                                         "PARTITION", "REBUILD", "REMOVE",   "REORGANIZE",
	                                         "REPAIR",    "TRUNCATE"};

	for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
		if (mi_cursor_is(c->cursor, partitions[i])) {
			c->cursor->at = c->cursor->end;
			return true;
		}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mi_cursor_is(c->cursor, words[i])) {
			if (strcmp(words[i], "WITH") == 0 &&
			    mi_lexeme_is_word(mi_cursor_token(c->cursor, 1), "SYSTEM"))
				return fail(c, "versions of rows");
			mi_cursor_skip_item(c->cursor);
			return true;
		}
	return fail(c, "a clause of ALTER TABLE");
}

/* Options may follow each other without commas: the first is skipped with the others, unless one of
 * them sets the default character set. */
static bool read_option(struct mi_evolve_changes *c)
{
	static const char *const character_set[] = {"CHARACTER", "SET", NULL};

	(void)take(c, "DEFAULT");
	if (mi_cursor_take_all(c->cursor, character_set) || take(c, "CHARSET"))
		return read_default(c, false);
	if (take(c, "COLLATE"))
		return read_default(c, true);
	for (size_t i = 0; mi_cursor_token(c->cursor, i)->kind != MI_LEX_END &&
	                   !mi_lexeme_is_punct(mi_cursor_token(c->cursor, i), ',');
	     i++)
		if (i > 0 && (mi_lexeme_is_word(mi_cursor_token(c->cursor, i), "CHARSET") ||
		              mi_lexeme_is_word(mi_cursor_token(c->cursor, i), "COLLATE") ||
		              mi_lexeme_is_word(mi_cursor_token(c->cursor, i), "CHARACTER")))
			return fail(c, "options without commas");
	return skip_clause(c);
}

static bool read_clause(struct mi_evolve_changes *c)
{
	if (take(c, "ADD"))
		return read_add(c);
	if (take(c, "MODIFY"))
		return redefine(c, false);
	if (take(c, "CHANGE"))
		return redefine(c, true);
	if (take(c, "DROP"))
		return read_drop(c);
	if (take(c, "RENAME"))
		return read_rename(c);
	if (take(c, "CONVERT"))
		return read_convert(c);
	if (take(c, "ALTER"))
		return read_alter(c);
	return read_option(c);
}

static bool read_clauses(struct mi_evolve_changes *c)
{
	while (!mi_cursor_at_end(c->cursor)) {
		if (!read_clause(c))
			return false;
		/* options may follow each other without a comma */
		if (!mi_cursor_take_punct(c->cursor, ',') && !mi_cursor_at_end(c->cursor) &&
		    !is_of_partitions(c->cursor) && !mi_cursor_is(c->cursor, "DEFAULT") &&
		    !mi_cursor_is(c->cursor, "COLLATE"))
			return fail(c, "the end of a clause");
	}
	return true;
}

bool mi_evolve_change(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                      struct mi_table *table)
{
	struct mi_evolve_changes c = {.cursor = cursor, .rules = rules, .table = table};
	bool ok;

	c.charset = mi_evolve_charset_of(table->collation);
	c.old = mi_alloc(table->column_count * sizeof *c.old);
	ok = read_clauses(&c) && mi_evolve_carry_out(&c);
	release(&c);
	return ok;
}
