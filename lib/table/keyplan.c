#include "table/keyplan.h"
#include "base/buf.h"
#include "table/table.h"

#include <stdlib.h>

void mi_keyplan_add_unique(struct mi_keyplan *plan, int column, bool whole)
{
	plan->has_unique = true;
	if (column < 0 || !whole || !plan->table->columns[column].carried)
		plan->hidden_unique = true;
	else
		plan->in_unique[mi_table_place(plan->table, column)] = true;
}

void mi_keyplan_init(struct mi_keyplan *plan, const struct mi_table *table)
{
	const struct mi_key *key = mi_table_row_key(table);

	*plan = (struct mi_keyplan){.table = table, .key_count = key->part_count};
	plan->key = mi_alloc(key->part_count * sizeof *plan->key);
	plan->in_unique = mi_alloc(table->carried_count * sizeof *plan->in_unique);
	for (size_t i = 0; i < key->part_count; i++)
		plan->key[i] = mi_table_place(table, key->parts[i].column);
	for (size_t k = 0; k < table->key_count; k++) {
		const struct mi_key *other = &table->keys[k];

		if (other == key || (other->kind != MI_KEY_UNIQUE && other->kind != MI_KEY_PRIMARY))
			continue;
		for (size_t i = 0; i < other->part_count; i++)
			mi_keyplan_add_unique(plan, other->parts[i].column,
			                      other->parts[i].prefix == 0);
	}
}

void mi_keyplan_release(struct mi_keyplan *plan)
{
	free(plan->key);
	free(plan->in_unique);
	*plan = (struct mi_keyplan){0};
}

bool mi_keyplan_same_value(struct mi_span a, struct mi_span b)
{
	return !a.data == !b.data && mi_span_eq(a, b);
}

bool mi_keyplan_same_key(const struct mi_keyplan *plan, const struct mi_span *a,
                         const struct mi_span *b)
{
	for (size_t i = 0; i < plan->key_count; i++)
		if (!mi_keyplan_same_value(a[plan->key[i]], b[plan->key[i]]))
			return false;
	return true;
}
