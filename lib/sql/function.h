/* The words that may stand before a parenthesis in a read: functions built into the servers whose
 * result depends on their arguments, the rows and the clock alone, and words of the grammar. */
#ifndef MI_SQL_FUNCTION_H
#define MI_SQL_FUNCTION_H

#include "base/buf.h"

#include <stdbool.h>

enum mi_function_form {
	MI_FUNCTION_GRAMMAR, /* a reserved word or a type: cannot be the name of a function of one's
	                        own */
	MI_FUNCTION_NATIVE, /* wins over a stored function of its name, with or without space before
	                       ( */
	MI_FUNCTION_TIGHT,  /* only directly before (, unless IGNORE_SPACE: "Function Name Parsing
	                       and  Resolution" in the MySQL manual */
};

struct mi_function {
	const char *name; /* upper case */
	enum mi_function_form form;
	unsigned mysql, mariadb; /* the version that brought it, as 80000; 1: all that are
	                            supported; 0: it has none */
};

extern const struct mi_function mi_functions[]; /* sorted by name */
extern const size_t mi_function_count;

/* NULL: not on the list. */
const struct mi_function *mi_function_find(struct mi_span name);

/* Is it built into that server? */
static inline bool mi_function_is_in(const struct mi_function *function, bool mariadb,
                                     unsigned version)
{
	unsigned since = mariadb ? function->mariadb : function->mysql;

	return since > 0 && since <= version;
}

#endif
