#include "source/definitions.h"
#include "base/err.h"
#include "table/table.h"

#include <strings.h>

bool mi_src_has_snapshots(const struct mi_table *table)
{
	const char *engine = table->engine;

	return engine && (strcasecmp(engine, "InnoDB") == 0 || strcasecmp(engine, "RocksDB") == 0);
}

int mi_src_require_snapshots(const struct mi_tables *tables, struct mi_err *err)
{
	for (size_t i = 0; i < tables->count; i++) {
		const struct mi_table *table = tables->items[i];

		if (mi_src_has_snapshots(table))
			continue;
		(void)mi_fail(err, MI_DATA, "%s.%s: engine %s has no snapshots", table->db,
		              table->name, table->engine ? table->engine : "?");
		return mi_hint(err, "ALTER TABLE ... ENGINE=InnoDB, or leave it out with -X");
	}
	return 0;
}

const struct mi_table *mi_src_changed(const struct mi_tables *old, const struct mi_tables *now)
{
	for (size_t i = 0; i < old->count; i++) {
		const struct mi_table *table = old->items[i];
		const struct mi_table *other = mi_tables_find(now, table->db, table->name);

		if (!other || !mi_table_same(other, table))
			return table;
	}
	return NULL;
}

static bool cascades(const char *action)
{
	return action && (strcasecmp(action, "CASCADE") == 0 || strncasecmp(action, "SET", 3) == 0);
}

const struct mi_table *mi_src_cascade(const struct mi_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		for (size_t k = 0; k < tables->items[i]->fkey_count; k++)
			if (cascades(tables->items[i]->fkeys[k].on_delete) ||
			    cascades(tables->items[i]->fkeys[k].on_update))
				return tables->items[i];
	return NULL;
}
