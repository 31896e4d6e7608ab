/* The tables that a statement of the log changes, by plain names: sql/named.h's objects without
 * their quotes, and with the default database filled in. */
#ifndef MI_FOLLOW_TOUCHED_H
#define MI_FOLLOW_TOUCHED_H

#include "base/buf.h"
#include "sql/logged.h"
#include "sql/named.h"

#include <stdbool.h>

/* A statement as it was logged. */
struct mi_touching {
	const char *text, *db; /* db: the default database, "" for none */
	unsigned modes;        /* enum mi_lex_mode of its sql_mode */
};

/* Called for each table, and with name "" for a database as a whole. */
typedef void mi_touched_fn(void *user, enum mi_named_role role, const char *db, const char *name);

/* Calls fn for what the statement changes or only reads, in the text's order. False: it may name
 * more than that, see mi_named_read. */
bool mi_touched_each(const struct mi_touching *statement, mi_touched_fn *fn, void *user);

/* False for definitions that say nothing of a table's columns: views, programs, this project's own
 * tables, TRUNCATE. */
bool mi_touches_tables(const struct mi_logged *logged);

/* CREATE TABLE IF NOT EXISTS: a table that is there stays. Servers log it all the same. */
bool mi_touches_unless_there(const struct mi_touching *statement);

#endif
