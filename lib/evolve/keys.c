/* The grammar is "CREATE TABLE", "CREATE INDEX" and "FOREIGN KEY Constraints" of both servers'
 * manuals. */
#include "evolve/keys.h"
#include "base/buf.h"
#include "evolve/cursor.h"
#include "sql/lexer.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

int mi_evolve_column_index(const struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (strcasecmp(table->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool mi_evolve_key_drop(struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->key_count; i++) {
		if (strcasecmp(table->keys[i].name, name) != 0)
			continue;
		mi_key_release(&table->keys[i]);
		memmove(&table->keys[i], &table->keys[i + 1],
		        (--table->key_count - i) * sizeof *table->keys);
		return true;
	}
	return false;
}

bool mi_evolve_fkey_drop(struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->fkey_count; i++) {
		struct mi_fkey *fkey = &table->fkeys[i];

		if (strcasecmp(fkey->name, name) != 0)
			continue;
		mi_fkey_release(fkey);
		memmove(fkey, fkey + 1, (--table->fkey_count - i) * sizeof *fkey);
		return true;
	}
	return false;
}

/* ---- Keys ---- */

/* A key without a name gets that of its first column, and a number behind it while that is taken.
 */
static char *new_name(const struct mi_table *table, const struct mi_key *key)
{
	const char *first = key->parts[0].column < 0 ? "functional_index"
	                                             : table->columns[key->parts[0].column].name;
	struct mi_buf name = {0};
	char *text;

	mi_buf_add_str(&name, first);
	for (unsigned number = 2;; number++) {
		bool taken = false;

		for (size_t i = 0; i < table->key_count; i++)
			taken = taken || strcasecmp(table->keys[i].name, mi_buf_cstr(&name)) == 0;
		if (!taken)
			break;
		mi_buf_reset(&name);
		mi_buf_addf(&name, "%s_%u", first, number);
	}
	text = mi_strdup(mi_buf_cstr(&name));
	mi_buf_release(&name);
	return text;
}

static void add_key(struct mi_table *table, struct mi_key *key)
{
	if (key->kind == MI_KEY_PRIMARY) {
		free(key->name);
		key->name = mi_strdup("PRIMARY");
		for (size_t i = 0; i < key->part_count; i++)
			if (key->parts[i].column >= 0)
				table->columns[key->parts[i].column].nullable = false;
	} else if (!key->name) {
		key->name = new_name(table, key);
	}
	*(struct mi_key *)mi_array_add(&table->keys, &table->key_count, sizeof *table->keys) = *key;
}

void mi_evolve_key_of(struct mi_table *table, enum mi_key_kind kind, int column)
{
	struct mi_key key = {.kind = kind};
	struct mi_key_part *part = mi_array_add(&key.parts, &key.part_count, sizeof *key.parts);

	part->column = column;
	add_key(table, &key);
}

static bool read_part(struct mi_cursor *cursor, const struct mi_table *table,
                      struct mi_key_part *part)
{
	char *name, *end;

	*part = (struct mi_key_part){.column = -1};
	if (mi_cursor_skip_brackets(cursor)) {
		/* an expression */
	} else {
		name = mi_cursor_name(cursor);
		part->column = name ? mi_evolve_column_index(table, name) : -1;
		free(name);
		if (part->column < 0)
			return mi_cursor_fail(cursor, "a key's column");
		if (mi_cursor_take_punct(cursor, '(')) {
			name = mi_token_name(mi_cursor_token(cursor, 0));
			part->prefix = (unsigned)strtoul(name, &end, 10);
			free(name);
			cursor->at++;
			if (part->prefix == 0 || !mi_cursor_take_punct(cursor, ')'))
				return mi_cursor_fail(cursor, "a key's prefix");
		}
	}
	part->descending = mi_cursor_take(cursor, "DESC");
	(void)mi_cursor_take(cursor, "ASC");
	return true;
}

/* Type and options of a key have no bearing on rows. */
static void skip_type(struct mi_cursor *cursor)
{
	if (mi_cursor_take_either(cursor, "USING", "TYPE"))
		cursor->at++;
}

/* MySQL says of a prefix that is as long as the column that the whole column is the key. */
static void settle_prefix(const struct mi_table *table, struct mi_key_part *part)
{
	const struct mi_column *column = part->column < 0 ? NULL : &table->columns[part->column];

	if (column && column->bytes > 0 && column->type == MI_TYPE_BINARY &&
	    part->prefix == column->bytes)
		part->prefix = 0;
}

bool mi_evolve_key_columns(struct mi_cursor *cursor, enum mi_key_kind kind, char *name,
                           struct mi_table *table)
{
	struct mi_key key = {.name = name, .kind = kind};
	bool ok = mi_cursor_take_punct(cursor, '(') || mi_cursor_fail(cursor, "a key");

	while (ok) {
		struct mi_key_part *part =
		    mi_array_add(&key.parts, &key.part_count, sizeof *key.parts);

		ok = read_part(cursor, table, part);
		settle_prefix(table, part);
		if (!ok || !mi_cursor_take_punct(cursor, ','))
			break;
	}
	ok = ok && (mi_cursor_take_punct(cursor, ')') || mi_cursor_fail(cursor, "a key"));
	if (!ok) {
		mi_key_release(&key);
		return false;
	}
	mi_cursor_skip_item(cursor);
	add_key(table, &key);
	return true;
}

/* ---- Foreign keys ---- */

/* "(a, b)" as an array of names. */
static bool read_names(struct mi_cursor *cursor, char ***names, size_t *count)
{
	if (!mi_cursor_take_punct(cursor, '('))
		return mi_cursor_fail(cursor, "a list of columns");
	do {
		char *name = mi_cursor_name(cursor);

		if (!name)
			return mi_cursor_fail(cursor, "a list of columns");
		*(char **)mi_array_add(names, count, sizeof **names) = name;
	} while (mi_cursor_take_punct(cursor, ','));
	return mi_cursor_take_punct(cursor, ')') || mi_cursor_fail(cursor, "a list of columns");
}

static bool read_reference(struct mi_cursor *cursor, const struct mi_table *table,
                           struct mi_fkey *fkey)
{
	if (!mi_cursor_take(cursor, "REFERENCES"))
		return mi_cursor_fail(cursor, "a foreign key");
	fkey->ref_db = mi_strdup(table->db);
	fkey->ref_table = mi_cursor_name(cursor);
	if (fkey->ref_table && mi_cursor_take_punct(cursor, '.')) {
		free(fkey->ref_db);
		fkey->ref_db = fkey->ref_table;
		fkey->ref_table = mi_cursor_name(cursor);
	}
	return fkey->ref_table || mi_cursor_fail(cursor, "a foreign key");
}

static const char *read_action(struct mi_cursor *cursor)
{
	static const char *const no_action[] = {"NO", "ACTION", NULL};
	static const char *const set_null[] = {"SET", "NULL", NULL};
	static const char *const set_default[] = {"SET", "DEFAULT", NULL};

	if (mi_cursor_take(cursor, "CASCADE"))
		return "CASCADE";
	if (mi_cursor_take(cursor, "RESTRICT"))
		return "RESTRICT";
	if (mi_cursor_take_all(cursor, no_action))
		return "NO ACTION";
	if (mi_cursor_take_all(cursor, set_null))
		return "SET NULL";
	return mi_cursor_take_all(cursor, set_default) ? "SET DEFAULT" : NULL;
}

static bool read_actions(struct mi_cursor *cursor, struct mi_fkey *fkey)
{
	const char *on_delete = "NO ACTION", *on_update = "NO ACTION";

	if (mi_cursor_take(cursor, "MATCH"))
		cursor->at++;
	while (mi_cursor_take(cursor, "ON")) {
		bool deletes = mi_cursor_take(cursor, "DELETE");
		const char **action = deletes ? &on_delete : &on_update;

		if (!deletes && !mi_cursor_take(cursor, "UPDATE"))
			return mi_cursor_fail(cursor, "a foreign key's action");
		*action = read_action(cursor);
		if (!*action)
			return mi_cursor_fail(cursor, "a foreign key's action");
	}
	fkey->on_delete = mi_strdup(on_delete);
	fkey->on_update = mi_strdup(on_update);
	return true;
}

/* Behind FOREIGN KEY. The server makes a key of the columns when there is none; rows are not told
 * apart by that. */
static bool read_fkey(struct mi_cursor *cursor, char *name, struct mi_table *table)
{
	struct mi_fkey *fkey =
	    mi_array_add(&table->fkeys, &table->fkey_count, sizeof *table->fkeys);
	size_t ref_count = 0;
	bool ok = true;

	fkey->name = name;
	if (!mi_cursor_is_punct(cursor, '(')) {
		char *other = mi_cursor_name(cursor);

		if (fkey->name)
			free(other);
		else
			fkey->name = other;
	}
	if (!fkey->name)
		fkey->name = mi_strdup("");
	ok = read_names(cursor, &fkey->columns, &fkey->column_count) &&
	     read_reference(cursor, table, fkey) &&
	     read_names(cursor, &fkey->ref_columns, &ref_count) && read_actions(cursor, fkey);
	/* freeing a table goes by the count of pairs */
	for (size_t i = ref_count; i < fkey->column_count; i++)
		*(char **)mi_array_add(&fkey->ref_columns, &ref_count, sizeof *fkey->ref_columns) =
		    NULL;
	while (ref_count > fkey->column_count)
		free(fkey->ref_columns[--ref_count]);
	return ok;
}

/* ---- One clause ---- */

bool mi_evolve_is_key(const struct mi_cursor *cursor)
{
	static const char *const words[] = {"CONSTRAINT", "PRIMARY", "UNIQUE",
	                                    "FULLTEXT",   "SPATIAL", "KEY",
	                                    "INDEX",      "FOREIGN", "CHECK"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mi_cursor_is(cursor, words[i]))
			return true;
	return false;
}

/* IF NOT EXISTS, a name, a type: what may stand before the columns. */
static char *read_head(struct mi_cursor *cursor, char *constraint)
{
	char *name = constraint;

	if (!mi_cursor_is_punct(cursor, '(') && !mi_cursor_is(cursor, "USING") &&
	    !mi_cursor_is(cursor, "TYPE")) {
		free(name);
		name = mi_cursor_name(cursor);
	}
	skip_type(cursor);
	return name;
}

bool mi_evolve_key_read(struct mi_cursor *cursor, struct mi_table *table)
{
	static const char *const foreign_key[] = {"FOREIGN", "KEY", NULL};
	static const char *const primary_key[] = {"PRIMARY", "KEY", NULL};
	char *name = NULL;
	enum mi_key_kind kind = MI_KEY_PLAIN;

	if (mi_cursor_take(cursor, "CONSTRAINT") && !mi_cursor_is(cursor, "PRIMARY") &&
	    !mi_cursor_is(cursor, "UNIQUE") && !mi_cursor_is(cursor, "FOREIGN") &&
	    !mi_cursor_is(cursor, "CHECK"))
		name = mi_cursor_name(cursor);
	if (mi_cursor_take_all(cursor, foreign_key))
		return read_fkey(cursor, name, table);
	if (mi_cursor_take(cursor, "CHECK")) {
		free(name);
		mi_cursor_skip_item(cursor);
		return true;
	}
	if (mi_cursor_take_all(cursor, primary_key))
		kind = MI_KEY_PRIMARY;
	else if (mi_cursor_take(cursor, "UNIQUE"))
		kind = MI_KEY_UNIQUE;
	else if (mi_cursor_take(cursor, "FULLTEXT"))
		kind = MI_KEY_FULLTEXT;
	else if (mi_cursor_take(cursor, "SPATIAL"))
		kind = MI_KEY_SPATIAL;
	(void)mi_cursor_take_either(cursor, "KEY", "INDEX");
	if (mi_cursor_is(cursor, "IF")) {
		free(name);
		return mi_cursor_fail(cursor, "a key that may be there already");
	}
	return mi_evolve_key_columns(cursor, kind, read_head(cursor, name), table);
}
