#include "follow/forward.h"
#include "base/buf.h"
#include "evolve/column.h"
#include "evolve/evolve.h"
#include "evolve/keys.h"
#include "follow/charsets.h"
#include "follow/entries.h"
#include "follow/touched.h"
#include "sql/lexer.h"
#include "sql/logged.h"
#include "sql/named.h"
#include "stream/parse.h"
#include "table/copy.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdlib.h>

/* One statement as it is taken in. */
struct change {
	struct mi_forward *f;
	const struct mi_ddl *ddl;
	struct mi_touching touching;
	struct mi_evolve_rules rules;
	struct mi_logged logged;
	bool readable;          /* its bytes are UTF-8 */
	bool unless_there;      /* CREATE TABLE IF NOT EXISTS */
	struct mi_entry *made;  /* by CREATE TABLE */
	struct mi_table *moved; /* RENAME: from its old name to its new one */
	bool moving;
};

/* Text in another character set has the same ASCII bytes in each that a client may have. */
static bool is_readable(const struct mi_ddl *ddl)
{
	const char *client = ddl->settings[MI_SET_CLIENT];

	if (!client || strncmp(client, "utf8", 4) == 0)
		return true;
	for (const char *at = ddl->text; *at; at++)
		if ((unsigned char)*at >= 0x80)
			return false;
	return true;
}

static void change_init(struct change *change, struct mi_forward *f, const struct mi_ddl *ddl)
{
	const char *mode = ddl->settings[MI_SET_SQL_MODE];
	const char *timestamps = ddl->settings[MI_SET_TIMESTAMPS];
	unsigned modes = mi_lex_modes(mi_span_str(mode ? mode : ""));

	*change = (struct change){.f = f,
	                          .ddl = ddl,
	                          .touching = {ddl->text, ddl->db, modes},
	                          .readable = is_readable(ddl)};
	change->rules =
	    (struct mi_evolve_rules){.mariadb = f->mariadb,
	                             .modes = modes,
	                             .real_is_float = mode && strstr(mode, "REAL_AS_FLOAT"),
	                             .timestamps_default = timestamps && *timestamps == '0',
	                             .charset = mi_charsets_find,
	                             .user = f->charsets};
	mi_logged_read(mi_span_str(ddl->text), modes, &change->logged);
	change->unless_there = mi_touches_unless_there(&change->touching);
}

/* The entry has this definition now; NULL: it is not known, for that reason. */
static void define(struct change *change, struct mi_entry *entry, struct mi_table *table,
                   const char *why)
{
	struct mi_forward *f = change->f;

	entry->touched = entry->moved = true;
	if (!table)
		mi_entry_forget(f->entries, entry, why ? why : "its text", change->ddl->text);
	else if (!mi_entry_set(f->entries, entry, table))
		return;
	entry->trusted = false;
	entry->moved = entry->table != NULL;
	f->changed = true;
}

static void create(struct change *change, const char *db, const char *name)
{
	struct mi_forward *f = change->f;
	struct mi_entry *entry;
	struct mi_table *table = NULL;
	const char *why = "its text";

	if (!*name || !f->wants(f->user, db, name))
		return;
	entry = mi_entries_find(f->entries, db, name);
	if (entry && change->unless_there)
		return;
	entry = mi_entries_get(f->entries, db, name);
	if (change->readable)
		table = mi_evolve_create(mi_span_str(change->ddl->text), db, name, &change->rules,
		                         NULL, NULL, &why);
	define(change, entry, table, why);
	change->made = entry;
}

static void drop_fkeys(struct mi_table *table)
{
	while (table->fkey_count > 0)
		(void)mi_evolve_fkey_drop(table, table->fkeys[0].name);
	mi_table_finish(table);
}

/* The model of a table that was named just before. */
static void make_like(struct change *change, const char *db, const char *name)
{
	const struct mi_entry *model = mi_entries_find(change->f->entries, db, name);
	struct mi_table *table = NULL;

	if (!change->made)
		return;
	if (model && model->table) {
		table = mi_table_copy(model->table);
		drop_fkeys(table); /* LIKE leaves them out */
	}
	define(change, change->made, table, "the model's definition");
}

