/* How the columns of an ALTER TABLE come to their places is what mysql_prepare_alter_table of both
 * servers does (sql/sql_table.cc): columns that stay, and those that are changed without a place,
 * keep their order; then, in the statement's order, each column with a place goes there, by the
 * names that the columns have by then, and each new one without a place goes to the end. */
#include "evolve/order.h"
#include "base/buf.h"
#include "evolve/column.h"
#include "evolve/cursor.h"
#include "evolve/keys.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

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

static int definition_of(const struct mi_evolve_changes *c, size_t old)
{
	for (size_t i = 0; i < c->definition_count; i++)
		if (c->definitions[i].old == (int)old)
			return (int)i;
	return -1;
}

static bool has_place(const struct mi_evolve_definition *d)
{
	return d->made.first || d->made.after;
}

static void put_old_ones(struct mi_evolve_changes *c, struct order *order)
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

static bool put_placed_ones(struct mi_evolve_changes *c, struct order *order)
{
	for (size_t i = 0; i < c->definition_count; i++) {
		struct mi_evolve_definition *d = &c->definitions[i];
		size_t at = d->made.first ? 0 : order->count;

		if (d->placed)
			continue;
		for (size_t j = 0; d->made.after && j <= order->count; j++) {
			if (j == order->count)
				return mi_cursor_fail(c->cursor, "an AFTER");
			if (strcasecmp(order->places[j].name, d->made.after) == 0) {
				at = j + 1;
				break;
			}
		}
		put(order, at, d->old, (int)i, d->made.column.name);
	}
	return true;
}

static bool is_unambiguous(struct mi_evolve_changes *c, const struct order *order)
{
	for (size_t i = 0; i < order->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(order->places[i].name, order->places[j].name) == 0)
				return mi_cursor_fail(c->cursor, "two columns of one name");
	for (size_t i = 0; i < c->definition_count; i++)
		for (size_t j = 0; j < i; j++)
			if (c->definitions[i].old >= 0 &&
			    c->definitions[i].old == c->definitions[j].old)
				return mi_cursor_fail(c->cursor, "a column that is changed twice");
	return order->count > 0 || mi_cursor_fail(c->cursor, "a table without columns");
}

/* CONVERT TO: all text of the table. Where characters get longer, servers take longer types. */
static bool convert(struct mi_evolve_changes *c, struct mi_column *column)
{
	struct mi_evolve_charset from, to;

	if (!column->charset || !c->rules->charset(c->rules->user, column->charset, &from) ||
	    !c->rules->charset(c->rules->user, c->convert_charset, &to))
		return !column->charset || mi_cursor_fail(c->cursor, "a character set");
	if (column->type == MI_TYPE_TEXT && to.most > from.most)
		return mi_cursor_fail(c->cursor, "a CONVERT that may change types");
	if (column->type == MI_TYPE_CHAR) {
		uint64_t bytes = (uint64_t)column->bytes / from.most * to.most;

		if (bytes > 65535)
			return mi_cursor_fail(c->cursor, "a CONVERT that may change types");
		column->bytes = (unsigned)bytes;
	}
	free(column->charset);
	free(column->collation);
	column->charset = mi_strdup(c->convert_charset);
	column->collation = mi_strdup(c->convert_collation);
	return true;
}

/* Moves the columns into the array of the new ones; what is left of the old ones is freed. */
static struct mi_column *make_columns(struct mi_evolve_changes *c, const struct order *order)
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
		mi_column_release(&table->columns[i]);
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
			mi_key_release(key);
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

static void move_fkeys(struct mi_evolve_changes *c, const struct order *order)
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

static bool add_keys(struct mi_evolve_changes *c, const struct order *order)
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

bool mi_evolve_carry_out(struct mi_evolve_changes *c)
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
