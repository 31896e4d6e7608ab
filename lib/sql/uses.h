/* Which names a statement says, as names of objects are said: NAME, DB.NAME, DB.TABLE.COLUMN. What
 * each of them means (a table, an alias, a column, a keyword) is not told apart: whoever asks knows
 * the objects, and takes every name for the object of that name. */
#ifndef MI_SQL_USES_H
#define MI_SQL_USES_H

#include "base/buf.h"
#include "sql/lexer.h"

#include <stdbool.h>

struct mi_use {
	/* what stands before the first point: a database, or a table, or an alias; MI_LEX_END:
	 * nothing */
	struct mi_lexeme db;
	struct mi_lexeme name; /* a WORD, a NAME, or the * of t.* */
	bool call;             /* a parenthesis follows: perhaps a function */
	bool procedure;        /* the word CALL stands before */
};

typedef void mi_use_fn(void *user, const struct mi_use *use);

/* Calls fn for each name, in the order of the text; of a name's parts the third is left out. lexer
 * is at the beginning. False: the text could not be taken apart to its end. */
bool mi_uses_each(struct mi_lexer lexer, mi_use_fn *fn, void *user);

/* Appends what a name says, in lower case as far as ASCII goes. True: all of it is ASCII. */
bool mi_use_name(const struct mi_lexeme *name, struct mi_buf *out);

#endif
