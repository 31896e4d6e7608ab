/* How the columns of an ALTER TABLE come to their places is what mysql_prepare_alter_table of both
 * servers does (sql/sql_table.cc): columns that stay, and those that are changed without a place,
 * keep their order; then, in the statement's order, each column with a place goes there, by the
 * names that the columns have by then, and each new one without a place goes to the end. */
#include "evolve/change.h"
#include "base/buf.h"
#include "evolve/column.h"
#include "evolve/cursor.h"
#include "evolve/keys.h"
#include "sql/lexer.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

/* ADD, CHANGE, MODIFY of a column. */
struct definition {
	struct mi_evolve_column made;
	int old; /* the column that it changes, in the table before; -1: it is a new one */
	bool placed;
};

struct old_column {
	bool dropped;
	char *renamed; /* RENAME COLUMN; NULL: not */
};

struct change {
	struct mi_cursor *cursor;
	const struct mi_evolve_rules *rules;
	struct mi_table *table;
	char *charset; /* of the table's default collation; NULL: not known */
	struct definition *definitions;
	size_t definition_count;
	struct old_column *old;
	size_t *keys; /* where ADD of a key begins */
	size_t key_count;
	char *convert_charset, *convert_collation;
};

static void release(struct change *c)
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

static bool fail(struct change *c, const char *why)
{
	return mi_cursor_fail(c->cursor, why);
}

static bool take(struct change *c, const char *word)
{
	return mi_cursor_take(c->cursor, word);
}

static bool take_if_exists(struct change *c)
{
	static const char *const words[] = {"IF", "EXISTS", NULL};

	return mi_cursor_take_all(c->cursor, words);
}

/* Takes the name of a column of the table before; -1: there is none of that name. */
static int old_column(struct change *c)
{
	char *name = mi_cursor_name(c->cursor);
	int index = name ? mi_evolve_column_index(c->table, name) : -1;

	free(name);
	return index;
}

/* ---- Columns ---- */

static bool read_column(struct change *c, char *name, int old)
{
	struct definition *d =
	    mi_array_add(&c->definitions, &c->definition_count, sizeof *c->definitions);

	*d = (struct definition){.made = {.column = {.name = name}}, .old = old};
	if (!name)
		return fail(c, "a column's name");
	return mi_evolve_column_read(c->cursor, c->rules, c->charset, c->table->collation,
	                             &d->made);
}

static bool add_column(struct change *c)
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

static bool note_key(struct change *c)
{
	*(size_t *)mi_array_add(&c->keys, &c->key_count, sizeof *c->keys) = c->cursor->at;
	mi_cursor_skip_item(c->cursor);
	return true;
}

/* ADD (a INT, KEY (a)) */
static bool add_list(struct change *c)
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

static bool read_add(struct change *c)
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

static bool read_modify(struct change *c)
{
	bool maybe;
	int old;

	(void)take(c, "COLUMN");
	maybe = take_if_exists(c);
	old = old_column(c);
	if (old < 0 && maybe) {
		mi_cursor_skip_item(c->cursor);
		return true;
	}
	return old < 0 ? fail(c, "a column that was not there")
	               : read_column(c, mi_strdup(c->table->columns[old].name), old);
}

static bool read_change(struct change *c)
{
	bool maybe;
	int old;

	(void)take(c, "COLUMN");
	maybe = take_if_exists(c);
	old = old_column(c);
	if (old < 0 && maybe) {
		mi_cursor_skip_item(c->cursor);
		return true;
	}
	return old < 0 ? fail(c, "a column that was not there")
	               : read_column(c, mi_cursor_name(c->cursor), old);
}

static bool drop_column(struct change *c)
{
	bool maybe = take_if_exists(c);
	int old = old_column(c);

	if (old >= 0)
		c->old[old].dropped = true;
	(void)mi_cursor_take_either(c->cursor, "CASCADE", "RESTRICT");
	return old >= 0 || maybe || fail(c, "a column that was not there");
}

static bool drop_key(struct change *c, bool (*drop)(struct mi_table *table, const char *name),
                     bool must)
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

static bool read_drop(struct change *c)
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

static bool rename_column(struct change *c)
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

static bool rename_key(struct change *c)
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

static bool read_rename(struct change *c)
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
static bool read_default(struct change *c, bool collates)
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

static bool read_convert(struct change *c)
{
	static const char *const character_set[] = {"CHARACTER", "SET", NULL};
	struct mi_evolve_charset found;

	if (!take(c, "TO") ||
	    (!mi_cursor_take_all(c->cursor, character_set) && !take(c, "CHARSET")))
		return fail(c, "a CONVERT");
	c->convert_charset = mi_evolve_charset_name(c->cursor);
	if (!c->convert_charset || !c->rules->charset(c->rules->user, c->convert_charset, &found))
		return fail(c, "a character set");
	c->convert_collation =
	    take(c, "COLLATE") ? mi_evolve_charset_name(c->cursor) : mi_strdup(found.collation);
	if (!c->convert_collation)
		return fail(c, "a COLLATE");
	free(c->table->collation);
	c->table->collation = mi_strdup(c->convert_collation);
	return true;
}

