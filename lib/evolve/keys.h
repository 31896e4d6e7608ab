/* Keys and foreign keys, as a person wrote them in CREATE or ALTER TABLE. */
#ifndef MI_EVOLVE_KEYS_H
#define MI_EVOLVE_KEYS_H

#include "evolve/cursor.h"
#include "table/table.h"

#include <stdbool.h>

/* Does a key, a constraint or a foreign key stand here, rather than a column? */
bool mi_evolve_is_key(const struct mi_cursor *cursor);

/* Takes that clause and adds it to the table, whose columns are complete; columns of a PRIMARY KEY
 * become NOT NULL. False: cursor->why. */
bool mi_evolve_key_read(struct mi_cursor *cursor, struct mi_table *table);

/* Takes the columns in brackets, and adds them as a key of that kind. name may be NULL, and is
 * taken over. */
bool mi_evolve_key_columns(struct mi_cursor *cursor, enum mi_key_kind kind, char *name,
                           struct mi_table *table);

/* Adds a key of one column, by its index. */
void mi_evolve_key_of(struct mi_table *table, enum mi_key_kind kind, int column);

/* Without case, as servers compare names of columns and keys (of ASCII letters alone). */
int mi_evolve_column_index(const struct mi_table *table, const char *name);
/* False: there is no such key. */
bool mi_evolve_key_drop(struct mi_table *table, const char *name);
bool mi_evolve_fkey_drop(struct mi_table *table, const char *name);

#endif
