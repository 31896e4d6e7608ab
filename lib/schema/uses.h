/* What a view or a stored program needs of other objects, by the names in its text. */
#ifndef MI_SCHEMA_USES_H
#define MI_SCHEMA_USES_H

#include "base/buf.h"

#include <stdbool.h>

struct mi_use {
	char *db, *name;
	bool is_call; /* of a function, procedure or package; else a table or view that is read */
	bool is_sure; /* of a call: no other reading is possible; see mi_view_uses */
};

struct mi_uses {
	struct mi_use *items;
	size_t count;
};

/* Adds what a view reads and calls. text is what SHOW CREATE VIEW prints with db as the default
 * database: names are quoted there, and words are the server's own. A name in front of another
 * (`a`.`f`(...)) may be a database's or a package's: both readings are added, and neither is sure.
 * What is read is exact as far as text can be taken apart; in a character set whose letters hold
 * backslashes that may end early, and then names are missing. */
void mi_view_uses(struct mi_span text, const char *db, struct mi_uses *uses);

/* Adds every name in a program's text that could be a routine's: one before a bracket or after
 * CALL. Most are built-in functions or tables: the caller asks for those that exist. */
void mi_program_uses(struct mi_span text, const char *db, struct mi_uses *uses);

void mi_uses_add_call(struct mi_uses *uses, const char *db, const char *name);

/* True when a call of db.name, whatever the case of name, is among them. */
bool mi_uses_calls(const struct mi_uses *uses, const char *db, const char *name);

void mi_uses_release(struct mi_uses *uses);

#endif
