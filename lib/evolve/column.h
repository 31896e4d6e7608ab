/* A column's clause, as a person wrote it in CREATE or ALTER TABLE, made a struct mi_column. */
#ifndef MI_EVOLVE_COLUMN_H
#define MI_EVOLVE_COLUMN_H

#include "evolve/cursor.h"
#include "table/table.h"

#include <stdbool.h>

/* A character set as a server has it; strings live as long as the rules. */
struct mi_evolve_charset {
	const char *name, *collation; /* collation: its default */
	unsigned most;                /* bytes of its longest character */
};

/* What the statement means depends on its server and its session. */
struct mi_evolve_rules {
	bool mariadb;
	unsigned modes;          /* enum mi_lex_mode */
	bool real_is_float;      /* sql_mode REAL_AS_FLOAT */
	bool timestamps_default; /* explicit_defaults_for_timestamp is off: TIMESTAMP is NOT NULL */
	/* Finds a character set by its name, in lower case; false: it is not known. */
	bool (*charset)(void *user, const char *name, struct mi_evolve_charset *charset);
	void *user;
};

/* A column that a statement defines. */
struct mi_evolve_column {
	struct mi_column column;
	bool primary, unique; /* it is a key by itself */
	bool first;           /* FIRST */
	char *after;          /* AFTER this one; NULL: none */
};

/* Takes the clause behind the column's name, up to a comma, a closing bracket or the end. charset
 * and collation are the table's default, NULL when that is not known. False: cursor->why says what
 * was not understood. into must be {0}; release it in any case. */
bool mi_evolve_column_read(struct mi_cursor *cursor, const struct mi_evolve_rules *rules,
                           const char *charset, const char *collation,
                           struct mi_evolve_column *into);
void mi_evolve_column_release(struct mi_evolve_column *column);

/* Takes "[=] name" of a character set or collation; NULL: there is none. In lower case, and utf8 as
 * utf8mb3. The caller frees it. */
char *mi_evolve_charset_name(struct mi_cursor *cursor);

/* The character set that a collation's name says, to be freed; NULL: it says none. */
char *mi_evolve_charset_of(const char *collation);

#endif