static void alter(struct change *change, struct mi_entry *entry)
{
	const char *why = "its text";
	struct mi_table *table = NULL;

	if (!entry->table)
		return;
	if (change->readable)
		table = mi_evolve_alter(entry->table, mi_span_str(change->ddl->text),
		                        &change->rules, &why);
	define(change, entry, table, why);
}

static void add_gone(struct mi_forward *f, const struct mi_entry *entry)
{
	*(char **)mi_array_add(&f->gone, &f->gone_count, sizeof *f->gone) = mi_strdup(entry->db);
	*(char **)mi_array_add(&f->gone, &f->gone_count, sizeof *f->gone) = mi_strdup(entry->name);
}

static void drop(struct change *change, struct mi_entry *entry)
{
	add_gone(change->f, entry);
	mi_entries_remove(change->f->entries, entry);
	change->f->changed = true;
}

static void drop_database(struct change *change, const char *db)
{
	struct mi_entries *entries = change->f->entries;

	for (size_t i = entries->count; i > 0; i--)
		if (mi_name_eq(entries->items[i - 1]->db, db, entries->ignore_case))
			drop(change, entries->items[i - 1]);
}

/* RENAME of a table whose definition is not known leaves the new name unknown. */
static void rename_from(struct change *change, struct mi_entry *entry)
{
	mi_table_free(change->moved);
	change->moved = NULL;
	change->moving = true;
	if (entry && strcmp(change->logged.verb, "ALTER") == 0)
		alter(change, entry);
	if (entry && entry->table)
		change->moved = mi_table_copy(entry->table);
	if (entry)
		drop(change, entry);
}

static void rename_to(struct change *change, const char *db, const char *name)
{
	struct mi_forward *f = change->f;

	if (change->moving && f->wants(f->user, db, name)) {
		define(change, mi_entries_get(f->entries, db, name), change->moved,
		       "the definition before");
		change->moved = NULL;
	}
	change->moving = false;
}

static void on_touched(void *user, enum mi_named_role role, const char *db, const char *name)
{
	struct change *change = user;
	struct mi_entry *entry = mi_entries_find(change->f->entries, db, name);

	switch (role) {
	case MI_NAMED_CREATED:
		create(change, db, name);
		break;
	case MI_NAMED_LIKE:
		make_like(change, db, name);
		break;
	case MI_NAMED_ALTERED:
		if (entry)
			alter(change, entry);
		break;
	case MI_NAMED_DROPPED:
		if (entry)
			drop(change, entry);
		else if (!*name)
			drop_database(change, db);
		break;
	case MI_NAMED_FROM:
		rename_from(change, entry);
		break;
	case MI_NAMED_TO:
		rename_to(change, db, name);
		break;
	case MI_NAMED_TRUNCATED:
	case MI_NAMED_EXCHANGED:
	case MI_NAMED_ON:
	case MI_NAMED_REFERENCED:
		break;
	}
}

/* The statement could not be read to its end: whatever it may name is not known any more. */
static void forget_named(struct change *change)
{
	struct mi_entries *entries = change->f->entries;

	for (size_t i = 0; i < entries->count; i++)
		if (mi_logged_may_name(mi_span_str(change->ddl->text), entries->items[i]->name))
			define(change, entries->items[i], NULL, "its text");
}

void mi_forward_run(struct mi_forward *forward, const struct mi_ddl *ddl)
{
	struct change change;

	change_init(&change, forward, ddl);
	if (!mi_touched_each(&change.touching, on_touched, &change))
		forget_named(&change);
	mi_table_free(change.moved);
}

void mi_forward_release(struct mi_forward *forward)
{
	for (size_t i = 0; i < forward->gone_count; i++)
		free(forward->gone[i]);
	free(forward->gone);
}
