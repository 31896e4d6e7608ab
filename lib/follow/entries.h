/* The tables of a catalog, by name, and their definitions, of which some are not known. */
#ifndef MI_FOLLOW_ENTRIES_H
#define MI_FOLLOW_ENTRIES_H

#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mi_entry {
	char *db, *name;
	struct mi_table *table; /* NULL: not known */
	const char *why;        /* of a table that is not known: static */
	char *statement; /* ... and the beginning of the statement that is to blame, or NULL */
	bool moved;   /* a statement of the log made it, and the server has not confirmed it yet */
	bool trusted; /* rows were decoded by it since, whose columns the log did not name */
	bool touched; /* for whoever changes the entries: it has changed */
};

struct mi_entries {
	struct mi_entry **items; /* in no order; their addresses stay */
	size_t count;
	struct mi_entry **slots; /* by hash of the names; NULL: free */
	size_t slot_count;
	bool ignore_case;      /* to be set before the first is added */
	struct mi_table **old; /* replaced ones: records and plans may still point to them */
	size_t old_count;
	uint32_t last_id;
};

void mi_entries_release(struct mi_entries *entries);

struct mi_entry *mi_entries_find(const struct mi_entries *entries, const char *db,
                                 const char *name); /* NULL: none */
/* Finds it, or adds one that is not known. */
struct mi_entry *mi_entries_get(struct mi_entries *entries, const char *db, const char *name);
void mi_entries_remove(struct mi_entries *entries, struct mi_entry *entry);

/* Gives the entry this definition, with the entry's names, and takes it over; one that is like the
 * former is freed, and the former stays. False: it stays. */
bool mi_entry_set(struct mi_entries *entries, struct mi_entry *entry, struct mi_table *table);
/* The definition is not known any more. statement may be NULL. */
void mi_entry_forget(struct mi_entries *entries, struct mi_entry *entry, const char *why,
                     const char *statement);

/* Do rows of the two look alike: the same columns in the same order, of types that are decoded
 * alike? */
bool mi_entry_agrees(const struct mi_table *a, const struct mi_table *b);

#endif
