/* The calls of functions in a definition's text: which names stand before brackets as functions
 * do, with how many arguments. Whether such a name is a function, a type or a word of the grammar
 * is not known here: ask a server. */
#ifndef MI_SQL_CALLS_H
#define MI_SQL_CALLS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_call {
	struct mi_span name; /* as it stands, quotes included */
	size_t arguments;
	struct mi_span part; /* in CREATE TABLE: the quoted name of the column, key or constraint
	                        that it stands in; empty: none */
};

typedef void mi_call_fn(void *user, const struct mi_call *call);

enum mi_calls_form {
	MI_CALLS_WRITTEN, /* as a person wrote it: the body of a program */
	MI_CALLS_PRINTED, /* as servers print it, which quote names and do not quote functions */
	MI_CALLS_TABLE,   /* the same, and a CREATE TABLE */
};

/* Calls fn for each call in text, under sql_mode (a value of the variable). Names that are not
 * called are left out where the word before says so: INSERT INTO name (, db.name (, CALL name (.
 * False: text cannot be taken apart to its end. */
bool mi_calls_each(struct mi_span text, struct mi_span sql_mode, enum mi_calls_form form,
                   mi_call_fn *fn, void *user);

#endif
