#include "table/parent_key.h"
#include "table/table.h"

#include <string.h>
#include <strings.h>

static bool is_that_key(const struct mi_fkey *fkey, const struct mi_table *parent,
                        const struct mi_key *key)
{
	if ((key->kind != MI_KEY_PRIMARY && key->kind != MI_KEY_UNIQUE) ||
	    key->part_count != fkey->column_count)
		return false;
	for (size_t i = 0; i < key->part_count; i++) {
		const struct mi_key_part *part = &key->parts[i];

		if (part->column < 0 || part->prefix ||
		    strcasecmp(parent->columns[part->column].name, fkey->ref_columns[i]) != 0)
			return false;
	}
	return true;
}

bool mi_fkey_is_standard(const struct mi_fkey *fkey, const struct mi_tables *tables)
{
	const struct mi_table *parent = mi_tables_find(tables, fkey->ref_db, fkey->ref_table);

	if (!parent)
		return true;
	for (size_t i = 0; i < parent->key_count; i++)
		if (is_that_key(fkey, parent, &parent->keys[i]))
			return true;
	return false;
}

const struct mi_fkey *mi_tables_fkey(const struct mi_tables *tables, const char *db,
                                     const char *table, const char *name)
{
	const struct mi_table *found = mi_tables_find(tables, db, table);

	for (size_t i = 0; found && i < found->fkey_count; i++)
		if (strcmp(found->fkeys[i].name, name) == 0)
			return &found->fkeys[i];
	return NULL;
}
