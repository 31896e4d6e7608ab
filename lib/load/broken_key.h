/* Which rows keep a UNIQUE key from being added to a table that is loaded. */
#ifndef MI_LOAD_BROKEN_KEY_H
#define MI_LOAD_BROKEN_KEY_H

#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>

/* True when the server's message about a duplicate entry names this key. */
bool mi_broken_key_is_named(const char *message, const char *key);

/* Looks for two rows of into.table that are equal here in the key that clause ("ADD UNIQUE KEY
 * ...") would add; reads the whole table. err, which says that there are such rows, then names both
 * by their row key, the key and its collation (MI_DATA). It stays what it was when none are found,
 * or when the key has an expression. Returns -1. */
int mi_broken_key_explain(struct mi_conn *conn, const char *into, const char *table,
                          const char *name, const char *clause, struct mi_err *err);

#endif