/* ALTER [COLUMN] a SET DEFAULT 1, SET INVISIBLE; ALTER INDEX, CHECK, CONSTRAINT. */
static bool read_alter(struct change *c)
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
static bool skip_clause(struct change *c)
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
static bool read_option(struct change *c)
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

static bool read_clause(struct change *c)
{
	if (take(c, "ADD"))
		return read_add(c);
	if (take(c, "MODIFY"))
		return read_modify(c);
	if (take(c, "CHANGE"))
		return read_change(c);
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

static bool read_clauses(struct change *c)
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

/* ---- Putting the columns in order ---- */

/* The new columns: each is an old one, under its new name, or a definition. */
struct order {
	struct place {
		int old, definition; /* -1: none */
		const char *name;
	} * places;
	size_t count;
};

static void put(struct order *order, size_t at, int old, int definition, const char *name)
{
	(void)mi_array_add(&order->places, &order->count, sizeof *order->places);
	memmove(&order->places[at + 1], &order->places[at],
	        (order->count - 1 - at) * sizeof *order->places);
	order->places[at] = (struct place){old, definition, name};
}

static int definition_of(const struct change *c, size_t old)
{
	for (size_t i = 0; i < c->definition_count; i++)
		if (c->definitions[i].old == (int)old)
			return (int)i;
	return -1;
}

static bool has_place(const struct definition *d)
{
	return d->made.first || d->made.after;
}

static void put_old_ones(struct change *c, struct order *order)
{
	for (size_t i = 0; i < c->table->column_count; i++) {
		int changed = definition_of(c, i);

		if (c->old[i].dropped)
			continue;
		if (changed < 0) {
			put(order, order->count, (int)i, -1,
			    c->old[i].renamed ? c->old[i].renamed : c->table->columns[i].name);
		} else if (!has_place(&c->definitions[changed])) {
			put(order, order->count, (int)i, changed,
			    c->definitions[changed].made.column.name);
			c->definitions[changed].placed = true;
		}
	}
}

static bool put_placed_ones(struct change *c, struct order *order)
{
	for (size_t i = 0; i < c->definition_count; i++) {
		struct definition *d = &c->definitions[i];
		size_t at = d->made.first ? 0 : order->count;

		if (d->placed)
			continue;
		for (size_t j = 0; d->made.after && j <= order->count; j++) {
			if (j == order->count)
				return fail(c, "an AFTER");
			if (strcasecmp(order->places[j].name, d->made.after) == 0) {
				at = j + 1;
				break;
			}
		}
		put(order, at, d->old, (int)i, d->made.column.name);
	}
	return true;
}

static bool is_unambiguous(struct change *c, const struct order *order)
{
	for (size_t i = 0; i < order->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(order->places[i].name, order->places[j].name) == 0)
				return fail(c, "two columns of one name");
	for (size_t i = 0; i < c->definition_count; i++)
		for (size_t j = 0; j < i; j++)
			if (c->definitions[i].old >= 0 &&
			    c->definitions[i].old == c->definitions[j].old)
				return fail(c, "a column that is changed twice");
	return order->count > 0 || fail(c, "a table without columns");
}

/* CONVERT TO: all text of the table. Where characters get longer, servers take longer types. */
static bool convert(struct change *c, struct mi_column *column)
{
	struct mi_evolve_charset from, to;

	if (!column->charset || !c->rules->charset(c->rules->user, column->charset, &from) ||
	    !c->rules->charset(c->rules->user, c->convert_charset, &to))
		return !column->charset || fail(c, "a character set");
	if (column->type == MI_TYPE_TEXT && to.most > from.most)
		return fail(c, "a CONVERT that may change types");
	if (column->type == MI_TYPE_CHAR) {
		uint64_t bytes = (uint64_t)column->bytes / from.most * to.most;

		if (bytes > 65535)
			return fail(c, "a CONVERT that may change types");
		column->bytes = (unsigned)bytes;
	}
	free(column->charset);
	free(column->collation);
	column->charset = mi_strdup(c->convert_charset);
	column->collation = mi_strdup(c->convert_collation);
	return true;
}

/* Moves the columns into the array of the new ones; what is left of the old ones is freed. */
static struct mi_column *make_columns(struct change *c, const struct order *order)
{
	struct mi_column *columns = mi_array_new(order->count, sizeof *columns);
	struct mi_table *table = c->table;

	for (size_t i = 0; i < order->count; i++) {
		const struct place *place = &order->places[i];
		struct mi_column *from = place->definition >= 0
		                             ? &c->definitions[place->definition].made.column
		                             : &table->columns[place->old];

		columns[i] = *from;
		*from = (struct mi_column){0};
		if (place->definition < 0 && c->old[place->old].renamed) {
			free(columns[i].name);
			columns[i].name = mi_strdup(c->old[place->old].renamed);
		}
	}
	for (size_t i = 0; i < table->column_count; i++) {
		free(table->columns[i].name);
		free(table->columns[i].type_text);
		free(table->columns[i].charset);
		free(table->columns[i].collation);
		free(c->old[i].renamed);
		c->old[i].renamed = NULL;
	}
	free(table->columns);
	return columns;
}

/* ---- What refers to columns ---- */

static int new_index(const struct order *order, int old)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->places[i].old == old)
			return (int)i;
	return -1;
}

