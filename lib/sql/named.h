/* Which objects a definition's text names, and what it does to each: what decides whether a
 * statement of a binary log is about what is followed. The default database alone decides nothing:
 * a statement may name objects of several databases. Statements are told apart by sql/class.h.
 *
 * Source: "Data Definition Statements" in the MySQL manual, the pages of the statements in the
 * MariaDB knowledge base; on the defaults of names without a database, sql/sql_yacc.yy of both. */
#ifndef MI_SQL_NAMED_H
#define MI_SQL_NAMED_H

#include "base/buf.h"
#include "sql/lexer.h"

#include <stdbool.h>

enum mi_named_role {
	MI_NAMED_CREATED, /* OR REPLACE drops first what had the name */
	MI_NAMED_ALTERED, /* also the table of an index that is made or dropped */
	MI_NAMED_DROPPED,
	MI_NAMED_FROM,       /* renamed: its TO is the next that is named */
	MI_NAMED_TO,         /* the new name */
	MI_NAMED_TRUNCATED,  /* emptied */
	MI_NAMED_EXCHANGED,  /* a table whose rows change places with those of a partition */
	MI_NAMED_ON,         /* the table of the trigger that was named before; is not changed */
	MI_NAMED_LIKE,       /* the model of a new table; is only read */
	MI_NAMED_REFERENCED, /* by a foreign key, or gathered by a MERGE table; is only read */
};

/* The statement changes the object of that role itself, or what has its name. */
static inline bool mi_named_changes(enum mi_named_role role)
{
	return role < MI_NAMED_ON;
}

struct mi_named {
	const char *kind; /* "table", "database", "view", "routine", "trigger", "event", "sequence":
	                     static */
	enum mi_named_role role;
	/* MI_LEX_END: the session's default database; always with kind "database" */
	struct mi_lexeme db;
	struct mi_lexeme name; /* kind "database": MI_LEX_END is the default database */
	struct mi_span text;   /* db and name as they stand; len 0: it has none */
};

/* Called for each object, in the order of the text. */
typedef void mi_named_fn(void *user, const struct mi_named *named);

/* Names all objects of a statement that is a definition (MI_LOGGED_DEFINITION). False: it is none,
 * or could not be read as far as names may stand, so that it may name others than those that were
 * called back; true: it changes no other. Tables that a query inside of it reads (a view's, CREATE
 * TABLE ... SELECT's) and what a program's body uses are not named. Executable comments count.
 * modes is as in mi_logged_read. Everything points into text. */
bool mi_named_read(struct mi_span text, unsigned modes, mi_named_fn *call, void *user);

#endif
