/* What the statements of a program's body do to the session that runs it: of a stored procedure,
 * function or trigger, of a compound statement, of text that is prepared. By the words that stand
 * where a statement may begin; what it calls is another program (sql/uses.h says which).
 *
 * Source: "Compound Statement Syntax" and "Prepared Statements" in the MySQL manual, "Programmatic
 * and Compound Statements" in the MariaDB knowledge base. */
#ifndef MI_SQL_PROGRAM_H
#define MI_SQL_PROGRAM_H

#include "base/buf.h"
#include "sql/lexer.h"

#include <stdbool.h>

struct mi_program_facts {
	unsigned pins; /* enum mi_class_pin: state that it may make */
	bool changes;  /* it may change rows */
	bool defines;  /* it may create, alter or drop something lasting */
	bool prepares; /* it prepares a statement */
	bool hidden; /* it runs text that is made as it runs, or text that cannot be taken apart */
};

/* Adds to facts, which begins as {0}. lexer is at the body's beginning. */
void mi_program_read(struct mi_lexer lexer, struct mi_program_facts *facts);

#endif
