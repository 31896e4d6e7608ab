#include "table/table.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/words.h"

#include <stdlib.h>

static const char *const type_names[MI_TYPE_COUNT + 1] = {
    [MI_TYPE_INT] = "int",           [MI_TYPE_DECIMAL] = "decimal",
    [MI_TYPE_FLOAT] = "float",       [MI_TYPE_DOUBLE] = "double",
    [MI_TYPE_BIT] = "bit",           [MI_TYPE_YEAR] = "year",
    [MI_TYPE_DATE] = "date",         [MI_TYPE_TIME] = "time",
    [MI_TYPE_DATETIME] = "datetime", [MI_TYPE_TIMESTAMP] = "timestamp",
    [MI_TYPE_CHAR] = "char",         [MI_TYPE_TEXT] = "text",
    [MI_TYPE_BINARY] = "binary",     [MI_TYPE_BLOB] = "blob",
    [MI_TYPE_ENUM] = "enum",         [MI_TYPE_SET] = "set",
    [MI_TYPE_JSON] = "json",         [MI_TYPE_GEOMETRY] = "geometry",
    [MI_TYPE_UUID] = "uuid",         [MI_TYPE_INET] = "inet",
    [MI_TYPE_VECTOR] = "vector",     [MI_TYPE_COUNT] = NULL,
};

const char *mi_type_name(enum mi_type type)
{
	return type_names[type];
}

bool mi_type_parse(struct mi_span name, enum mi_type *type)
{
	int index = mi_word_index(name, type_names);

	if (index < 0)
		return false;
	*type = (enum mi_type)index;
	return true;
}

bool mi_type_is_number(enum mi_type type)
{
	switch (type) {
	case MI_TYPE_INT:
	case MI_TYPE_DECIMAL:
	case MI_TYPE_FLOAT:
	case MI_TYPE_DOUBLE:
	case MI_TYPE_BIT:
	case MI_TYPE_YEAR:
	case MI_TYPE_ENUM:
	case MI_TYPE_SET:
		return true;
	default:
		return false;
	}
}

bool mi_table_span_is_ours(struct mi_span name)
{
	return name.len >= 4 && memcmp(name.data, "_mi_", 4) == 0;
}

bool mi_table_is_ours(const char *name)
{
	return mi_table_span_is_ours(mi_span_str(name));
}

void mi_column_release(struct mi_column *column)
{
	free(column->name);
	free(column->type_text);
	free(column->charset);
	free(column->collation);
}

void mi_key_release(struct mi_key *key)
{
	free(key->name);
	free(key->parts);
}

void mi_fkey_release(struct mi_fkey *fkey)
{
	for (size_t i = 0; i < fkey->column_count; i++) {
		free(fkey->columns[i]);
		free(fkey->ref_columns[i]);
	}
	free(fkey->columns);
	free(fkey->ref_columns);
	free(fkey->name);
	free(fkey->ref_db);
	free(fkey->ref_table);
	free(fkey->on_update);
	free(fkey->on_delete);
}

void mi_table_free(struct mi_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->column_count; i++)
		mi_column_release(&table->columns[i]);
	for (size_t i = 0; i < table->key_count; i++)
		mi_key_release(&table->keys[i]);
	for (size_t i = 0; i < table->fkey_count; i++)
		mi_fkey_release(&table->fkeys[i]);
	free(table->columns);
	free(table->keys);
	free(table->fkeys);
	free(table->db);
	free(table->name);
	free(table->engine);
	free(table->collation);
	free(table);
}

void mi_tables_release(struct mi_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		mi_table_free(tables->items[i]);
	free(tables->items);
	*tables = (struct mi_tables){0};
}

bool mi_table_computes(const struct mi_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].generated != MI_NOT_GENERATED)
			return true;
	for (size_t i = 0; i < table->key_count; i++)
		for (size_t k = 0; k < table->keys[i].part_count; k++)
			if (table->keys[i].parts[k].column < 0)
				return true;
	return false;
}

struct mi_table *mi_tables_find(const struct mi_tables *tables, const char *db, const char *name)
{
	for (size_t i = 0; i < tables->count; i++) {
		struct mi_table *table = tables->items[i];

		if (strcmp(table->name, name) == 0 && strcmp(table->db, db) == 0)
			return table;
	}
	return NULL;
}

