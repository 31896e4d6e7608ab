#include "change/deleted_twice.h"
#include "base/arena.h"
#include "base/buf.h"
#include "stream/parse.h"
#include "table/table.h"

#include <stdlib.h>

struct mi_deleted_row {
	uint64_t hash;
	bool gone; /* false: it was made again */
	struct mi_span key;
};

void mi_deleted_reset(struct mi_deleted *gone)
{
	if (gone->count == 0)
		return;
	mi_arena_release(&gone->arena);
	free(gone->slots);
	gone->slots = NULL;
	gone->count = gone->room = 0;
}

void mi_deleted_release(struct mi_deleted *gone)
{
	mi_deleted_reset(gone);
	mi_buf_release(&gone->key);
}

/* ---- Keys ---- */

static void add_number(struct mi_buf *key, uint64_t number)
{
	mi_buf_add(key, &number, sizeof number);
}

/* Table and row key as bytes that no other row has; keys are NOT NULL. */
static struct mi_span key_of(struct mi_deleted *gone, const struct mi_table *table,
                             const struct mi_span *image)
{
	const struct mi_key *key = mi_table_row_key(table);

	mi_buf_reset(&gone->key);
	add_number(&gone->key, table->id);
	for (size_t i = 0; i < key->part_count; i++) {
		struct mi_span value = image[mi_table_place(table, key->parts[i].column)];

		add_number(&gone->key, value.len);
		mi_buf_add_span(&gone->key, value);
	}
	return mi_buf_span(&gone->key);
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(struct mi_span key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* ---- The table ---- */

/* Where the row is, or would be. */
static size_t place_of(const struct mi_deleted *gone, struct mi_span key, uint64_t hash)
{
	size_t i = (size_t)hash & (gone->room - 1);

	while (gone->slots[i] &&
	       (gone->slots[i]->hash != hash || !mi_span_eq(gone->slots[i]->key, key)))
		i = (i + 1) & (gone->room - 1);
	return i;
}

static void grow(struct mi_deleted *gone)
{
	struct mi_deleted_row **old = gone->slots;
	size_t room = gone->room;

	gone->room = room ? 2 * room : 64;
	gone->slots = mi_alloc(gone->room * sizeof(struct mi_deleted_row *));
	for (size_t i = 0; i < room; i++)
		if (old[i])
			gone->slots[place_of(gone, old[i]->key, old[i]->hash)] = old[i];
	free(old);
}

static struct mi_deleted_row *find(const struct mi_deleted *gone, struct mi_span key)
{
	return gone->room ? gone->slots[place_of(gone, key, hash_of(key))] : NULL;
}

static void add(struct mi_deleted *gone, struct mi_span key)
{
	struct mi_deleted_row *row;

	if (gone->arena.bytes + gone->room * sizeof *gone->slots + key.len > MI_GONE_BYTES)
		return;
	if (2 * (gone->count + 1) > gone->room)
		grow(gone);
	row = mi_arena_alloc(&gone->arena, sizeof *row);
	*row = (struct mi_deleted_row){
	    .hash = hash_of(key), .gone = true, .key = mi_arena_copy(&gone->arena, key)};
	gone->slots[place_of(gone, key, row->hash)] = row;
	gone->count++;
}

/* ---- Changes ---- */

/* Only a table whose rows are deleted by a cascade can be part of a circle of them. */
bool mi_deleted_concerns(const struct mi_change *change)
{
	const struct mi_table *table = change->table;

	if (!(change->fk_flags & MI_FK_SQL))
		return false;
	for (size_t i = 0; i < table->fkey_count; i++)
		if (strcmp(table->fkeys[i].on_delete, "CASCADE") == 0)
			return mi_table_row_key(table) != NULL;
	return false;
}

bool mi_deleted_again(struct mi_deleted *gone, const struct mi_change *change)
{
	struct mi_deleted_row *row;

	if (change->after) {
		row = find(gone, key_of(gone, change->table, change->after));
		if (row)
			row->gone = false;
		return false;
	}
	row = find(gone, key_of(gone, change->table, change->before));
	if (row && row->gone)
		return true;
	if (row)
		row->gone = true;
	else
		add(gone, mi_buf_span(&gone->key));
	return false;
}
