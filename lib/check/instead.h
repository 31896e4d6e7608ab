/* What is known of functions that one server has and another has not, or has in another form: what
 * stands in for them, and an example by which two servers show that they differ. */
#ifndef MI_CHECK_INSTEAD_H
#define MI_CHECK_INSTEAD_H

#include "base/buf.h"

#include <stdbool.h>

/* What to write in place of a function (its name alone, no quotes) on a server of that flavour;
 * NULL: nothing is known. */
const char *mi_instead_of(struct mi_span name, bool mariadb);

/* Expressions without tables whose results tell whether two servers mean the same by a function. */
struct mi_example {
	const char *name; /* the function */
	const char *sql;  /* the expression */
};
extern const struct mi_example mi_examples[]; /* ends with a row whose name is NULL */

#endif
