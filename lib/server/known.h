/* Functions as they are called, and what two servers have said of them: a small cache in front of
 * mi_ask_function, for texts that call the same ones again and again. */
#ifndef MI_SERVER_KNOWN_H
#define MI_SERVER_KNOWN_H

#include "base/buf.h"
#include "base/err.h"
#include "server/ask.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stddef.h>

/* A function as it is called: with so many arguments. */
struct mi_known {
	char *name; /* as it was written first, without quotes */
	size_t arguments;
	enum mi_asked source, target;
	/* the caller's, false at first: is it a loadable one at the target, and was that asked? */
	bool loadable, loadable_asked;
};

/* {0} is empty, and good. */
struct mi_knowns {
	struct mi_known *items;
	size_t count;
};

/* What the servers say of a function of that name (as in a statement, quotes included). They are
 * asked when it is new, and their default database changes then. *known is good until the next call
 * of this function. -1: a server is lost; nothing is kept then. */
MI_MUST int mi_known_find(struct mi_knowns *knowns, struct mi_conn *source, struct mi_conn *target,
                          struct mi_span name, size_t arguments, struct mi_known **known,
                          struct mi_err *err);

/* Has the source this function, built in or loaded, and is it one? */
bool mi_known_is_there(const struct mi_known *known);

/* Forgets everything, and frees it. */
void mi_knowns_release(struct mi_knowns *knowns);

#endif
