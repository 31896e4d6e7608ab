#include "follow/entries.h"
#include "base/buf.h"
#include "table/filter.h"
#include "table/table.h"

#include <ctype.h>
#include <stdlib.h>

static size_t hash_of(const struct mi_entries *entries, const char *db, const char *name)
{
	size_t hash = 5381;

	for (const char *c = db; *c; c++)
		hash = hash * 33 ^ (size_t)(entries->ignore_case ? tolower((unsigned char)*c)
		                                                 : (unsigned char)*c);
	hash = hash * 33;
	for (const char *c = name; *c; c++)
		hash = hash * 33 ^ (size_t)(entries->ignore_case ? tolower((unsigned char)*c)
		                                                 : (unsigned char)*c);
	return hash;
}

/* The place of the entry, or the free one where it belongs. */
static struct mi_entry **slot_of(const struct mi_entries *entries, const char *db, const char *name)
{
	size_t at = hash_of(entries, db, name) & (entries->slot_count - 1);

	for (;; at = (at + 1) & (entries->slot_count - 1)) {
		const struct mi_entry *entry = entries->slots[at];

		if (!entry || (mi_name_eq(entry->name, name, entries->ignore_case) &&
		               mi_name_eq(entry->db, db, entries->ignore_case)))
			return &entries->slots[at];
	}
}

static void fill_slots(struct mi_entries *entries)
{
	memset(entries->slots, 0, entries->slot_count * sizeof *entries->slots);
	for (size_t i = 0; i < entries->count; i++)
		*slot_of(entries, entries->items[i]->db, entries->items[i]->name) =
		    entries->items[i];
}

static void make_room(struct mi_entries *entries)
{
	if (entries->count * 2 < entries->slot_count)
		return;
	entries->slot_count = entries->slot_count ? entries->slot_count * 2 : 64;
	entries->slots =
	    mi_realloc_array(entries->slots, entries->slot_count, sizeof *entries->slots);
	fill_slots(entries);
}

struct mi_entry *mi_entries_find(const struct mi_entries *entries, const char *db, const char *name)
{
	return entries->slot_count ? *slot_of(entries, db, name) : NULL;
}

struct mi_entry *mi_entries_get(struct mi_entries *entries, const char *db, const char *name)
{
	struct mi_entry *entry = mi_entries_find(entries, db, name);

	if (entry)
		return entry;
	make_room(entries);
	entry = mi_alloc(sizeof *entry);
	entry->db = mi_strdup(db);
	entry->name = mi_strdup(name);
	entry->why = "";
	*(struct mi_entry **)mi_array_add(&entries->items, &entries->count,
	                                  sizeof *entries->items) = entry;
	*slot_of(entries, db, name) = entry;
	return entry;
}

static void keep_old(struct mi_entries *entries, struct mi_table *table)
{
	if (table)
		*(struct mi_table **)mi_array_add(&entries->old, &entries->old_count,
		                                  sizeof *entries->old) = table;
}

static void free_entry(struct mi_entry *entry)
{
	free(entry->db);
	free(entry->name);
	free(entry->statement);
	free(entry);
}

void mi_entries_remove(struct mi_entries *entries, struct mi_entry *entry)
{
	size_t i = 0;

	while (entries->items[i] != entry)
		i++;
	entries->items[i] = entries->items[--entries->count];
	keep_old(entries, entry->table);
	free_entry(entry);
	fill_slots(entries);
}

void mi_entries_release(struct mi_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		mi_table_free(entries->items[i]->table);
		free_entry(entries->items[i]);
	}
	for (size_t i = 0; i < entries->old_count; i++)
		mi_table_free(entries->old[i]);
	free(entries->items);
	free(entries->slots);
	free(entries->old);
	*entries = (struct mi_entries){0};
}

static void rename_table(struct mi_table *table, const struct mi_entry *entry)
{
	if (strcmp(table->db, entry->db) == 0 && strcmp(table->name, entry->name) == 0)
		return;
	free(table->db);
	free(table->name);
	table->db = mi_strdup(entry->db);
	table->name = mi_strdup(entry->name);
	mi_table_finish(table);
}

bool mi_entry_set(struct mi_entries *entries, struct mi_entry *entry, struct mi_table *table)
{
	rename_table(table, entry);
	free(entry->statement);
	entry->statement = NULL;
	if (entry->table && strcmp(entry->table->digest, table->digest) == 0) {
		mi_table_free(table);
		return false;
	}
	keep_old(entries, entry->table);
	table->id = ++entries->last_id;
	entry->table = table;
	return true;
}

void mi_entry_forget(struct mi_entries *entries, struct mi_entry *entry, const char *why,
                     const char *statement)
{
	enum { SHOWN = 200 };
	size_t len = statement ? strlen(statement) : 0;

	keep_old(entries, entry->table);
	free(entry->statement);
	entry->table = NULL;
	entry->why = why;
	entry->statement = statement ? mi_strndup(statement, len < SHOWN ? len : SHOWN) : NULL;
	entry->moved = entry->trusted = false;
}

static bool column_agrees(const struct mi_column *a, const struct mi_column *b)
{
	bool members = a->type == MI_TYPE_ENUM || a->type == MI_TYPE_SET;

	return strcmp(a->name, b->name) == 0 && a->type == b->type && a->bytes == b->bytes &&
	       a->is_unsigned == b->is_unsigned && a->nullable == b->nullable &&
	       a->variable == b->variable && a->generated == b->generated &&
	       !a->charset == !b->charset && (!a->charset || strcmp(a->charset, b->charset) == 0) &&
	       (!members || strcmp(a->type_text, b->type_text) == 0);
}

bool mi_entry_agrees(const struct mi_table *a, const struct mi_table *b)
{
	if (a->column_count != b->column_count)
		return false;
	for (size_t i = 0; i < a->column_count; i++)
		if (!column_agrees(&a->columns[i], &b->columns[i]))
			return false;
	return true;
}
