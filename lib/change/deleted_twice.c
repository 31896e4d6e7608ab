#include "change/deleted_twice.h"
#include "base/arena.h"
#include "base/buf.h"
#include "stream/parse.h"
#include "table/table.h"

#include <stdlib.h>

struct mi_deleted_row {
	bool gone; /* deleted; false: the row was inserted again */
	struct mi_span key;
};

void mi_deleted_reset(struct mi_deleted *gone)
{
	if (gone->count == 0)
		return;
	mi_arena_release(&gone->arena);
	mi_set_release(&gone->by_key);
	free(gone->rows);
	gone->rows = NULL;
	gone->count = 0;
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

/* ---- Rows ---- */

struct wanted {
	const struct mi_deleted *gone;
	struct mi_span key;
};

static bool is_row(const void *user, size_t row)
{
	const struct wanted *wanted = user;

	return mi_span_eq(wanted->gone->rows[row].key, wanted->key);
}

static struct mi_deleted_row *find(const struct mi_deleted *gone, struct mi_span key)
{
	const struct wanted wanted = {gone, key};
	size_t row = mi_set_find(&gone->by_key, mi_set_hash(MI_SET_HASH, key), is_row, &wanted);

	return row == MI_SET_NONE ? NULL : &gone->rows[row];
}

static size_t bytes_of(const struct mi_deleted *gone)
{
	return gone->arena.bytes + gone->count * sizeof *gone->rows +
	       gone->by_key.room * sizeof *gone->by_key.slots;
}

/* Records a deleted row, unless memory is at its bound. No row has this key yet. */
static void add(struct mi_deleted *gone, struct mi_span key)
{
	const struct wanted wanted = {gone, key};
	struct mi_deleted_row *row;

	if (bytes_of(gone) + key.len > MI_GONE_BYTES)
		return;
	(void)mi_set_put(&gone->by_key, mi_set_hash(MI_SET_HASH, key), is_row, &wanted,
	                 gone->count);
	row = mi_array_add(&gone->rows, &gone->count, sizeof *row);
	*row = (struct mi_deleted_row){.gone = true, .key = mi_arena_copy(&gone->arena, key)};
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
