#include "table/copy.h"
#include "base/buf.h"
#include "table/table.h"

static char *copy_text(const char *text)
{
	return text ? mi_strdup(text) : NULL;
}

static void copy_columns(const struct mi_table *from, struct mi_table *to)
{
	to->columns = mi_array_new(from->column_count, sizeof *to->columns);
	for (size_t i = 0; i < from->column_count; i++) {
		struct mi_column *column = &to->columns[i];

		*column = from->columns[i];
		column->name = copy_text(column->name);
		column->type_text = copy_text(column->type_text);
		column->charset = copy_text(column->charset);
		column->collation = copy_text(column->collation);
	}
}

static void copy_keys(const struct mi_table *from, struct mi_table *to)
{
	to->keys = mi_array_new(from->key_count, sizeof *to->keys);
	for (size_t i = 0; i < from->key_count; i++) {
		struct mi_key *key = &to->keys[i];
		size_t size = from->keys[i].part_count * sizeof *key->parts;

		*key = from->keys[i];
		key->name = copy_text(key->name);
		key->parts = mi_array_new(key->part_count, sizeof *key->parts);
		if (size)
			memcpy(key->parts, from->keys[i].parts, size);
	}
}

static char **copy_texts(char *const *texts, size_t count)
{
	char **copies = mi_array_new(count, sizeof *copies);

	for (size_t i = 0; i < count; i++)
		copies[i] = copy_text(texts[i]);
	return copies;
}

static void copy_fkeys(const struct mi_table *from, struct mi_table *to)
{
	to->fkeys = mi_array_new(from->fkey_count, sizeof *to->fkeys);
	for (size_t i = 0; i < from->fkey_count; i++) {
		struct mi_fkey *fkey = &to->fkeys[i];

		*fkey = from->fkeys[i];
		fkey->name = copy_text(fkey->name);
		fkey->ref_db = copy_text(fkey->ref_db);
		fkey->ref_table = copy_text(fkey->ref_table);
		fkey->on_update = copy_text(fkey->on_update);
		fkey->on_delete = copy_text(fkey->on_delete);
		fkey->columns = copy_texts(fkey->columns, fkey->column_count);
		fkey->ref_columns = copy_texts(fkey->ref_columns, fkey->column_count);
	}
}

struct mi_table *mi_table_copy(const struct mi_table *table)
{
	struct mi_table *copy = mi_alloc(sizeof *copy);

	*copy = *table;
	copy->db = copy_text(table->db);
	copy->name = copy_text(table->name);
	copy->engine = copy_text(table->engine);
	copy->collation = copy_text(table->collation);
	copy_columns(table, copy);
	copy_keys(table, copy);
	copy_fkeys(table, copy);
	return copy;
}