/* A key loses the columns that are dropped, and goes with its last one. */
static void move_keys(struct mi_table *table, const struct order *order)
{
	size_t left = 0;

	for (size_t i = 0; i < table->key_count; i++) {
		struct mi_key *key = &table->keys[i];
		size_t parts = 0;

		for (size_t j = 0; j < key->part_count; j++) {
			struct mi_key_part part = key->parts[j];

			if (part.column >= 0 && (part.column = new_index(order, part.column)) < 0)
				continue;
			key->parts[parts++] = part;
		}
		key->part_count = parts;
		if (parts > 0) {
			struct mi_key moved = *key;

			table->keys[left++] = moved;
		} else {
			free(key->name);
			free(key->parts);
		}
	}
	table->key_count = left;
}

/* Foreign keys name their columns; those of renamed ones are renamed, in the table itself also
 * where it refers to itself. */
static void rename_in_fkeys(struct mi_table *table, const char *from, const char *to)
{
	for (size_t i = 0; i < table->fkey_count; i++) {
		struct mi_fkey *fkey = &table->fkeys[i];
		bool itself = strcmp(fkey->ref_table, table->name) == 0 &&
		              strcmp(fkey->ref_db, table->db) == 0;

		for (size_t j = 0; j < fkey->column_count; j++) {
			if (strcasecmp(fkey->columns[j], from) == 0) {
				free(fkey->columns[j]);
				fkey->columns[j] = mi_strdup(to);
			}
			if (itself && strcasecmp(fkey->ref_columns[j], from) == 0) {
				free(fkey->ref_columns[j]);
				fkey->ref_columns[j] = mi_strdup(to);
			}
		}
	}
}

static void move_fkeys(struct change *c, const struct order *order)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct place *place = &order->places[i];

		if (place->old >= 0 && strcmp(c->table->columns[place->old].name, place->name) != 0)
			rename_in_fkeys(c->table, c->table->columns[place->old].name, place->name);
	}
}

/* Columns of the primary key are NOT NULL, whatever their new clause says. */
static void keep_not_null(struct mi_table *table)
{
	for (size_t i = 0; i < table->key_count; i++)
		for (size_t j = 0; j < table->keys[i].part_count; j++)
			if (table->keys[i].kind == MI_KEY_PRIMARY &&
			    table->keys[i].parts[j].column >= 0)
				table->columns[table->keys[i].parts[j].column].nullable = false;
}

static bool add_keys(struct change *c, const struct order *order)
{
	for (size_t i = 0; i < order->count; i++) {
		int d = order->places[i].definition;

		if (d >= 0 && c->definitions[d].made.primary)
			mi_evolve_key_of(c->table, MI_KEY_PRIMARY, (int)i);
		if (d >= 0 && c->definitions[d].made.unique)
			mi_evolve_key_of(c->table, MI_KEY_UNIQUE, (int)i);
	}
	for (size_t i = 0; i < c->key_count; i++) {
		c->cursor->at = c->keys[i];
		if (!mi_evolve_key_read(c->cursor, c->table))
			return false;
	}
	return true;
}

static bool carry_out(struct change *c)
{
	struct order order = {0};
	struct mi_column *columns;
	bool ok;

	put_old_ones(c, &order);
	ok = put_placed_ones(c, &order) && is_unambiguous(c, &order);
	if (ok) {
		move_fkeys(c, &order);
		move_keys(c->table, &order);
		columns = make_columns(c, &order);
		c->table->columns = columns;
		/* release() goes by the old columns' count: they are all gone */
		free(c->old);
		c->old = NULL;
		c->table->column_count = order.count;
		for (size_t i = 0; i < order.count && ok && c->convert_charset; i++)
			ok = convert(c, &columns[i]);
		ok = ok && add_keys(c, &order);
		keep_not_null(c->table);
	}
	free(order.places);
	return ok;
}

bool mi_evolve_change(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                      struct mi_table *table)
{
	struct change c = {.cursor = cursor, .rules = rules, .table = table};
	bool ok;

	c.charset = mi_evolve_charset_of(table->collation);
	c.old = mi_alloc(table->column_count * sizeof *c.old);
	ok = read_clauses(&c) && carry_out(&c);
	release(&c);
	return ok;
}