struct mi_table *mi_tables_by_id(const struct mi_tables *tables, uint32_t id)
{
	/* streams number tables from 1 in order, so that the place is nearly always known */
	if (id > 0 && id <= tables->count && tables->items[id - 1]->id == id)
		return tables->items[id - 1];
	for (size_t i = 0; i < tables->count; i++)
		if (tables->items[i]->id == id)
			return tables->items[i];
	return NULL;
}

int mi_table_column(const struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

size_t mi_table_place(const struct mi_table *table, int column)
{
	size_t place = 0;

	for (int i = 0; i < column; i++)
		place += table->columns[i].carried;
	return place;
}

const struct mi_key *mi_table_row_key(const struct mi_table *table)
{
	return table->row_key < 0 ? NULL : &table->keys[table->row_key];
}

/* Whole, NOT NULL columns only: two rows can then never share a key. */
static bool can_identify(const struct mi_table *table, const struct mi_key *key)
{
	if (key->kind != MI_KEY_PRIMARY && key->kind != MI_KEY_UNIQUE)
		return false;
	for (size_t i = 0; i < key->part_count; i++) {
		const struct mi_key_part *part = &key->parts[i];

		if (part->column < 0 || part->prefix > 0 || table->columns[part->column].nullable)
			return false;
	}
	return key->part_count > 0;
}

/* Bytes of a key's columns as far as the definition tells; a type whose width it does not tell
 * counts as 8, the widest integer. */
static size_t key_width(const struct mi_table *table, const struct mi_key *key)
{
	size_t width = 0;

	for (size_t i = 0; i < key->part_count; i++) {
		unsigned bytes = table->columns[key->parts[i].column].bytes;

		width += bytes ? bytes : 8;
	}
	return width;
}

static bool is_better_key(const struct mi_table *table, const struct mi_key *a,
                          const struct mi_key *b)
{
	size_t width_a, width_b;

	if (!b)
		return true;
	if ((a->kind == MI_KEY_PRIMARY) != (b->kind == MI_KEY_PRIMARY))
		return a->kind == MI_KEY_PRIMARY;
	if (a->part_count != b->part_count)
		return a->part_count < b->part_count;
	width_a = key_width(table, a);
	width_b = key_width(table, b);
	if (width_a != width_b)
		return width_a < width_b;
	return strcmp(a->name, b->name) < 0;
}

static void choose_row_key(struct mi_table *table)
{
	const struct mi_key *best = NULL;

	table->row_key = -1;
	for (size_t i = 0; i < table->key_count; i++) {
		if (can_identify(table, &table->keys[i]) &&
		    is_better_key(table, &table->keys[i], best)) {
			best = &table->keys[i];
			table->row_key = (int)i;
		}
	}
}

static void choose_carried(struct mi_table *table)
{
	const struct mi_key *key = mi_table_row_key(table);

	for (size_t i = 0; i < table->column_count; i++)
		table->columns[i].carried = table->columns[i].generated == MI_NOT_GENERATED;
	for (size_t i = 0; key && i < key->part_count; i++)
		table->columns[key->parts[i].column].carried = true;
	table->carried_count = table->proven_count = 0;
	for (size_t i = 0; i < table->column_count; i++) {
		table->carried_count += table->columns[i].carried;
		table->proven_count += table->columns[i].proven;
	}
}

bool mi_table_in_key(const struct mi_table *table, size_t column)
{
	for (size_t i = 0; i < table->key_count; i++)
		for (size_t j = 0; j < table->keys[i].part_count; j++)
			if (table->keys[i].parts[j].column == (int)column)
				return true;
	return false;
}

void mi_table_prove(struct mi_table *table, bool virtual_in_keys)
{
	table->proven_count = 0;
	for (size_t i = 0; i < table->column_count; i++) {
		struct mi_column *column = &table->columns[i];

		column->proven =
		    !column->carried && (column->generated == MI_STORED || !virtual_in_keys ||
		                         mi_table_in_key(table, i));
		table->proven_count += column->proven;
	}
}

void mi_table_prove_stored(struct mi_table *table)
{
	table->proven_count = 0;
	for (size_t i = 0; i < table->column_count; i++) {
		struct mi_column *column = &table->columns[i];

		column->proven = !column->carried && column->generated == MI_STORED;
		table->proven_count += column->proven;
	}
}

size_t mi_table_fields(const struct mi_table *table)
{
	return table->carried_count + table->proven_count;
}

static void hash_number(struct mi_hash *hash, uint64_t number)
{
	char bytes[8];

	mi_put_u64(bytes, number);
	mi_hash_add(hash, bytes, sizeof bytes);
}

static void hash_column(struct mi_hash *hash, const struct mi_column *column)
{
	mi_hash_add_str(hash, column->name);
	mi_hash_add_str(hash, type_names[column->type]);
	mi_hash_add_str(hash, column->type_text);
	mi_hash_add_str(hash, column->charset);
	mi_hash_add_str(hash, column->collation);
	hash_number(hash, column->bytes);
	hash_number(hash, (uint64_t)column->is_unsigned | (uint64_t)column->nullable << 1 |
	                      (uint64_t)column->auto_increment << 2 |
	                      (uint64_t)column->invisible << 3 | (uint64_t)column->variable << 4 |
	                      (uint64_t)column->generated << 8);
}

static void hash_key(struct mi_hash *hash, const struct mi_key *key)
{
	mi_hash_add_str(hash, key->name);
	hash_number(hash, key->kind);
	for (size_t i = 0; i < key->part_count; i++) {
		hash_number(hash, (uint64_t)(int64_t)key->parts[i].column);
		hash_number(hash, (uint64_t)key->parts[i].prefix << 1 | key->parts[i].descending);
	}
}

static void hash_fkey(struct mi_hash *hash, const struct mi_fkey *fkey)
{
	mi_hash_add_str(hash, fkey->name);
	mi_hash_add_str(hash, fkey->ref_db);
	mi_hash_add_str(hash, fkey->ref_table);
	mi_hash_add_str(hash, fkey->on_update);
	mi_hash_add_str(hash, fkey->on_delete);
	for (size_t i = 0; i < fkey->column_count; i++) {
		mi_hash_add_str(hash, fkey->columns[i]);
		mi_hash_add_str(hash, fkey->ref_columns[i]);
	}
}

static void take_digest(struct mi_table *table)
{
	struct mi_hash hash;

	mi_hash_init(&hash);
	mi_hash_add_str(&hash, table->db);
	mi_hash_add_str(&hash, table->name);
	mi_hash_add_str(&hash, table->engine);
	mi_hash_add_str(&hash, table->collation);
	for (size_t i = 0; i < table->column_count; i++)
		hash_column(&hash, &table->columns[i]);
	for (size_t i = 0; i < table->key_count; i++)
		hash_key(&hash, &table->keys[i]);
	for (size_t i = 0; i < table->fkey_count; i++)
		hash_fkey(&hash, &table->fkeys[i]);
	mi_hash_hex(&hash, table->digest);
}

/* ---- The text ---- */

/* The place behind the quoted name or string that begins at `at`. */
static const char *after_quotes(const char *at, const char *end)
{
	char quote = *at++;

	for (; at < end && *at != quote; at++)
		if (*at == '\\' && quote != '`')
			at++;
	return at < end ? at + 1 : end;
}

/* The place behind " AUTO_INCREMENT=n", if that is what stands at `at`; else `at`. */
static const char *after_counter(const char *at, const char *end)
{
	static const char word[] = " AUTO_INCREMENT=";
	const size_t len = sizeof word - 1;
	const char *behind = at;

	if ((size_t)(end - at) <= len || memcmp(at, word, len) != 0)
		return at;
	for (at += len; at < end && *at >= '0' && *at <= '9'; at++)
		behind = at + 1;
	return behind;
}

void mi_table_set_text(struct mi_table *table, struct mi_span text)
{
	const char *at = text.data, *end = text.data + text.len, *from = at;
	struct mi_hash hash;
	int depth = 0;

	mi_hash_init(&hash);
	while (at < end) {
		const char *behind = depth == 0 ? after_counter(at, end) : at;

		if (behind != at) {
			mi_hash_add(&hash, from, (size_t)(at - from));
			from = at = behind;
		} else if (*at == '\'' || *at == '"' || *at == '`') {
			at = after_quotes(at, end);
		} else {
			depth += (*at == '(') - (*at == ')');
			at++;
		}
	}
	mi_hash_add(&hash, from, (size_t)(end - from));
	mi_hash_hex(&hash, table->text_digest);
}

bool mi_table_same(const struct mi_table *a, const struct mi_table *b)
{
	return strcmp(a->digest, b->digest) == 0 && (!*a->text_digest || !*b->text_digest ||
	                                             strcmp(a->text_digest, b->text_digest) == 0);
}

void mi_table_finish(struct mi_table *table)
{
	choose_row_key(table);
	choose_carried(table);
	take_digest(table);
}
